import { findWords } from '../features/words.ts';

/** A complaint of one of our functions, in words for the user; CEL passes it on as it is. */
export class ValueFault extends Error {}
export class NotANumber extends ValueFault {}

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** A number, or a text that spells one as programs do (`-12.5`, `1e3`), spaces around it aside. "1,234" is none: it may mean either of two. */
export function readNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  return decimal.test(text) ? Number(text) : undefined;
}

/** @throws ValueFault */
export function numberIn(value: unknown): number {
  const number = readNumber(value);
  if (number === undefined) throw new NotANumber(`${describeValue(value)} is not a number`);
  return number;
}

/** The words of a text in any language, as they stand. */
export function wordsOf(text: string): string[] {
  const bounds: number[] = [];
  findWords(text, bounds);
  const words: string[] = [];
  for (let at = 0; at < bounds.length; at += 2) words.push(text.slice(bounds[at], bounds[at + 1]));
  return words;
}

/** How often `part` is in `text`, without overlaps. @throws ValueFault for an empty part */
export function occurrences(text: string, part: string): number {
  if (part === '') throw new ValueFault("count(text, part): the part to count is '', which is everywhere");
  let count = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) count++;
  return count;
}

const day = /^\d{4}-\d{2}-\d{2}$/;
const moment = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?$/;
const offset = /(Z|[+-]\d{2}:?\d{2})$/;

/** A day is its first moment; a time without an offset is meant in UTC: the zone of the machine must not change an answer. @throws ValueFault */
export function dateIn(given: string): Date {
  const text = given.trim();
  const complete = day.test(text) ? text : moment.test(text) ? `${text.replace(' ', 'T')}${offset.test(text.slice(10)) ? '' : 'Z'}` : '';
  const date = new Date(complete);
  if (Number.isNaN(date.getTime())) {
    throw new ValueFault(`date(${describeValue(given)}): expected a date like 2024-12-31 or 2024-12-31T23:59:00Z`);
  }
  return date;
}

export function codePoints(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1) count++;
  return count;
}

/** A value of CEL as a user would write it, cut to one short line. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(cut(value, 40));
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.length > 5 ? `a list of ${value.length}` : cut(`[${value.map(describeValue).join(', ')}]`, 60);
  if (value instanceof Map) return `a map of ${value.size}`;
  return typeof value === 'object' ? `a map of ${Object.keys(value).length}` : `a ${typeof value}`;
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
