import type { Json } from '../model/json.ts';
import { EntryGate } from './entry-gate.ts';
import type { ReadEvent, ReadOptions, SourceFile } from './format.ts';
import { unguard } from './formula-guard.ts';
import { maxColumns } from './limits.ts';
import { Unreadable } from './unreadable.ts';

/** A row below the header; an absent value (null) is no field. */
export type TableRow =
  | { readonly line: number; readonly cells: readonly Json[] }
  | { readonly line: number; readonly problem: string; readonly column?: number };

export interface Table {
  readonly header: readonly string[];
  readonly headerLine: number;
  readonly rows: AsyncIterable<readonly TableRow[]>;
  /** Rows may be shorter than the header: trailing cells that were never filled. */
  readonly ragged: boolean;
}

/** Rows under a header as entries: the column `id` names them, the others are their fields. */
export async function* entriesOfTable(file: SourceFile, table: Table, options: ReadOptions): AsyncGenerator<readonly ReadEvent[]> {
  if (table.header.length > maxColumns) {
    const message = `the header has ${count(table.header.length, 'column')}, at most ${maxColumns} are read`;
    throw new Unreadable({ file: file.path, line: table.headerLine, message });
  }
  const gate = new EntryGate(file.path, options);
  const { names, idColumn, notes } = columnsOf(table, options);
  if (options.idField !== undefined && idColumn === -1) {
    const message = `there is no column '${options.idField}'; the columns are ${names.join(', ')}`;
    throw new Unreadable({ file: file.path, line: table.headerLine, message });
  }
  for (const message of notes) gate.report({ line: table.headerLine, message });
  yield gate.events();
  for await (const rows of table.rows) {
    for (const row of rows) {
      if ('problem' in row) {
        const key = row.column === undefined ? undefined : names[row.column];
        gate.lose({ line: row.line, ...(key !== undefined && { key }), message: row.problem });
      } else if (row.cells.length > names.length || (row.cells.length < names.length && !table.ragged)) {
        gate.lose({
          line: row.line,
          message: `has ${count(row.cells.length, 'cell')}, but the header has ${count(names.length, 'column')}`,
        });
      } else {
        const id = idColumn === -1 ? undefined : nameOf(row.cells[idColumn]);
        gate.take({ id, fields: fieldsOf(row.cells, names, idColumn), line: row.line });
      }
    }
    yield gate.events();
  }
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

/** Every column gets a name of its own: two of one name, or none, would hide data. */
function columnsOf(table: Table, options: ReadOptions): { names: string[]; idColumn: number; notes: string[] } {
  const names: string[] = [];
  const notes: string[] = [];
  const taken = new Set(table.header);
  const given = new Set<string>();
  for (const [column, title] of table.header.entries()) {
    let name = unguard(title).replaceAll('\0', '\ufffd') || `column_${column + 1}`;
    if (given.has(name)) {
      const original = name;
      for (let number = 2; given.has(name) || taken.has(name); number++) name = `${original}_${number}`;
      notes.push(`there are two columns '${original}': the second is called '${name}' here`);
    }
    given.add(name);
    names.push(name);
  }
  return { names, idColumn: names.indexOf(options.idField ?? 'id'), notes };
}

/** An empty cell is no id, yet there is an id column: '' is refused by name. */
function nameOf(cell: Json | undefined): Json {
  return typeof cell === 'string' ? unguard(cell) : (cell ?? '');
}

function fieldsOf(cells: readonly Json[], names: readonly string[], idColumn: number): Record<string, Json> {
  const fields: Record<string, Json> = {};
  for (let column = 0; column < cells.length; column++) {
    const cell = cells[column];
    if (column === idColumn || cell === null) continue;
    setField(fields, names[column], typeof cell === 'string' ? unguard(cell) : cell);
  }
  return fields;
}

/** `__proto__` is a name like any other. */
export function setField(fields: Record<string, Json>, name: string, value: Json): void {
  if (name === '__proto__') Object.defineProperty(fields, name, { value, enumerable: true, configurable: true, writable: true });
  else fields[name] = value;
}
