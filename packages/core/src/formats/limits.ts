/** What one file may ask of us. Characters are UTF-16 code units. Whatever is longer is a problem with its line, found while streaming:
 *  no more than one such record is ever held. */

/** One line of JSONL, one record of CSV, one element of a JSON array. */
export const maxRecordLength = 16 * 1024 * 1024;
/** One text of an item. */
export const maxTextLength = 5_000_000;
/** Columns of a table: what a sheet of Excel has. */
export const maxColumns = 16_384;
/** Nested arrays and objects in a field: deeper ones overflow the stack of whoever walks them later. */
export const maxJsonDepth = 64;
/** A compressed workbook, which is held whole: its table of contents is at the end. */
export const maxWorkbookBytes = 256 * 1024 * 1024;
/** XML elements in a part of a workbook that is held whole when unpacked (its shared texts have two each): 400 bytes of memory an element. Sheets stream. */
export const maxWorkbookElements = 1_000_000;
/** Sheets compress some 20 to 40 times; what unpacks to far more was made to hurt. */
export const maxUnpackingRatio = 200;
