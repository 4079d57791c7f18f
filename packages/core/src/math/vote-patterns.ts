import type { Gold, VoteTable } from '../model/vote-table.ts';

/** Votes by item, items with the same votes (and the same gold label) told once. Row p of the n′ patterns stands for `count[p]` items;
 *  its votes are `codes[e]` for e in `[offsets[p], offsets[p + 1])`, ascending, each `labeler · k + label`. */
export interface VotePatterns {
  readonly n: number;
  readonly m: number;
  readonly k: number;
  readonly size: number;
  readonly offsets: Int32Array;
  readonly codes: Uint16Array | Uint32Array;
  /** Items that share the pattern; absent where every item is its own pattern, in the order of the items. */
  readonly count?: Float64Array;
  /** The pattern of every item; absent where `count` is. */
  readonly patternOf?: Int32Array;
  /** The trusted label per pattern, -1 where there is none; absent where there is no gold at all. */
  readonly gold?: Int32Array;
}

/** Groups equal rows where that pays: a sample of rows tells whether they repeat. O(votes), in any row order. */
export function votePatterns(votes: VoteTable, gold?: Gold): VotePatterns {
  const rows = votesByItem(votes);
  const goldOf = gold && gold.item.length > 0 ? goldPerItem(votes.items.length, gold) : undefined;
  const plain: VotePatterns = goldOf ? { ...rows, gold: goldOf } : rows;
  return repeats(plain) ? grouped(plain) : plain;
}

/** A P×k matrix over patterns as an n×k matrix over items. Not copied where every item is its own pattern. */
export function spreadOverItems(patterns: VotePatterns, perPattern: Float64Array): Float64Array {
  const { n, k, patternOf } = patterns;
  if (!patternOf) return perPattern;
  const out = new Float64Array(n * k);
  for (let i = 0; i < n; i++) {
    const from = patternOf[i] * k;
    for (let c = 0; c < k; c++) out[i * k + c] = perPattern[from + c];
  }
  return out;
}

/** Every `step`-th pattern, as patterns of its own (`patternOf` is left out): what an EM warms up on. */
export function everyNthPattern(patterns: VotePatterns, step: number): VotePatterns {
  const { offsets, codes, count, gold } = patterns;
  const size = Math.ceil(patterns.size / step);
  const newOffsets = new Int32Array(size + 1);
  for (let p = 0; p < size; p++) newOffsets[p + 1] = newOffsets[p] + offsets[p * step + 1] - offsets[p * step];
  const newCodes = codes instanceof Uint16Array ? new Uint16Array(newOffsets[size]) : new Uint32Array(newOffsets[size]);
  for (let p = 0; p < size; p++) newCodes.set(codes.subarray(offsets[p * step], offsets[p * step + 1]), newOffsets[p]);
  const every = <Column extends Float64Array | Int32Array>(column: Column): Column =>
    column.filter((_: number, p: number) => p % step === 0) as Column;
  const newCount = count && every(count);
  let items = size;
  if (newCount) items = newCount.reduce((sum, c) => sum + c, 0);
  return {
    n: items,
    m: patterns.m,
    k: patterns.k,
    size,
    offsets: newOffsets,
    codes: newCodes,
    ...(newCount ? { count: newCount } : {}),
    ...(gold ? { gold: every(gold) } : {}),
  };
}

/** How often each labeler said each label: m·k counts, by code. */
export function codeCounts(patterns: VotePatterns): Float64Array {
  const { m, k, size, offsets, codes, count } = patterns;
  const counts = new Float64Array(m * k);
  if (!count) {
    for (let e = 0; e < codes.length; e++) counts[codes[e]] += 1;
    return counts;
  }
  for (let p = 0; p < size; p++) for (let e = offsets[p]; e < offsets[p + 1]; e++) counts[codes[e]] += count[p];
  return counts;
}

function goldPerItem(n: number, gold: Gold): Int32Array {
  const out = new Int32Array(n).fill(-1);
  for (let g = 0; g < gold.item.length; g++) out[gold.item[g]] = gold.label[g];
  return out;
}

function votesByItem(votes: VoteTable): VotePatterns {
  const { item, labeler, label } = votes;
  const n = votes.items.length;
  const m = votes.labelers.length;
  const k = votes.labels.length;
  const rows = item.length;
  const offsets = new Int32Array(n + 1);
  let sorted = true;
  for (let r = 0; r < rows; r++) {
    offsets[item[r] + 1]++;
    if (r > 0 && item[r] < item[r - 1]) sorted = false;
  }
  for (let i = 0; i < n; i++) offsets[i + 1] += offsets[i];
  const codes = m * k <= 0x10000 ? new Uint16Array(rows) : new Uint32Array(rows);
  if (sorted) for (let r = 0; r < rows; r++) codes[r] = labeler[r] * k + label[r];
  else {
    const next = offsets.slice(0, n);
    for (let r = 0; r < rows; r++) codes[next[item[r]]++] = labeler[r] * k + label[r];
  }
  for (let i = 0; i < n; i++) sortRow(codes, offsets[i], offsets[i + 1]);
  return { n, m, k, size: n, offsets, codes };
}

/** Insertion sort: rows are short and mostly in order already; long ones go to the library. */
function sortRow(codes: Uint16Array | Uint32Array, start: number, end: number): void {
  if (end - start > 64) {
    codes.subarray(start, end).sort();
    return;
  }
  for (let e = start + 1; e < end; e++) {
    const code = codes[e];
    let at = e;
    while (at > start && codes[at - 1] > code) {
      codes[at] = codes[at - 1];
      at--;
    }
    codes[at] = code;
  }
}

function hashRow(codes: Uint16Array | Uint32Array, start: number, end: number, seed: number): number {
  let hash = Math.imul(seed + 0x9e3779b9, 0x85ebca6b);
  for (let e = start; e < end; e++) {
    hash = Math.imul(hash ^ codes[e], 0x01000193);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

const sampleSize = 1 << 16;

/** Whether at least one sampled row in five is a repeat of another. A sample this large sees the repeats of tables with up to some 10^5
 *  patterns, beyond which grouping saves little. */
function repeats({ size, offsets, codes, gold }: VotePatterns): boolean {
  if (size < 2) return false;
  const step = Math.max(1, Math.floor(size / sampleSize));
  const seen = new Set<number>();
  let sampled = 0;
  for (let p = 0; p < size; p += step) {
    seen.add(hashRow(codes, offsets[p], offsets[p + 1], gold ? gold[p] : -1));
    sampled++;
  }
  return seen.size <= 0.8 * sampled;
}

function grouped(rows: VotePatterns): VotePatterns {
  const { n, m, k, offsets, codes, gold } = rows;
  let capacity = 16;
  while (capacity < 2 * n) capacity *= 2;
  const slots = new Int32Array(capacity); // 1 + the pattern that sits there
  const first = new Int32Array(n); // the first item of each pattern
  const patternOf = new Int32Array(n);
  let size = 0;
  let total = 0;
  for (let i = 0; i < n; i++) {
    let slot = hashRow(codes, offsets[i], offsets[i + 1], gold ? gold[i] : -1) & (capacity - 1);
    while (slots[slot] !== 0 && !sameRow(rows, first[slots[slot] - 1], i)) slot = (slot + 1) & (capacity - 1);
    if (slots[slot] === 0) {
      first[size] = i;
      total += offsets[i + 1] - offsets[i];
      slots[slot] = ++size;
    }
    patternOf[i] = slots[slot] - 1;
  }
  const newOffsets = new Int32Array(size + 1);
  const newCodes = codes instanceof Uint16Array ? new Uint16Array(total) : new Uint32Array(total);
  const count = new Float64Array(size);
  for (let p = 0; p < size; p++) {
    const i = first[p];
    newOffsets[p + 1] = newOffsets[p] + offsets[i + 1] - offsets[i];
    for (let e = offsets[i], at = newOffsets[p]; e < offsets[i + 1]; e++, at++) newCodes[at] = codes[e];
  }
  for (let i = 0; i < n; i++) count[patternOf[i]]++;
  const groupedGold = gold && Int32Array.from({ length: size }, (_, p) => gold[first[p]]);
  return { n, m, k, size, offsets: newOffsets, codes: newCodes, count, patternOf, ...(groupedGold ? { gold: groupedGold } : {}) };
}

function sameRow({ offsets, codes, gold }: VotePatterns, a: number, b: number): boolean {
  const length = offsets[a + 1] - offsets[a];
  if (length !== offsets[b + 1] - offsets[b] || (gold && gold[a] !== gold[b])) return false;
  for (let e = 0; e < length; e++) if (codes[offsets[a] + e] !== codes[offsets[b] + e]) return false;
  return true;
}
