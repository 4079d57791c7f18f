import { z } from 'zod';
import type { Matrix } from '../math/matrix.ts';
import { squaredDistancesBetween } from '../math/row-distances.ts';
import { pickRows } from '../math/sparse.ts';
import { quantile } from '../math/statistics.ts';

export const outlierShare = z
  .number()
  .min(0)
  .max(0.5)
  .default(0.01)
  .describe(
    'Items that lie farther from their neighbours than all but this share do are left out: odd ones teach little. 0 leaves none out',
  );

/** Tells odd items by their mean distance to the nearest ten of a sample of the others. Always false where there are few items. The sample are the
 *  first rows named: name them in an order of chance. */
export function outlierTest(features: Matrix, rows: ArrayLike<number>, share: number): (items: ArrayLike<number>) => boolean[] {
  const size = Math.min(rows.length, sampleSize);
  if (share === 0 || size < fewest) return (items) => Array.from(items, () => false);
  const sample = pickRows(
    features,
    Array.from({ length: size }, (_, at) => rows[at]),
  );
  const inSample = new Set(Array.from({ length: size }, (_, at) => rows[at]));
  const limit = quantile(isolation(sample, sample, () => 1).sort(), 1 - share);
  return (items) => {
    // A row of the sample is its own nearest: that one does not count.
    const alone = isolation(pickRows(features, items), sample, (at) => Number(inSample.has(items[at])));
    return Array.from(alone, (distance) => distance > limit);
  };
}

const sampleSize = 512;
const fewest = 50;
const neighbours = 10;

/** Mean distance of each row to its nearest ten in the sample, after as many nearer ones as are skipped. */
function isolation(rows: Matrix, sample: Matrix, skippedOf: (row: number) => number): Float64Array {
  const squared = squaredDistancesBetween(rows, sample);
  const at = (row: number): Float64Array => squared.subarray(row * sample.rows, (row + 1) * sample.rows);
  return Float64Array.from({ length: rows.rows }, (_, row) => meanOfNearest(at(row), neighbours, skippedOf(row)));
}

/** The mean square root of the `count` smallest, after `skipped` smaller ones; 0 where there are none. Insertion into a short list. */
export function meanOfNearest(squared: Float64Array, count: number, skipped = 0): number {
  const wanted = Math.min(count + skipped, squared.length);
  const nearest = new Float64Array(wanted);
  let used = 0;
  for (const value of squared) {
    if (used === wanted && !(value < nearest[used - 1])) continue;
    let at = used < wanted ? used++ : used - 1;
    for (; at > 0 && nearest[at - 1] > value; at--) nearest[at] = nearest[at - 1];
    nearest[at] = value;
  }
  let sum = 0;
  for (let at = skipped; at < used; at++) sum += Math.sqrt(nearest[at]);
  return used > skipped ? sum / (used - skipped) : 0;
}
