import type { Json } from '../model/json.ts';
import type { Problem } from '../model/problem.ts';
import { maxTextLength } from './limits.ts';

type Fields = Readonly<Record<string, Json>>;

/** The fields as they can be stored: NUL, which databases refuse, becomes U+FFFD and is reported. Undefined where a text is too long, which is
 *  reported as well. Fields without such things come back as the same object. Not for values deeper than `maxJsonDepth`. */
export function checkJson(fields: Fields, report: (problem: Problem) => void): Fields | undefined {
  let nul: string | undefined;
  const fail = (key: string, message: string): undefined => report({ key, message }) as undefined;
  for (const key of Object.keys(fields)) {
    const fault = faultOf(fields[key]);
    if (fault === 'long') return fail(key, `holds a text of more than ${maxTextLength.toLocaleString('en-US')} characters`);
    if (fault === 'nul' || key.includes('\0')) nul ??= key;
  }
  if (nul === undefined) return fields;
  report({ key: nul, message: 'holds NUL characters: they are replaced by U+FFFD' });
  return withoutNul(fields) as Fields;
}

type Fault = 'long' | 'nul';

function faultOf(value: Json): Fault | undefined {
  if (typeof value === 'string') {
    if (value.length > maxTextLength) return 'long';
    return value.includes('\0') ? 'nul' : undefined;
  }
  if (value === null || typeof value !== 'object') return undefined;
  let worst: Fault | undefined;
  const values = Array.isArray(value) ? (value as readonly Json[]) : Object.values(value as Fields);
  for (const inner of values) {
    const fault = faultOf(inner);
    if (fault === 'long') return fault;
    worst ??= fault;
  }
  if (worst === undefined && !Array.isArray(value) && Object.keys(value).some((key) => key.includes('\0'))) return 'nul';
  return worst;
}

function withoutNul(value: Json): Json {
  if (typeof value === 'string') return value.replaceAll('\0', '\ufffd');
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(withoutNul);
  return Object.fromEntries(Object.entries(value as Fields).map(([key, inner]) => [key.replaceAll('\0', '\ufffd'), withoutNul(inner)]));
}

/** Whether JSON text is nested deeper than `levels`. Parsing such a text is safe, walking what comes of it is not. */
export function isDeeper(text: string, levels: number): boolean {
  return hasMoreOf(text, '[', '{', levels) && depthOf(text) > levels;
}

/** Few texts have so many brackets at all: finding them is faster than reading every character. */
function hasMoreOf(text: string, first: string, second: string, limit: number): boolean {
  let count = 0;
  for (const bracket of [first, second]) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) if (++count > limit) return true;
  }
  return false;
}

function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '"') {
      for (at++; at < text.length && text[at] !== '"'; at++) if (text[at] === '\\') at++;
    } else if (char === '[' || char === '{') {
      deepest = Math.max(deepest, ++depth);
    } else if (char === ']' || char === '}') {
      depth--;
    }
  }
  return deepest;
}
