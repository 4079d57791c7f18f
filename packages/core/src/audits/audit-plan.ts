import { binomialCdf, hypergeometricCdf } from '../math/special-functions.ts';
import { toleratedErrors } from './accepted-count.ts';

/** The fewest audits that can prove an error of at most `targetError`, if not one label among them is wrong: ⌈ln risk / ln(1 − target)⌉, fewer
 *  where the pool is small. 5 % with 90 % confidence: 45; 2 %: 114; 1 %: 230. */
export function minimumAudit(targetError: number, risk: number, population = Number.POSITIVE_INFINITY): number {
  if (targetError >= 1) return 0;
  if (population === Number.POSITIVE_INFINITY) {
    return targetError <= 0 ? Number.POSITIVE_INFINITY : Math.ceil(Math.log(risk) / Math.log(1 - targetError) - 1e-9);
  }
  const marked = Math.floor(targetError * population + 1e-9) + 1;
  return firstWith(population, (n) => marked > population || hypergeometricCdf(0, population, marked, n) <= risk) ?? population;
}

/** The fewest audits that will prove the target with probability `power`, if the labels' true error is `expectedError`. Undefined where no number
 *  will: the labels are not good enough (or the pool would have to be checked whole). */
export function auditsNeeded(
  { targetError, risk, expectedError, power = 0.8 }: { targetError: number; risk: number; expectedError: number; power?: number },
  limit = 1_000_000,
): number | undefined {
  if (expectedError >= targetError) return undefined;
  return firstWith(limit, (audited) => proofChance({ audited, targetError, risk, expectedError }) >= power);
}

/** The probability that so many audits prove the target, if the labels' true error is `expectedError`. Exact binomial tails. */
export function proofChance({
  audited,
  targetError,
  risk,
  expectedError,
}: {
  audited: number;
  targetError: number;
  risk: number;
  expectedError: number;
}): number {
  let good = -1;
  for (let bad = Math.ceil(audited * targetError) + 1; bad - good > 1; ) {
    const middle = Math.floor((good + bad) / 2);
    if (binomialCdf(middle, audited, targetError) <= risk) good = middle;
    else bad = middle;
  }
  return good < 0 ? 0 : binomialCdf(good, audited, expectedError);
}

/** How many items to audit, and of which pool, so that people label least in the end: the frozen pool is the `pool` best-scored of what remains,
 *  of which `audit` are drawn; people label the audit, what lies outside the pool, and what `acceptedCount` rejects.
 *  @param wrong the model's own probability that each remaining label is wrong, by descending score; calibrated: where it is off it costs
 *  savings (too modest a model proposes too small a pool), never validity  @param allowed errors allowed among all final labels */
export function bestAudit(wrong: Float64Array, allowed: number, risk: number): { pool: number; audit: number; expectedAccepted: number } {
  const n = wrong.length;
  const expected = new Float64Array(n + 1);
  for (let at = 0; at < n; at++) expected[at + 1] = expected[at] + wrong[at];
  let best = { pool: 0, audit: 0, expectedAccepted: 0 };
  for (let part = 1; part <= 20; part++) {
    const pool = Math.round((n * part) / 20);
    for (let tenth = 1; tenth <= 24; tenth++) {
      const audit = Math.round(pool * 0.02 * tenth);
      const tolerated = toleratedErrors(pool, audit, allowed, risk);
      if (tolerated < 0 || audit === 0) continue;
      const rate = audit / pool;
      let range = 0;
      while (range < pool && comfortable(expected[range + 1] * rate, rate, tolerated)) range++;
      const expectedAccepted = range * (1 - rate);
      if (expectedAccepted > best.expectedAccepted) best = { pool, audit, expectedAccepted };
    }
  }
  return best;
}

/** Whether the audit will rarely find more than it tolerates: half a standard deviation of room. */
function comfortable(mean: number, rate: number, tolerated: number): boolean {
  return mean + 0.5 * Math.sqrt(mean * (1 - rate)) <= tolerated + 0.5;
}

/** The smallest n in 1..limit from which on `holds` is true, up to the saw-tooth of counts: doubling, bisection, then a step back where a
 *  smaller one already does. */
function firstWith(limit: number, holds: (n: number) => boolean): number | undefined {
  let high = 1;
  while (!holds(high)) {
    if (high >= limit) return undefined;
    high = Math.min(limit, high * 2);
  }
  let low = Math.floor(high / 2);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}
