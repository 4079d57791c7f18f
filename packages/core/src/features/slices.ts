import { quantile } from '../math/statistics.ts';
import { type Item, textOf } from '../model/item.ts';
import { madeField } from '../model/made.ts';
import { languageOf } from './language.ts';
import { daysOf, eachField, type FieldProfile, kindOfField, numberOf, profileFields, type Scalar } from './field-profile.ts';

/** One way to part the items: by a field, by length, by language. */
export interface Slicing {
  readonly name: string;
  /** Slice of each item; undefined where it has none. */
  readonly sliceOf: readonly (string | undefined)[];
}

export interface SlicingOptions {
  /** Without it every field that has few values, or numbers or dates; which are cut into quarters. */
  readonly fields?: readonly string[];
  /** Default 20. */
  readonly maxCategories?: number;
  /** The text part whose length and language are looked at; without it all text. */
  readonly part?: string;
}

/** Every way to part the items that the data offer. */
export function slicingsOf(items: readonly Item[], { fields, maxCategories = 20, part }: SlicingOptions = {}): Slicing[] {
  const rows = items.map((item) => Object.fromEntries(Object.entries(item.fields).filter(([name]) => name !== madeField)));
  const profiles = profileFields(rows).filter(({ name, element }) => (fields === undefined ? !element : fields.includes(name)));
  const slicings = profiles.flatMap((profile) => {
    const kind = kindOfField(profile, maxCategories);
    if (kind === 'number' || kind === 'date') return [byQuarters(profile, rows, kind)];
    return kind === 'category' && profile.distinct <= maxCategories ? [byValue(profile.name, rows)] : [];
  });
  const texts = items.map((item) => textOf(item, part));
  return [...slicings, byLength(texts), byLanguage(texts)].filter(({ sliceOf }) => new Set(sliceOf).size > 1);
}

type Row = Item['fields'];

function byValue(name: string, rows: readonly Row[]): Slicing {
  return { name, sliceOf: rows.map((row) => valueOf(row, name)?.map(String).join(', ')) };
}

function byQuarters({ name, sample }: FieldProfile, rows: readonly Row[], kind: 'number' | 'date'): Slicing {
  const read = kind === 'number' ? numberOf : daysOf;
  const say = kind === 'number' ? String : (days: number): string => new Date(days * 86_400_000).toISOString().slice(0, 10);
  const numbers = rows.map((row) => {
    const value = valueOf(row, name)?.[0];
    return value === undefined ? Number.NaN : read(value);
  });
  return { name, sliceOf: quarters(sample, numbers, say) };
}

/** Characters of the text. */
function byLength(texts: readonly string[]): Slicing {
  const lengths = Float64Array.from(texts, (text) => text.length);
  return { name: 'length', sliceOf: quarters(lengths.slice().sort(), lengths, String) };
}

/** Languages of a hundredth of the texts at least: rarer ones are mostly wrong guesses. One alone parts nothing but short texts from others. */
function byLanguage(texts: readonly string[]): Slicing {
  const sliceOf = texts.map(languageOf);
  const counts = new Map<string | undefined, number>();
  for (const language of sliceOf) counts.set(language, (counts.get(language) ?? 0) + 1);
  const frequent = new Set(
    [...counts].filter(([language, count]) => language !== undefined && count >= 0.01 * texts.length).map(([one]) => one),
  );
  return { name: 'language', sliceOf: sliceOf.map((language) => (frequent.size > 1 && frequent.has(language) ? language : undefined)) };
}

/** Cut at the quartiles of `sorted`; equal numbers stay together. */
function quarters(sorted: ArrayLike<number>, numbers: ArrayLike<number>, say: (value: number) => string): (string | undefined)[] {
  const cuts = [...new Set([0.25, 0.5, 0.75].map((share) => quantile(sorted, share)))];
  const nameOf = (at: number): string => {
    if (at === 0) return `up to ${say(cuts[0])}`;
    return at === cuts.length ? `above ${say(cuts[at - 1])}` : `above ${say(cuts[at - 1])}, up to ${say(cuts[at])}`;
  };
  return Array.from(numbers, (value) => (Number.isNaN(value) ? undefined : nameOf(cuts.filter((cut) => value > cut).length)));
}

function valueOf(row: Row, wanted: string): readonly Scalar[] | undefined {
  let found: readonly Scalar[] | undefined;
  eachField(row, (name, values) => {
    if (name === wanted) found = values;
  });
  return found;
}
