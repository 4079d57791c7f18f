import { CoreError } from '../model/errors.ts';
import type { Random } from './random.ts';
import { hypergeometricCdf, inverseIncompleteBeta, normalQuantile } from './special-functions.ts';

/** An estimate with the interval that holds the truth with the stated confidence, from n observations.
 *  With n = 0 nothing is known: 0.5 between 0 and 1. */
export interface Interval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
}

export const nothingKnown: Interval = Object.freeze({ estimate: 0.5, low: 0, high: 1, n: 0 });

/** The score interval of a share: short, and close to its nominal coverage on average (not always above it: for promises use the exact ones).
 *  E. B. Wilson (1927), JASA 22; recommended by Brown, Cai & DasGupta (2001), Statistical Science 16(2). */
export function wilson(successes: number, n: number, confidence = 0.95): Interval {
  checkCounts('wilson', successes, n, confidence);
  if (n === 0) return nothingKnown;
  const z = normalQuantile((1 + confidence) / 2);
  const share = successes / n;
  const centre = share + (z * z) / (2 * n);
  const reach = z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  const scale = 1 + (z * z) / n;
  return {
    estimate: share,
    low: successes === 0 ? 0 : Math.max(0, (centre - reach) / scale),
    high: successes === n ? 1 : Math.min(1, (centre + reach) / scale),
    n,
  };
}

/** The exact interval of a share: coverage never below the confidence. C. J. Clopper & E. S. Pearson (1934), Biometrika 26. */
export function clopperPearson(successes: number, n: number, confidence = 0.95): Interval {
  checkCounts('clopper-pearson', successes, n, confidence);
  if (n === 0) return nothingKnown;
  const tail = (1 - confidence) / 2;
  return { estimate: successes / n, low: 1 - binomialUpper(n - successes, n, tail), high: binomialUpper(successes, n, tail), n };
}

/** Upper bound of a share after `successes` of n, wrong with probability at most `risk`. 1 where n = 0. */
export function binomialUpper(successes: number, n: number, risk: number): number {
  return successes >= n ? 1 : inverseIncompleteBeta(1 - risk, successes + 1, n - successes);
}

/** Upper bound of the *count* of marked things in a finite population, n drawn without replacement and `successes` of them marked; wrong with
 *  probability at most `risk`: the largest count under which so few marked draws are not that unlikely. O(log population) tails. */
export function hypergeometricUpper(successes: number, n: number, population: number, risk: number): number {
  checkPool('hypergeometric-upper', successes, n, population);
  let possible = successes;
  let excluded = population - n + successes + 1;
  while (excluded - possible > 1) {
    const marked = Math.floor((possible + excluded) / 2);
    if (hypergeometricCdf(successes, population, marked, n) > risk) possible = marked;
    else excluded = marked;
  }
  return possible;
}

/** Lower bound of the count, the mirror of `hypergeometricUpper`. */
export function hypergeometricLower(successes: number, n: number, population: number, risk: number): number {
  return population - hypergeometricUpper(n - successes, n, population, risk);
}

/** The exact interval of a share in a finite population of which n were seen. Zero width where all were. */
export function hypergeometricInterval(successes: number, n: number, population: number, confidence = 0.95): Interval {
  checkCounts('hypergeometric', successes, n, confidence);
  checkPool('hypergeometric', successes, n, population);
  if (n === 0) return nothingKnown;
  const tail = (1 - confidence) / 2;
  return {
    estimate: successes / n,
    low: hypergeometricLower(successes, n, population, tail) / population,
    high: hypergeometricUpper(successes, n, population, tail) / population,
    n,
  };
}

export interface Mean {
  readonly mean: number;
  /** Standard error of the mean; 0 where n < 2. */
  readonly standardError: number;
  readonly n: number;
}

/** Two passes: no cancellation. Mean 0 where there is nothing. */
export function meanOf(values: ArrayLike<number>): Mean {
  const n = values.length;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += values[i];
  const mean = n === 0 ? 0 : sum / n;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (values[i] - mean) ** 2;
  return { mean, standardError: n < 2 ? 0 : Math.sqrt(squares / (n - 1) / n), n };
}

/** Linear between order statistics (Hyndman & Fan's type 7, the default of numpy and R). @param sorted ascending, not empty */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const position = Math.min(1, Math.max(0, share)) * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
}

/** Percentile bootstrap over n units: `statistic` gets the drawn indices and returns a number, or undefined where the draw has no value
 *  (such draws are left out). Without any value, the interval is the estimate's own. B. Efron (1979), Ann. Statist. 7(1). */
export function bootstrap(
  n: number,
  statistic: (drawn: Int32Array) => number | undefined,
  random: Random,
  { replicates = 1000, confidence = 0.95 }: { replicates?: number; confidence?: number } = {},
): Interval {
  if (n === 0) return nothingKnown;
  const drawn = Int32Array.from({ length: n }, (_, i) => i);
  const estimate = statistic(drawn) ?? 0.5;
  const values: number[] = [];
  for (let replicate = 0; replicate < replicates; replicate++) {
    for (let i = 0; i < n; i++) drawn[i] = random.integer(n);
    const value = statistic(drawn);
    if (value !== undefined) values.push(value);
  }
  return { estimate, n, ...percentiles(values, confidence, estimate) };
}

/** The middle `confidence` of the values (sorted in place); `otherwise` at both ends where there are none. */
export function percentiles(values: number[] | Float64Array, confidence: number, otherwise: number): { low: number; high: number } {
  if (values.length === 0) return { low: otherwise, high: otherwise };
  const sorted = Array.isArray(values) ? values.sort((a, b) => a - b) : values.sort();
  return { low: quantile(sorted, (1 - confidence) / 2), high: quantile(sorted, (1 + confidence) / 2) };
}

function checkCounts(who: string, successes: number, n: number, confidence: number): void {
  if (!(n >= 0 && successes >= 0 && successes <= n)) {
    throw new CoreError('bad-counts', `${who}: successes must be 0..n, got ${successes} of ${n}`);
  }
  if (!(confidence > 0 && confidence < 1)) {
    throw new CoreError('bad-confidence', `${who}: confidence must be between 0 and 1, got ${confidence}`);
  }
}

function checkPool(who: string, successes: number, n: number, population: number): void {
  if (!(successes >= 0 && successes <= n && n <= population)) {
    throw new CoreError('bad-counts', `${who}: must be 0 ≤ successes ≤ n ≤ population, got ${successes}, ${n}, ${population}`);
  }
}
