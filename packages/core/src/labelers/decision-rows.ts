import Papa from 'papaparse';
import { CoreError, reasonOf } from '../model/errors.ts';
import { type CellTest, parseCell } from './decision-cell.ts';

/** A decision table as written: what its columns ask about, and its rows. */
export interface DecisionRows {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  readonly hasPriority: boolean;
}
export interface Column {
  /** As in the header: a field, `text`, or an expression. */
  readonly header: string;
  /** 1-based, in the table. */
  readonly position: number;
}
export interface Row {
  /** 1-based, of the text of the table. */
  readonly line: number;
  /** A test per column, in their order. */
  readonly tests: readonly CellTest[];
  /** The tests as written. */
  readonly cells: readonly string[];
  /** As written; '' says nothing. */
  readonly label: string;
  readonly priority: number;
  readonly note: string;
}

const results = new Set(['label', 'priority', 'note']);

/** @throws CoreError 'bad-options' naming line and column of the text: no label column, a column twice, a row of another width, a cell that
 *  cannot be read */
export function parseDecisionRows(text: string, who: string, path: string): DecisionRows {
  const records = readCsv(text, who, path);
  const header = records[0]?.cells ?? [];
  const fail = failing(who, path);
  if (records.length < 2)
    throw fail(1, undefined, `a header and at least one row are needed, got ${records.length === 0 ? 'nothing' : 'a header'}`);
  checkHeader(header, fail);
  const columns = header.flatMap((name, index) => (results.has(name) ? [] : [{ header: name, position: index + 1 }]));
  const rows = records.slice(1).map(({ line, cells }) => {
    if (cells.length !== header.length) {
      const hint = cells.length > header.length ? ': a cell with a comma in it is quoted, its quote right after the comma before it' : '';
      throw fail(line, undefined, `${cells.length} cells, but the header has ${header.length}${hint}`);
    }
    const cell = (name: string): string => cells[header.indexOf(name)] ?? '';
    const tests = columns.map(({ position }) => {
      try {
        return parseCell(cells[position - 1]);
      } catch (error) {
        throw fail(line, { position, header: header[position - 1] }, reasonOf(error));
      }
    });
    const priority = cell('priority') === '' ? 0 : Number(cell('priority'));
    if (!Number.isFinite(priority)) throw fail(line, columnAt(header, 'priority'), `a priority is a number, got '${cell('priority')}'`);
    return { line, tests, cells: columns.map(({ position }) => cells[position - 1]), label: cell('label'), priority, note: cell('note') };
  });
  return { columns, rows, hasPriority: header.includes('priority') };
}

type Fail = (line: number, column: Column | undefined, message: string) => CoreError;

/** Errors that name the place in the table. */
export function failing(who: string, path: string): Fail {
  return (line, column, message) => {
    const place = column ? `, column ${column.position} (${column.header})` : '';
    const details = column ? { path, line, column: column.position } : { path, line };
    return new CoreError('bad-options', `${who}: ${path}: line ${line}${place}: ${message}`, details);
  };
}

function columnAt(header: readonly string[], name: string): Column {
  return { header: name, position: header.indexOf(name) + 1 };
}

function checkHeader(header: readonly string[], fail: Fail): void {
  if (!header.includes('label')) throw fail(1, undefined, `a column 'label' is needed, got ${header.join(', ')}`);
  if (header.every((name) => results.has(name)))
    throw fail(1, undefined, 'a column that asks something is needed beside label, priority and note');
  header.forEach((name, index) => {
    if (name === '') throw fail(1, { header: '', position: index + 1 }, 'a column without a name');
    if (header.indexOf(name) < index) throw fail(1, { header: name, position: index + 1 }, 'there is a column of this name already');
  });
}

interface CsvRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

/** Cells are trimmed, blank lines left out. The header tells the separator: a tab, else a semicolon, else a comma. */
function readCsv(text: string, who: string, path: string): CsvRecord[] {
  // One kind of line end, or the parser takes the others for text; the byte order mark is none of the first name.
  const source = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const records: CsvRecord[] = [];
  let line = 1;
  let start = 0;
  let fault: CoreError | undefined;
  Papa.parse<string[]>(source, {
    delimiter: separatorOf(source),
    newline: '\n',
    step: ({ data, errors, meta }, parser) => {
      if (errors.length > 0) {
        fault = failing(who, path)(line, undefined, 'a quote that opens is never closed, or text follows it');
        parser.abort();
        return;
      }
      const cells = data.map((cell) => cell.trim());
      if (cells.some((cell) => cell !== '')) records.push({ line, cells });
      line += source.slice(start, meta.cursor).split('\n').length - 1;
      start = meta.cursor;
    },
  });
  if (fault) throw fault;
  return records;
}

function separatorOf(source: string): string {
  const header = (/\S.*/.exec(source)?.[0] ?? '').replace(/"[^"]*"/g, '');
  return ['\t', ';'].find((separator) => header.includes(separator)) ?? ',';
}
