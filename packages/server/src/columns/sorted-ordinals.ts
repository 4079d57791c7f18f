/** Ordinals by key, smallest first, equal ones by ordinal. Radix sort: a million in some 30 ms.
 *  @param keys one per ordinal  @param chosen those to be sorted, in ascending order; absent: all */
export function sortedOrdinals(keys: Uint32Array, chosen?: Int32Array): Int32Array {
  let from: Int32Array = chosen ? chosen.slice() : allOrdinals(keys.length);
  let to: Int32Array = new Int32Array(from.length);
  for (let shift = 0; shift < 32; shift += digitBits) {
    const starts = new Uint32Array(digits + 1);
    for (let i = 0; i < from.length; i++) starts[((keys[from[i]] >>> shift) & (digits - 1)) + 1]++;
    // Where all keys have one digit, there is nothing to do.
    if (starts.includes(from.length)) continue;
    for (let digit = 0; digit < digits; digit++) starts[digit + 1] += starts[digit];
    for (let i = 0; i < from.length; i++) to[starts[(keys[from[i]] >>> shift) & (digits - 1)]++] = from[i];
    [from, to] = [to, from];
  }
  return from;
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
