import type { CodePointSet } from './program.ts';

/** What matching reads: a string, or something that counts how often it is read. */
export type Text = Pick<string, 'length' | 'charCodeAt'>;

/** The class of a high surrogate: two units must be decoded to know the class of their code point. */
export const surrogate = 0;

/** Code points that no set tells apart are one class, so tables have a column per class, not one per character. */
export interface Alphabet {
  /** Classes 0..size-1; class 0 is `surrogate`. */
  readonly size: number;
  /** Class per UTF-16 code unit. A low surrogate here is a lone one. */
  readonly ofUnit: Uint16Array;
  /** Class of any code point, lone surrogates included. */
  readonly of: (codePoint: number) => number;
  /** Per class, a code point of it (its lowest). */
  readonly sample: Int32Array;
}

/** The coarsest partition of all code points that respects every set, by refining it a set at a time. O(Σ ranges · sets) at worst. */
export function alphabetOf(sets: readonly CodePointSet[]): Alphabet {
  const bounds = boundsOf(sets);
  const raw = new Int32Array(bounds.length);
  let fresh = 1;
  for (const set of sets) {
    const split = new Map<number, number>();
    eachInterval(set, bounds, (interval) => {
      let part = split.get(raw[interval]);
      if (part === undefined) split.set(raw[interval], (part = fresh++));
      raw[interval] = part;
    });
  }
  const renumbered = new Map<number, number>();
  const classes = raw.map((part) => {
    if (!renumbered.has(part)) renumbered.set(part, renumbered.size + 1);
    return renumbered.get(part) as number;
  });
  const size = renumbered.size + 1;
  const sample = new Int32Array(size);
  for (let interval = classes.length - 1; interval >= 0; interval--) sample[classes[interval]] = bounds[interval];
  const ofUnit = unitTable(bounds, classes);
  const of = (codePoint: number): number => {
    const known = codePoint <= 0xffff ? ofUnit[codePoint] : surrogate;
    return known === surrogate ? classes[intervalOf(bounds, codePoint)] : known;
  };
  return { size, ofUnit, of, sample };
}

/** The code point at a place: a lone surrogate stands for itself. */
export function codePointAt(text: Text, at: number): number {
  const high = text.charCodeAt(at);
  if (high < 0xd800 || high > 0xdbff || at + 1 >= text.length) return high;
  const low = text.charCodeAt(at + 1);
  return low < 0xdc00 || low > 0xdfff ? high : (high - 0xd800) * 0x400 + (low - 0xdc00) + 0x10000;
}

/** Where intervals start that are wholly inside or outside of every set; the first is 0. */
function boundsOf(sets: readonly CodePointSet[]): Int32Array {
  const bounds = new Set([0]);
  for (const set of sets) {
    for (let r = 0; r < set.length; r += 2) {
      bounds.add(set[r]);
      if (set[r + 1] < 0x10ffff) bounds.add(set[r + 1] + 1);
    }
  }
  return Int32Array.from(bounds).sort();
}

function eachInterval(set: CodePointSet, bounds: Int32Array, visit: (interval: number) => void): void {
  for (let r = 0; r < set.length; r += 2) {
    for (let interval = intervalOf(bounds, set[r]); interval < bounds.length && bounds[interval] <= set[r + 1]; interval++) visit(interval);
  }
}

/** The last bound at or below. */
function intervalOf(bounds: Int32Array, codePoint: number): number {
  let low = 0;
  let high = bounds.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (bounds[middle] <= codePoint) low = middle;
    else high = middle;
  }
  return low;
}

function unitTable(bounds: Int32Array, classes: Int32Array): Uint16Array {
  const table = new Uint16Array(0x10000);
  for (let interval = 0; interval < bounds.length && bounds[interval] <= 0xffff; interval++) {
    table.fill(classes[interval], bounds[interval], interval + 1 < bounds.length ? Math.min(bounds[interval + 1], 0x10000) : 0x10000);
  }
  return table.fill(surrogate, 0xd800, 0xdc00);
}
