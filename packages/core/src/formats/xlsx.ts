import { type CellValue, streamXlsxRows, writeXlsxStream, XLSX_MAX_ROWS_PER_SHEET } from 'hucre/xlsx';
import { reasonOf } from '../model/errors.ts';
import type { Json } from '../model/json.ts';
import { joinedBytes } from './bytes.ts';
import type { Dataset, Format, ReadEvent, ReadOptions, SourceFile, Writing } from './format.ts';
import { textOfJson } from './json-values.ts';
import { maxWorkbookBytes } from './limits.ts';
import { Losses } from './losses.ts';
import { entriesOfTable, type TableRow } from './table-entries.ts';
import { writtenTable } from './table-writing.ts';
import { readingOf, Unreadable } from './unreadable.ts';
import { checkWorkbook } from './zip-contents.ts';

/** Excel workbooks: one sheet, a header in its first row. Numbers and true/false stay what they are; formulas give their last value. */
const xlsx: Format = {
  name: 'xlsx',
  title: 'Excel workbook',
  summary: 'One sheet of an .xlsx workbook with a header row: fields only, up to 1,048,575 items.',
  extensions: ['.xlsx', '.xlsm'],
  recognises: (_path, head) => head[0] === 0x50 && head[1] === 0x4b,
  read: (file, options) => readingOf(sheetEvents(file, options)),
  write,
};

async function* sheetEvents(file: SourceFile, options: ReadOptions): AsyncGenerator<readonly ReadEvent[]> {
  const bytes = await bytesOf(file);
  const rows = streamXlsxRows(bytes, options.sheet === undefined ? {} : { sheet: options.sheet });
  const first = await filledRow(rows, file);
  const header = first.values.map((value) => (value === null ? '' : textOfJson(textOrValue(value))));
  const headerLine = first.index + 1;
  yield* entriesOfTable(file, { header, headerLine, rows: rowsOf(rows, header.length, file), ragged: true }, options);
}

type SheetRows = ReturnType<typeof streamXlsxRows>;
type SheetRow = { readonly index: number; readonly values: readonly CellValue[] };

/** Held whole, as it stands on disk: the table of contents of a ZIP archive is at its end. */
async function bytesOf(file: SourceFile): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of file.bytes()) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxWorkbookBytes)
      throw new Unreadable({ file: file.path, message: `is more than ${maxWorkbookBytes / 1024 / 1024} MiB: save it as CSV` });
  }
  if (length === 0) throw new Unreadable({ file: file.path, message: 'is empty' });
  const bytes = joinedBytes(chunks);
  const fault = await checkWorkbook(bytes);
  if (fault !== undefined) throw new Unreadable({ file: file.path, message: fault });
  return bytes;
}

async function nextRow(rows: SheetRows, file: SourceFile): Promise<SheetRow | undefined> {
  try {
    const { done, value } = await rows.next();
    return done ? undefined : value;
  } catch (error) {
    throw new Unreadable({ file: file.path, message: `cannot be read as a workbook: ${reasonOf(error)}` });
  }
}

/** The first row that holds anything: the header. */
async function filledRow(rows: SheetRows, file: SourceFile): Promise<SheetRow> {
  for (;;) {
    const row = await nextRow(rows, file);
    if (!row) throw new Unreadable({ file: file.path, message: 'the sheet is empty, or is not there' });
    if (row.values.some((value) => value !== null)) return row;
  }
}

const batchSize = 256;

async function* rowsOf(rows: SheetRows, width: number, file: SourceFile): AsyncGenerator<readonly TableRow[]> {
  let batch: TableRow[] = [];
  for (;;) {
    const row = await nextRow(rows, file);
    if (!row) break;
    const cells = row.values.map(textOrValue);
    // Cells that once held something leave empty ones behind.
    while (cells.length > width && cells.at(-1) === null) cells.pop();
    if (cells.every((cell) => cell === null)) continue;
    batch.push({ line: row.index + 1, cells });
    if (batch.length < batchSize) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}

/** Dates become ISO 8601, without a time of day where it is midnight. */
function textOrValue(value: CellValue): Json {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString().replace('T00:00:00.000Z', '');
  return value;
}

const maxCellLength = 32_767;

function write(dataset: Dataset): Writing {
  const losses = new Losses();
  const fit = (text: string): { text: string; loss: string } | undefined => {
    if (text.length > maxCellLength)
      return { text: text.slice(0, maxCellLength), loss: `#(text is|texts are) cut to ${maxCellLength} characters: a cell holds no more` };
    return loneSurrogate.test(text)
      ? {
          text: text.replaceAll(/\p{Surrogate}/gu, '\ufffd'),
          loss: '#(text has|texts have) halves of surrogate pairs, which become U+FFFD',
        }
      : undefined;
  };
  async function* rows(): AsyncGenerator<CellValue[]> {
    const table = await writtenTable(dataset, { format: 'XLSX', typed: true, gaps: true, fit }, losses);
    yield table.header.map(escaped);
    let count = 1;
    for await (const row of table.rows) {
      if (count < XLSX_MAX_ROWS_PER_SHEET) yield row.map(escaped);
      else losses.add(`items: #(item is|items are) not written: a sheet holds ${XLSX_MAX_ROWS_PER_SHEET - 1} below its header`);
      count++;
    }
  }
  return { chunks: chunksOf(() => writeXlsxStream(rows(), { name: 'Items' })), losses: () => losses.list() };
}

const loneSurrogate = /\p{Surrogate}/u;

/** Workbooks write U+0041 as `_x0041_`; a text that has such letters itself must say so. */
function escaped(cell: CellValue): CellValue {
  return typeof cell === 'string' ? cell.replaceAll(/_(?=x[0-9a-fA-F]{4}_)/g, '_x005F_') : cell;
}

/** Readable streams are not iterable in every browser. */
async function* chunksOf(open: () => ReturnType<typeof writeXlsxStream>): AsyncGenerator<Uint8Array> {
  const reader = open().getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel();
  }
}

export default xlsx;
