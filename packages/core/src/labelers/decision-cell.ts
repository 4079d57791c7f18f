import { describeValue, numberIn, readNumber, ValueFault } from '../expressions/functions.ts';
import { Pattern } from '../expressions/pattern.ts';

/** What a cell of a decision table asks of a value; the syntax is that of DMN's unary tests, with `~` and `contains` on top.
 *  OMG, Decision Model and Notation 1.5 (2024), chapter 10.3.2.6. */
export type CellTest =
  | { readonly kind: 'any' }
  /** Bare (`NG`, `5`): a number equals "5" and "5.0"; quoted (`"5"`): that text and no other. */
  | { readonly kind: 'literal'; readonly text: string; readonly number?: number }
  | { readonly kind: 'interval'; readonly low: number; readonly high: number; readonly lowOpen: boolean; readonly highOpen: boolean }
  | { readonly kind: 'pattern'; readonly pattern: Pattern }
  | { readonly kind: 'contains'; readonly part: string }
  | { readonly kind: 'not'; readonly test: CellTest }
  | { readonly kind: 'either'; readonly tests: readonly CellTest[] };

/** @throws Error that says what is wrong with the cell */
export function parseCell(cell: string): CellTest {
  const text = cell.trim();
  if (text === '' || text === '-') return { kind: 'any' };
  const tests = alternatives(text).map(parseAlternative);
  return tests.length === 1 ? tests[0] : { kind: 'either', tests };
}

/** Whether the value passes. A list passes with any of its entries. An empty cell of a CSV file, or null, is no number: it passes no comparison.
 *  @throws ValueFault where a text is compared as a number that is none */
export function passes(test: CellTest, value: unknown): boolean {
  switch (test.kind) {
    case 'any':
      return true;
    case 'not':
      return !passes(test.test, value);
    case 'either':
      return test.tests.some((each) => passes(each, value));
    default:
      return Array.isArray(value) ? value.some((entry) => passesOne(test, entry)) : passesOne(test, value);
  }
}

type SimpleTest = Exclude<CellTest, { kind: 'any' | 'not' | 'either' }>;

function passesOne(test: SimpleTest, value: unknown): boolean {
  switch (test.kind) {
    case 'literal':
      return textOf(value) === test.text || (test.number !== undefined && readNumber(value) === test.number);
    case 'interval':
      return !isNothing(value) && inside(test, numberIn(value));
    case 'pattern':
      return test.pattern.found(textOf(value));
    default:
      return textOf(value).includes(test.part);
  }
}

function isNothing(value: unknown): boolean {
  return value === null || (typeof value === 'string' && value.trim() === '');
}

function inside(interval: Extract<CellTest, { kind: 'interval' }>, number: number): boolean {
  const above = interval.lowOpen ? number > interval.low : number >= interval.low;
  return above && (interval.highOpen ? number < interval.high : number <= interval.high);
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null) return '';
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (value instanceof Date) return value.toISOString();
  throw new ValueFault(`${describeValue(value)} cannot be compared with a cell`);
}

/** Whether every value that passes `narrow` passes `wide`: sound, not complete ("no" may mean "not seen"). */
export function covers(wide: CellTest, narrow: CellTest): boolean {
  if (wide.kind === 'any') return true;
  if (narrow.kind === 'either') return narrow.tests.every((each) => covers(wide, each));
  if (wide.kind === 'either') return wide.tests.some((each) => covers(each, narrow));
  if (wide.kind === 'not') return narrow.kind === 'not' && covers(narrow.test, wide.test);
  switch (narrow.kind) {
    case 'literal':
      return coversLiteral(wide, narrow);
    case 'interval':
      return wide.kind === 'interval' && coversInterval(wide, narrow);
    case 'contains':
      return wide.kind === 'contains' && narrow.part.includes(wide.part);
    case 'pattern':
      return wide.kind === 'pattern' && wide.pattern.source === narrow.pattern.source;
    default:
      return false;
  }
}

/** A bare 5 also lets "5.0" pass, so only tests of numbers cover it. */
function coversLiteral(wide: SimpleTest, narrow: Extract<CellTest, { kind: 'literal' }>): boolean {
  if (wide.kind === 'interval') return narrow.number !== undefined && inside(wide, narrow.number);
  if (wide.kind === 'literal' && wide.number !== undefined && narrow.number !== undefined) return wide.number === narrow.number;
  return narrow.number === undefined && passesOne(wide, narrow.text);
}

type Interval = Extract<CellTest, { kind: 'interval' }>;

function coversInterval(wide: Interval, narrow: Interval): boolean {
  const below = wide.low < narrow.low || (wide.low === narrow.low && (!wide.lowOpen || narrow.lowOpen));
  return below && (wide.high > narrow.high || (wide.high === narrow.high && (!wide.highOpen || narrow.highOpen)));
}

/** Cut at commas outside of quotes and brackets. A pattern goes to the end of the cell: commas are part of it. */
function alternatives(cell: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let depth = 0;
  for (let at = 0; at < cell.length; at++) {
    const character = cell[at];
    if (character === '"') at = endOfQuoted(cell, at);
    else if (character === '~' && cell.slice(start, at).trim() === '' && !/^~\s*"/.test(cell.slice(at))) break;
    else if (character === '(') depth += 1;
    else if (character === ')') depth = Math.max(0, depth - 1);
    else if (character === ',' && depth === 0) {
      parts.push(cell.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(cell.slice(start));
  return parts.map((part) => part.trim());
}

/** Position of the closing quote; a doubled quote inside is one. */
function endOfQuoted(cell: string, start: number): number {
  for (let at = start + 1; at < cell.length; at++) {
    if (cell[at] !== '"') continue;
    if (cell[at + 1] !== '"') return at;
    at++;
  }
  throw new Error('a quote that opens is never closed');
}

const number = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?`;
const range = new RegExp(String.raw`^([[\](])\s*(${number})\s*\.\.\s*(${number})\s*([\])[])$`);
const comparison = /^(<=|>=|<|>|!=|=)\s*(.*)$/s;

function parseAlternative(text: string): CellTest {
  if (text === '') throw new Error('nothing between two commas: quote a text with a comma in it');
  const negated = /^not\s*\((.*)\)$/s.exec(text);
  if (negated) return { kind: 'not', test: parseCell(negated[1]) };
  if (text.startsWith('~')) return { kind: 'pattern', pattern: new Pattern(operand(text.slice(1), '~')) };
  const contains = /^contains\s(.*)$/s.exec(text);
  if (contains) return { kind: 'contains', part: operand(contains[1], 'contains') };
  const compared = comparison.exec(text);
  if (compared) return parseComparison(compared[1], compared[2]);
  if (/^[[\](].*\.\..*[\])[]$/s.test(text)) return parseRange(text);
  return literal(text);
}

function parseComparison(sign: string, rest: string): CellTest {
  if (sign === '=') return literal(rest);
  if (sign === '!=') return { kind: 'not', test: literal(rest) };
  const bound = readNumber(rest);
  if (bound === undefined) throw new Error(`'${sign}' compares with a number, got '${rest}'`);
  const open = sign.length === 1;
  return sign.startsWith('<')
    ? { kind: 'interval', low: Number.NEGATIVE_INFINITY, high: bound, lowOpen: false, highOpen: open }
    : { kind: 'interval', low: bound, high: Number.POSITIVE_INFINITY, lowOpen: open, highOpen: false };
}

/** `[1..5]` with its ends, `(1..5)` or `]1..5[` without. */
function parseRange(text: string): CellTest {
  const parts = range.exec(text);
  if (!parts) throw new Error(`a range is two numbers like [1..5] or (0..0.5], got '${text}'`);
  const [low, high] = [Number(parts[2]), Number(parts[3])];
  if (low > high) throw new Error(`the range '${text}' is empty: its lower end comes first`);
  return { kind: 'interval', low, high, lowOpen: parts[1] !== '[', highOpen: parts[4] !== ']' };
}

function literal(text: string): CellTest {
  const value = operand(text, 'a cell');
  const bare = text.startsWith('"') ? undefined : readNumber(value);
  return bare === undefined ? { kind: 'literal', text: value } : { kind: 'literal', text: value, number: bare };
}

function operand(given: string, who: string): string {
  const text = given.trim();
  if (!text.startsWith('"')) {
    if (text === '') throw new Error(`${who} needs a value`);
    return text;
  }
  if (endOfQuoted(text, 0) !== text.length - 1) throw new Error(`text after the closing quote in '${text}'`);
  return text.slice(1, -1).replaceAll('""', '"');
}
