import type { Json } from '../model/json.ts';
import { findWords } from './words.ts';

/** What the values of a field look like: counts over all rows, quantiles from at most some thousand of them. */
export interface FieldProfile {
  readonly name: string;
  /** A number of a list of numbers (measurements, an embedding): never an id, whatever it looks like. */
  readonly element: boolean;
  /** Rows with a value, and rows without (absent, null or ''). A list counts once. */
  readonly present: number;
  readonly missing: number;
  /** Single values: numbers, dates and all. */
  readonly values: number;
  readonly numbers: number;
  readonly dates: number;
  /** How often each value occurs, as text; the first `maxDistinct` different ones of at most `maxValueLength` characters. */
  readonly counts: ReadonlyMap<string, number>;
  readonly distinct: number;
  readonly words: number;
  /** Numbers, or days since 1970 for dates; sorted. */
  readonly sample: Float64Array;
}

export type FieldKind = 'number' | 'date' | 'category' | 'text' | 'id' | 'nothing';

const maxDistinct = 20_000;
const maxDistinctElements = 32;
/** Longer ones are no categories: not worth remembering. */
const maxValueLength = 200;
const maxSample = 8_192;

/** One pass over rows. Nested objects are fields `outer.inner`; lists of texts are several values; lists of
 *  numbers are fields `list.0`, `list.1` …; lists of objects are passed over. */
export function profileFields(rows: Iterable<Readonly<Record<string, Json>>>): FieldProfile[] {
  const profiles = new Map<string, Growing>();
  let total = 0;
  for (const row of rows) {
    eachField(row, (name, values, element) => {
      let profile = profiles.get(name);
      if (!profile) profiles.set(name, (profile = startProfile(element)));
      profile.present += 1;
      for (const value of values) note(profile, value);
    });
    total += 1;
  }
  return [...profiles].map(([name, { sample, beyond, ...profile }]) => ({
    ...profile,
    name,
    missing: total - profile.present,
    distinct: profile.counts.size + beyond,
    sample: Float64Array.from(sample).sort(),
  }));
}

/** What a field is good for. Judged by the values; a name that says "id" is believed, for ids must never become features. */
export function kindOfField(profile: FieldProfile, maxCategories: number): FieldKind {
  const { name, values, numbers, dates, distinct } = profile;
  if (distinct === 1 && profile.missing === 0) return 'nothing';
  if (profile.element) return 'number';
  if (isIdName(name)) return 'id';
  const unique = values >= 20 && distinct >= 0.95 * values;
  if (numbers >= 0.9 * values) return unique && isCounting(profile) ? 'id' : 'number';
  if (dates >= 0.9 * values) return 'date';
  const wordsEach = profile.words / values;
  if (distinct <= maxCategories && values >= 2 * distinct && wordsEach <= 6) return 'category';
  if (wordsEach >= 2) return 'text';
  return unique ? 'id' : 'category';
}

function isIdName(name: string): boolean {
  const last = name.split('.').at(-1) ?? name;
  return /(^|[\W_])(id|uuid|guid)$/i.test(last) || /[a-z](Id|ID|Uuid|Guid)$/.test(last);
}

/** Whole numbers that fill their range: row numbers. */
function isCounting({ sample, values }: FieldProfile): boolean {
  const range = sample[sample.length - 1] - sample[0] + 1;
  return sample.every(Number.isInteger) && range >= 0.95 * values && range <= 1.5 * values;
}

/** Calls `visit` for each field that has values, nested ones by their path. */
export function eachField(
  row: Readonly<Record<string, Json>>,
  visit: (name: string, values: readonly Scalar[], element: boolean) => void,
  prefix = '',
): void {
  for (const [key, value] of Object.entries(row)) {
    if (value === null || value === '') continue;
    if (Array.isArray(value)) {
      if (value.length > 0 && value.every((entry: Json) => typeof entry === 'number')) {
        value.forEach((entry: number, at) => visit(`${prefix + key}.${at}`, [entry], true));
        continue;
      }
      const texts = value.filter(
        (entry: Json): entry is string | boolean => (typeof entry === 'string' && entry !== '') || typeof entry === 'boolean',
      );
      if (texts.length > 0) visit(prefix + key, texts, false);
    } else if (typeof value === 'object') eachField(value as Readonly<Record<string, Json>>, visit, `${prefix}${key}.`);
    else visit(prefix + key, [value], false);
  }
}

export type Scalar = string | number | boolean;

/** NaN where it is none. `007` is a code, not a number. */
export function numberOf(value: Scalar): number {
  if (typeof value === 'number') return Number.isFinite(value) ? value : Number.NaN;
  if (typeof value === 'boolean') return Number.NaN;
  const text = value.trim();
  if (/^[+-]?(0|[1-9]\d*|\d{1,3}(,\d{3})+)?(\.\d+)?(e[+-]?\d+)?$/i.test(text) && /\d/.test(text))
    return finite(Number(text.replaceAll(',', '')));
  return Number.NaN;
}

/** Days since 1970 of an ISO 8601 date or time (UTC where it names no zone); NaN where it is none. */
export function daysOf(value: Scalar): number {
  if (typeof value !== 'string') return Number.NaN;
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)\s?(Z|[+-]\d\d:?\d\d)?)?$/i.exec(value.trim());
  if (!match) return Number.NaN;
  const [, day, time = '00:00', zone = 'Z'] = match;
  return Date.parse(`${day}T${time}${/^[+-]\d{4}$/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase()}`) / 86_400_000;
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : Number.NaN;
}

interface Growing {
  element: boolean;
  present: number;
  values: number;
  numbers: number;
  dates: number;
  counts: Map<string, number>;
  /** Values not in `counts`: taken as all different. */
  beyond: number;
  words: number;
  sample: number[];
  /** Every `stride`-th number goes into the sample. */
  stride: number;
}

function startProfile(element: boolean): Growing {
  return { element, present: 0, values: 0, numbers: 0, dates: 0, counts: new Map(), beyond: 0, words: 0, sample: [], stride: 1 };
}

const bounds: number[] = [];

function note(profile: Growing, value: Scalar): void {
  profile.values += 1;
  const text = String(value);
  const count = profile.counts.get(text);
  const isNew = text.length <= maxValueLength && profile.counts.size < (profile.element ? maxDistinctElements : maxDistinct);
  if (count !== undefined || isNew) profile.counts.set(text, (count ?? 0) + 1);
  else profile.beyond += 1;
  let number = numberOf(value);
  if (!Number.isNaN(number)) profile.numbers += 1;
  else {
    number = daysOf(value);
    if (!Number.isNaN(number)) profile.dates += 1;
    findWords(text.length > 1000 ? text.slice(0, 1000) : text, bounds);
    profile.words += bounds.length / 2;
  }
  if (Number.isNaN(number) || (profile.numbers + profile.dates) % profile.stride !== 0) return;
  profile.sample.push(number);
  if (profile.sample.length < maxSample) return;
  profile.sample = profile.sample.filter((_, at) => at % 2 === 1);
  profile.stride *= 2;
}
