import { setImmediate as nextTurn } from 'node:timers/promises';

/** Ordinals by key, smallest first, equal ones by ordinal. Radix sort: a million in some 60 ms.
 *  @param keys one per ordinal  @param chosen those to be sorted, in ascending order; absent: all */
export function sortedOrdinals(keys: Uint32Array, chosen?: Int32Array): Int32Array {
  const sorting = new Sorting(keys, chosen);
  while (sorting.step());
  return sorting.ordinals;
}

/** The same; others get their turn between the steps. */
export async function sortOrdinals(keys: Uint32Array, chosen?: Int32Array): Promise<Int32Array> {
  const sorting = new Sorting(keys, chosen);
  while (sorting.step()) await nextTurn();
  return sorting.ordinals;
}

class Sorting {
  ordinals: Int32Array;
  private readonly keys: Uint32Array;
  private spare: Int32Array;
  private shift = 0;

  constructor(keys: Uint32Array, chosen?: Int32Array) {
    this.keys = keys;
    this.ordinals = chosen ? chosen.slice() : allOrdinals(keys.length);
    this.spare = new Int32Array(this.ordinals.length);
  }

  /** By one digit more. @returns whether there are more of them */
  step(): boolean {
    const { keys, shift, ordinals: from, spare: to } = this;
    this.shift += digitBits;
    const starts = new Uint32Array(digits + 1);
    for (let i = 0; i < from.length; i++) starts[((keys[from[i]] >>> shift) & (digits - 1)) + 1]++;
    // Where all keys have one digit, there is nothing to do.
    if (!starts.includes(from.length)) {
      for (let digit = 0; digit < digits; digit++) starts[digit + 1] += starts[digit];
      for (let i = 0; i < from.length; i++) to[starts[(keys[from[i]] >>> shift) & (digits - 1)]++] = from[i];
      this.ordinals = to;
      this.spare = from;
    }
    return this.shift < 32;
  }
}

export function allOrdinals(n: number): Int32Array {
  const all = new Int32Array(n);
  for (let ordinal = 0; ordinal < n; ordinal++) all[ordinal] = ordinal;
  return all;
}

const digitBits = 11;
const digits = 1 << digitBits;

/** Keys in the order of numbers that are 0 or more. NaN comes last. */
export function keysOf(numbers: Float32Array): Uint32Array {
  return new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length);
}

/** Keys that shuffle, the same at any time: `lowbias32` of C. Wellons, Prospecting for Hash Functions (2018), nullprogram.com/blog/2018/07/31. */
export function shuffleKeys(n: number): Uint32Array {
  const keys = new Uint32Array(n);
  for (let ordinal = 0; ordinal < n; ordinal++) {
    let x = ordinal ^ (ordinal >>> 16);
    x = Math.imul(x, 0x7feb352d);
    x ^= x >>> 15;
    x = Math.imul(x, 0x846ca68b);
    keys[ordinal] = x ^ (x >>> 16);
  }
  return keys;
}
