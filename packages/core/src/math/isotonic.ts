/** A non-decreasing step function, linear between the centres of its steps and flat beyond them. */
export interface IsotonicFit {
  /** Ascending; `values` belongs to it one by one and does not fall. */
  readonly scores: Float64Array;
  readonly values: Float64Array;
}

/** The non-decreasing function nearest to the targets in weighted squares, by pooling adjacent violators; equal scores are one.
 *  O(n log n). M. Ayer et al. (1955), Ann. Math. Statist. 26(4); for calibration B. Zadrozny & C. Elkan (2002), KDD.
 *  @param scores n numbers, in any order   @param targets n, parallel   @param weights n > 0; 1 each where absent */
export function fitIsotonic(scores: ArrayLike<number>, targets: ArrayLike<number>, weights?: ArrayLike<number>): IsotonicFit {
  const order = Int32Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[a] - scores[b]);
  const pools: Pool[] = [];
  for (const i of order) {
    const weight = weights ? weights[i] : 1;
    const last = pools.at(-1);
    if (last && last.high === scores[i]) {
      last.sum += weight * targets[i];
      last.weight += weight;
    } else pools.push({ low: scores[i], high: scores[i], sum: weight * targets[i], weight });
  }
  const merged: Pool[] = [];
  for (const pool of pools) {
    merged.push(pool);
    while (merged.length > 1 && meanOf(merged[merged.length - 2]) >= meanOf(merged[merged.length - 1])) {
      const upper = merged.pop() as Pool;
      const lower = merged[merged.length - 1];
      lower.high = upper.high;
      lower.sum += upper.sum;
      lower.weight += upper.weight;
    }
  }
  // Both ends of a step, so that it is flat there and linear in the gap to the next one.
  const ends = merged.flatMap((pool) =>
    pool.low === pool.high ? [[pool.low, meanOf(pool)]] : [pool.low, pool.high].map((at) => [at, meanOf(pool)]),
  );
  return { scores: Float64Array.from(ends, ([score]) => score), values: Float64Array.from(ends, ([, value]) => value) };
}

interface Pool {
  readonly low: number;
  high: number;
  sum: number;
  weight: number;
}

function meanOf({ sum, weight }: Pool): number {
  return sum / weight;
}

/** The value at a score; 0 for a fit of nothing. O(log steps). */
export function isotonicAt({ scores, values }: IsotonicFit, score: number): number {
  const last = scores.length - 1;
  if (last < 0) return 0;
  if (!(score > scores[0])) return values[0];
  if (score >= scores[last]) return values[last];
  let low = 0;
  let high = last;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (scores[middle] <= score) low = middle;
    else high = middle;
  }
  const share = (score - scores[low]) / (scores[high] - scores[low]);
  return values[low] + share * (values[high] - values[low]);
}
