import { CoreError } from '@labelwright/core/model/errors';
import { type CustomTypesConfig, types } from 'pg';

type Parser = (text: string) => unknown;

/** Whole numbers that JavaScript cannot hold are a fault, not a rounding. @throws CoreError 'number-too-large' */
function toInteger(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new CoreError('number-too-large', `database: a bigint must be within ±2^53 here, got ${text}: cast it to text in the query`);
}

/** By PostgreSQL's number of the type. pg gives bigint and numeric as text, and makes of a date the midnight of whatever zone the machine
 *  is in: here numbers, and the date as written. */
const ours = new Map<number, Parser>([
  [20, toInteger],
  [1700, Number],
  [1082, String],
  [1016, listOf(toInteger)],
  [1231, listOf(Number)],
  [1182, listOf(String)],
]);

/** One dimension; numbers and dates need no quotes. */
function listOf(parse: Parser): Parser {
  return (text) => (text === '{}' ? [] : text.slice(1, -1).split(',')).map((entry) => (entry === 'NULL' ? null : parse(entry)));
}

/** For a pool or a client: nobody else's `pg` is changed. */
export const valueTypes: CustomTypesConfig = { getTypeParser: (type) => ours.get(type) ?? types.getTypeParser(type) };
