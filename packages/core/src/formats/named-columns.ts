import { nearestName } from '../model/nearest-name.ts';
import { joinedBytes } from './bytes.ts';
import type { SourceFile } from './format.ts';
import { unguard } from './formula-guard.ts';
import { headText } from './head-text.ts';
import { TextDecoder } from './platform.ts';

/** What the columns of a header are; a text where it lacks one or has one twice. Any order, capitals and blanks around names count for nothing. */
export function columnRoles<Role>(
  header: readonly string[],
  required: Readonly<Record<string, Role>>,
  optional: Readonly<Record<string, Role>>,
  other: Role,
): { columns: Role[]; others: string[] } | string {
  const names = header.map((name) => unguard(name).trim().toLowerCase());
  const known = new Map(Object.entries({ ...required, ...optional }));
  const expected = [...Object.keys(required), ...Object.keys(optional).map((name) => `[${name}]`)].join(',');
  for (const name of Object.keys(required)) {
    if (names.includes(name)) continue;
    const near = nearestName(name, names);
    return `there is no column '${name}'${near ? ` (is it '${near}'?)` : ''}: the header must be ${expected}, got ${header.slice(0, 20).join(',')}`;
  }
  for (const name of known.keys()) if (names.indexOf(name) !== names.lastIndexOf(name)) return `there are two columns '${name}'`;
  return { columns: names.map((name) => known.get(name) ?? other), others: header.filter((_, column) => !known.has(names[column])) };
}

const headLength = 65_536;

/** Whether the first thing in a file is a JSON object. */
export async function isJsonLines(file: SourceFile): Promise<boolean> {
  return headText(await headOf(file, (head) => headText(head) !== '')).startsWith('{');
}

/** The first line of a file, where it is UTF-8 and ends in LF or CRLF. `length` in bytes, with byte order mark and line break. */
export async function plainHead(file: SourceFile): Promise<{ line: string; length: number } | undefined> {
  const head = await headOf(file, (bytes) => bytes.includes(10));
  const end = head.indexOf(10);
  const bytes = head.subarray(0, head[end - 1] === 13 ? end - 1 : end);
  if (end === -1 || bytes.includes(13)) return undefined;
  try {
    return { line: new TextDecoder('utf-8', { fatal: true }).decode(bytes), length: end + 1 };
  } catch {
    return undefined;
  }
}

async function headOf(file: SourceFile, enough: (head: Uint8Array) => boolean): Promise<Uint8Array> {
  let head: Uint8Array = new Uint8Array(0);
  for await (const chunk of file.bytes()) {
    head = joinedBytes([head, chunk]);
    if (head.length >= headLength || enough(head)) break;
  }
  return head;
}
