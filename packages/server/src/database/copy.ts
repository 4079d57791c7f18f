import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ClientBase } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

/** What a column takes. A JSON column takes its text. */
export type CopyValue = string | number | boolean | Date | Uint8Array | readonly (string | number)[] | null;

const chunkCharacters = 65_536;

/** Loads rows the fastest way there is (COPY), in one statement: all of them or, on any fault, none. Rows are made no faster than the
 *  server takes them. @param target `items (ordinal, id, fields)`  @param client busy until the end  @returns the number of rows */
export async function copyRows(
  client: ClientBase,
  target: string,
  rows: Iterable<readonly CopyValue[]> | AsyncIterable<readonly CopyValue[]>,
): Promise<number> {
  const copy = client.query(copyFrom(`copy ${target} from stdin`));
  await pipeline(Readable.from(chunksOf(rows), { objectMode: false }), copy);
  return copy.rowCount;
}

async function* chunksOf(rows: Iterable<readonly CopyValue[]> | AsyncIterable<readonly CopyValue[]>): AsyncGenerator<Buffer> {
  let text = '';
  for await (const row of rows) {
    text += lineOf(row);
    if (text.length < chunkCharacters) continue;
    yield Buffer.from(text);
    text = '';
  }
  if (text !== '') yield Buffer.from(text);
}

/** The text format: tabs between values, a line per row, `\N` for null. */
function lineOf(row: readonly CopyValue[]): string {
  let line = '';
  for (let c = 0; c < row.length; c++) line += (c === 0 ? '' : '\t') + textOf(row[c]);
  return `${line}\n`;
}

function textOf(value: CopyValue): string {
  if (value === null) return '\\N';
  if (typeof value === 'string') return escape(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return `\\\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`;
  return escape(`{${value.map((entry) => (typeof entry === 'number' ? String(entry) : quote(entry))).join(',')}}`);
}

const special = /[\\\t\n\r]/;
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function escape(text: string): string {
  return special.test(text) ? text.replace(/[\\\t\n\r]/g, (character) => escapes[character]) : text;
}

function quote(entry: string): string {
  return `"${entry.replace(/["\\]/g, '\\$&')}"`;
}
