import type { LabelerId, LabelId } from '../model/ids.ts';
import type { VoteTable } from '../model/vote-table.ts';

/** Votes grouped by item, equal rows once: pattern p is the votes `labeler[e]`, `label[e]` for e in `[offsets[p], offsets[p + 1])`, by
 *  ascending labeler, found on `times[p]` items. Items without votes are left out. What is measured later costs by pattern, not by item. */
export interface Ratings {
  readonly labelers: readonly LabelerId[];
  readonly labels: readonly LabelId[];
  readonly offsets: Int32Array;
  readonly labeler: Int32Array;
  readonly label: Int32Array;
  readonly times: Float64Array;
}

export function ratingsOf(votes: VoteTable): Ratings {
  const k = votes.labels.length;
  const order = byItemThenLabeler(votes);
  const rows = Int32Array.from(order, (row) => votes.labeler[row] * k + votes.label[row]);
  const offsets: number[] = [0];
  for (let at = 1; at <= order.length; at++) {
    if (at === order.length || votes.item[order[at]] !== votes.item[order[at - 1]]) offsets.push(at);
  }
  const starts = Int32Array.from(order.length === 0 ? [0] : offsets);
  const distinct = distinctRows(starts, rows);
  return {
    labelers: votes.labelers,
    labels: votes.labels,
    offsets: distinct.offsets,
    labeler: distinct.codes.map((code) => Math.floor(code / k)),
    label: distinct.codes.map((code) => code % k),
    times: distinct.times,
  };
}

/** How many items have at least two votes. */
export function overlapsOf(ratings: Ratings): number {
  let overlaps = 0;
  for (let p = 0; p < ratings.times.length; p++) if (ratings.offsets[p + 1] - ratings.offsets[p] > 1) overlaps += ratings.times[p];
  return overlaps;
}

/** Rows of codes (row r: `codes[offsets[r] … offsets[r + 1])`), each distinct row once in the order of its first appearance, with the sum of
 *  `times` (default 1). Open addressing over the rows themselves: exact, no keys to build. */
export function distinctRows(
  offsets: Int32Array,
  codes: Int32Array,
  times?: Float64Array,
): { offsets: Int32Array; codes: Int32Array; times: Float64Array } {
  const rows = offsets.length - 1;
  const mask = 2 ** Math.ceil(Math.log2(2 * rows + 2)) - 1;
  const slots = new Int32Array(mask + 1).fill(-1);
  const first = new Int32Array(rows);
  const total = new Float64Array(rows);
  let found = 0;
  for (let row = 0; row < rows; row++) {
    let slot = hashRow(codes, offsets[row], offsets[row + 1]) & mask;
    while (slots[slot] >= 0 && !sameRow(offsets, codes, first[slots[slot]], row)) slot = (slot + 1) & mask;
    if (slots[slot] < 0) {
      first[found] = row;
      slots[slot] = found++;
    }
    total[slots[slot]] += times ? times[row] : 1;
  }
  const kept = new Int32Array(found + 1);
  for (let p = 0; p < found; p++) kept[p + 1] = kept[p] + offsets[first[p] + 1] - offsets[first[p]];
  const keptCodes = new Int32Array(kept[found]);
  for (let p = 0; p < found; p++) keptCodes.set(codes.subarray(offsets[first[p]], offsets[first[p] + 1]), kept[p]);
  return { offsets: kept, codes: keptCodes, times: total.slice(0, found) };
}

function hashRow(codes: Int32Array, from: number, to: number): number {
  let hash = to - from;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ codes[at] ^ (hash >>> 15), 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}

function sameRow(offsets: Int32Array, codes: Int32Array, a: number, b: number): boolean {
  const length = offsets[a + 1] - offsets[a];
  if (offsets[b + 1] - offsets[b] !== length) return false;
  for (let at = 0; at < length; at++) if (codes[offsets[a] + at] !== codes[offsets[b] + at]) return false;
  return true;
}

/** The rows of the table in the order of item, then labeler: two counting sorts. */
function byItemThenLabeler(votes: VoteTable): Int32Array {
  const rows = Int32Array.from({ length: votes.item.length }, (_, row) => row);
  return sortedBy(sortedBy(rows, votes.labeler, votes.labelers.length), votes.item, votes.items.length);
}

function sortedBy(rows: Int32Array, key: Int32Array, keys: number): Int32Array {
  const at = new Int32Array(keys + 1);
  for (const row of rows) at[key[row] + 1]++;
  for (let value = 0; value < keys; value++) at[value + 1] += at[value];
  const sorted = new Int32Array(rows.length);
  for (const row of rows) sorted[at[key[row]]++] = row;
  return sorted;
}
