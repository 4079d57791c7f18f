import { CoreError } from '../model/errors.ts';
import { binomialCdf } from './special-functions.ts';
import { wilson } from './statistics.ts';

/** A difference of two shares, −1..1, with its interval. */
export interface Difference {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

const nothingKnown: Difference = Object.freeze({ estimate: 0, low: -1, high: 1 });

/** Share of the first minus share of the second, of independent samples: from the score intervals of both.
 *  R. G. Newcombe (1998), Statistics in Medicine 17:873–890, method 10. */
export function shareDifference(successes1: number, n1: number, successes2: number, n2: number, confidence = 0.95): Difference {
  if (n1 === 0 || n2 === 0) return nothingKnown;
  return combined(wilson(successes1, n1, confidence), wilson(successes2, n2, confidence), 0);
}

/** Both shares on the same items. R. G. Newcombe (1998), Statistics in Medicine 17:2635–2650, method 10.
 *  @param both items where both are right   @param onlyFirst and `onlySecond`: where one of them is   @param neither where none is */
export function pairedDifference(both: number, onlyFirst: number, onlySecond: number, neither: number, confidence = 0.95): Difference {
  const n = both + onlyFirst + onlySecond + neither;
  if (!(Math.min(both, onlyFirst, onlySecond, neither) >= 0)) {
    throw new CoreError('bad-counts', `paired-difference: counts must be 0 or more, got ${both}, ${onlyFirst}, ${onlySecond}, ${neither}`);
  }
  if (n === 0) return nothingKnown;
  const margins = (both + onlyFirst) * (onlySecond + neither) * (both + onlySecond) * (onlyFirst + neither);
  const product = both * neither - onlyFirst * onlySecond;
  // The continuity correction of the paper, on positive correlation only.
  const corrected = product > 0 ? Math.max(0, product - n / 2) : product;
  const correlation = margins === 0 ? 0 : corrected / Math.sqrt(margins);
  return combined(wilson(both + onlyFirst, n, confidence), wilson(both + onlySecond, n, confidence), correlation);
}

interface Score {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

function combined(first: Score, second: Score, correlation: number): Difference {
  const estimate = first.estimate - second.estimate;
  const reach = (a: number, b: number): number => Math.sqrt(Math.max(0, a * a - 2 * correlation * a * b + b * b));
  return {
    estimate,
    low: Math.max(-1, estimate - reach(first.estimate - first.low, second.high - second.estimate)),
    high: Math.min(1, estimate + reach(first.high - first.estimate, second.estimate - second.low)),
  };
}

/** P(a split of the items on which two labelers differ at least as uneven | equally good): exact, two-sided. 1 where they never differ.
 *  Q. McNemar (1947), Psychometrika 12(2), doi:10.1007/BF02295996. */
export function mcNemar(onlyFirst: number, onlySecond: number): number {
  const n = onlyFirst + onlySecond;
  return n === 0 ? 1 : Math.min(1, 2 * binomialCdf(Math.min(onlyFirst, onlySecond), n, 0.5));
}

/** Which of several tests hold together, so that one false alarm among all has probability at most `risk`.
 *  S. Holm (1979), Scand. J. Statist. 6(2).   @returns adjusted p-values, in the order given */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, i) => i).sort((a, b) => pValues[a] - pValues[b]);
  const adjusted = pValues.map(() => 1);
  let last = 0;
  for (const [rank, i] of order.entries()) {
    last = Math.max(last, Math.min(1, (pValues.length - rank) * pValues[i]));
    adjusted[i] = last;
  }
  return adjusted;
}
