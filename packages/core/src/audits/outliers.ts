import type { Matrix } from '../math/matrix.ts';
import { nearestNeighbours } from '../math/nearest-neighbours.ts';

export interface Outliers {
  /** n: mean cosine distance to the nearest neighbours, 0..1 (2 for opposite directions). */
  readonly distance: Float64Array;
  /** n: how many robust standard deviations that is above the median of all: 1.4826 · the median deviation of those above it, for distances
   *  are skewed. */
  readonly score: Float64Array;
  /** Rows whose score is above the bar, the farthest first. */
  readonly flagged: Int32Array;
}

/** Items unlike all others: far from their nearest neighbours, measured by what is usual in this set. Of n < 20 rows none is.
 *  S. Ramaswamy, R. Rastogi & K. Shim (2000), SIGMOD, doi:10.1145/342009.335437; the bar of 3.5 by B. Iglewicz & D. Hoaglin (1993).
 *  @param features rows of dense vectors, or sparse ones of some 20,000 at most */
export function outliers(features: Matrix, neighbours = 10, bar = 3.5): Outliers {
  const n = features.rows;
  const distance = new Float64Array(n);
  const score = new Float64Array(n);
  if (n < fewest) return { distance, score, flagged: new Int32Array(0) };
  const { k, distance: all } = nearestNeighbours(features, { k: neighbours, metric: 'cosine' });
  for (let row = 0; row < n; row++) {
    for (let at = row * k; at < (row + 1) * k; at++) distance[row] += all[at] / k;
  }
  const middle = median(distance);
  const above = distance.filter((value) => value > middle).map((value) => value - middle);
  const spread = above.length === 0 ? 0 : 1.4826 * median(above);
  for (let row = 0; row < n; row++) score[row] = (distance[row] - middle) / Math.max(spread, 1e-6);
  const flagged = Int32Array.from(score.keys()).filter((row) => score[row] > bar);
  return { distance, score, flagged: flagged.sort((a, b) => score[b] - score[a] || a - b) };
}

const fewest = 20;

function median(values: Float64Array): number {
  const sorted = values.slice().sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
