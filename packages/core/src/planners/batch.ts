import { z } from 'zod';
import { addRow, usualSquaredDistance, rowProduct, squaredDistance } from '../math/row-distances.ts';
import { pickRows } from '../math/sparse.ts';
import { type Candidates, largest } from './candidates.ts';
import type { Assignment, Situation } from './planner.ts';

export const duplicateShare = z
  .number()
  .min(0)
  .max(1)
  .default(0.01)
  .describe(
    'Items whose squared distance is below this share of the usual one are copies: a batch asks one of them. 0 asks copies as well',
  );

/** A ranked choice: places in the candidates, best first, each with its utility. */
export interface Ranked {
  readonly candidates: Candidates;
  readonly order: ArrayLike<number>;
  readonly utilities: Float64Array;
  /** Why the candidate at a place is asked. */
  readonly reasonOf: (place: number) => string;
}

/** The first B of a ranking that the budget pays for; near copies of what is taken wait until nothing else is left. */
export function takeBatch(situation: Situation, { candidates, order, utilities, reasonOf }: Ranked, duplicates: number): Assignment[] {
  const { batchSize, labelers } = situation;
  let left = situation.budgetUsd ?? Number.POSITIVE_INFINITY;
  const batch: Assignment[] = [];
  const take = (place: number): boolean => {
    const [item, labeler] = [candidates.item[place], candidates.labeler[place]];
    if (batch.length >= batchSize || labelers[labeler].costUsd > left) return false;
    left -= labelers[labeler].costUsd;
    batch.push({ item, labeler, utility: finite(utilities[place]), reason: reasonOf(place) });
    return true;
  };
  const isCopy = copyFinder(situation, candidates, order, duplicates);
  const copies: number[] = [];
  for (let at = 0; at < order.length && batch.length < batchSize; at++) {
    if (isCopy(order[at])) copies.push(order[at]);
    else take(order[at]);
  }
  for (const place of copies) take(place);
  return batch.sort((a, b) => b.utility - a.utility);
}

/** The B candidates of the highest utility; after the `first` ones, where some are to go before. */
export function takeLargest(
  situation: Situation,
  ranked: Omit<Ranked, 'order'>,
  duplicates: number,
  first: readonly number[] = [],
): Assignment[] {
  const { utilities, candidates } = ranked;
  const chosen = new Set(first);
  const take = (count: number): Assignment[] => {
    const others = Array.from(largest(utilities, count)).filter((place) => !chosen.has(place));
    return takeBatch(situation, { ...ranked, order: [...first, ...others] }, duplicates);
  };
  // Copies and what the budget does not pay for are passed over: some more than wanted are looked at, and all where that was too few.
  const few = 2 * situation.batchSize + 10;
  const batch = take(few);
  const enough = batch.length === Math.min(situation.batchSize, candidates.item.length) || few >= utilities.length;
  return enough ? batch : take(utilities.length);
}

/** Tells whether a place is a near copy of one that it was asked about before (and said no to). */
function copyFinder(
  { features, batchSize }: Situation,
  candidates: Candidates,
  order: ArrayLike<number>,
  duplicates: number,
): (place: number) => boolean {
  if (!features || duplicates === 0 || batchSize < 2) return () => false;
  const near = duplicates * usualSquaredDistance(pickRows(features, sampled(candidates.item, order)));
  const point = new Float32Array(features.columns);
  const taken: { item: number; square: number }[] = [];
  return (place) => {
    const item = candidates.item[place];
    if (taken.length > 4 * batchSize) return false;
    addRow(features, item, 1, point, 0);
    const square = rowProduct(features, item, point);
    const copy = taken.some((other) => squaredDistance(square, other.square, rowProduct(features, other.item, point)) <= near);
    addRow(features, item, -1, point, 0);
    if (!copy) taken.push({ item, square });
    return copy;
  };
}

/** At most a thousand of the ranked items and as many of the others: enough to know their spread. */
function sampled(items: Int32Array, order: ArrayLike<number>): number[] {
  const rows: number[] = [];
  for (let at = 0; at < Math.min(order.length, 1000); at++) rows.push(items[order[at]]);
  for (let at = 0; at < Math.min(items.length, 1000); at++) rows.push(items[at]);
  return rows;
}

function finite(utility: number): number {
  return Number.isFinite(utility) ? utility : 0;
}
