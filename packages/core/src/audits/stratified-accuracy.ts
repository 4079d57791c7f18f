import { normalQuantile } from '../math/special-functions.ts';
import { type Interval, nothingKnown } from '../math/statistics.ts';

/** Labels of like confidence, and a uniform random sample of them. */
export interface Stratum {
  readonly population: number;
  readonly audited: number;
  readonly right: number;
}

/** The accuracy of all labels from a sample of each stratum: p̂ = Σ W p̂_h, Var = Σ W² (1 − n_h / N_h) p̃_h (1 − p̃_h) / n_h with the smoothed
 *  p̃_h = (k_h + 1) / (n_h + 2). Narrower than a simple sample of the same size where the strata differ. The interval is a normal approximation;
 *  a stratum that nobody audited counts as half right, known to within 0..1. W. G. Cochran (1977), Sampling Techniques, ch. 5. */
export function stratifiedAccuracy(strata: readonly Stratum[], confidence = 0.95): Interval {
  const population = strata.reduce((sum, stratum) => sum + stratum.population, 0);
  const n = strata.reduce((sum, stratum) => sum + stratum.audited, 0);
  if (n === 0 || population === 0) return nothingKnown;
  let estimate = 0;
  let variance = 0;
  let unknown = 0;
  for (const { population: size, audited, right } of strata) {
    const weight = size / population;
    if (audited === 0) {
      estimate += weight / 2;
      unknown += weight / 2;
      continue;
    }
    const smoothed = (right + 1) / (audited + 2);
    estimate += weight * (right / audited);
    variance += (weight ** 2 * (1 - audited / size) * smoothed * (1 - smoothed)) / audited;
  }
  const reach = normalQuantile((1 + confidence) / 2) * Math.sqrt(variance) + unknown;
  return { estimate, low: Math.max(0, estimate - reach), high: Math.min(1, estimate + reach), n };
}

/** How to divide `budget` audits: in proportion to N_h √(p_h (1 − p_h)), J. Neyman (1934); at least two in each stratum, never more than it holds.
 *  @param strata sizes and guesses of the accuracy */
export function neymanAllocation(strata: readonly { population: number; accuracy: number }[], budget: number): number[] {
  const wants = strata.map(({ population, accuracy }) => population * Math.sqrt(Math.max(0.0025, accuracy * (1 - accuracy))));
  const given = strata.map(({ population }) => Math.min(2, population));
  const left = (): number => budget - given.reduce((sum, count) => sum + count, 0);
  for (let open = left(); open > 0; open--) {
    // Whoever is furthest below its share gets the next one.
    let next = -1;
    strata.forEach(({ population }, at) => {
      if (given[at] < population && (next < 0 || wants[at] / (given[at] + 1) > wants[next] / (given[next] + 1))) next = at;
    });
    if (next < 0) break;
    given[next]++;
  }
  return given;
}
