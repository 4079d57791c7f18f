import { fitIsotonic, type IsotonicFit, isotonicAt } from '../math/isotonic.ts';

/** A map of the largest probability of every row; the others keep their proportions, the label stays. */
export type TopCalibration = IsotonicFit;

/** Gold rows below which an isotonic map has too many steps for what it is told. */
export const fewestForIsotonic = 200;

/** Isotonic regression of "the label is right" on the probability of the label, with half a wrong and half a right row added at the ends so
 *  that nothing becomes certain. @param posterior rows × k   @param truth label per row */
export function fitTopCalibration(posterior: Float64Array, truth: ArrayLike<number>, k: number): TopCalibration {
  const scores = new Float64Array(truth.length + 2);
  const right = new Float64Array(truth.length + 2);
  const weights = new Float64Array(truth.length + 2).fill(1);
  for (let row = 0; row < truth.length; row++) {
    const top = topOf(posterior, row, k);
    scores[row] = posterior[row * k + top];
    right[row] = Number(top === truth[row]);
  }
  scores.set([0, 1], truth.length);
  right.set([0, 1], truth.length);
  const fit = fitIsotonic(scores, right, weights);
  const least = 0.5 / (truth.length + 1);
  return { scores: fit.scores, values: fit.values.map((value) => Math.min(1 - least, Math.max(least, value))) };
}

/** rows × k. */
export function applyTopCalibration(calibration: TopCalibration, posterior: Float64Array, k: number): Float64Array {
  const out = posterior.slice();
  if (k < 2) return out;
  for (let row = 0; row * k < out.length; row++) {
    const top = topOf(posterior, row, k);
    const before = posterior[row * k + top];
    let second = 0;
    for (let y = 0; y < k; y++) if (y !== top) second = Math.max(second, posterior[row * k + y]);
    const rest = Math.max(1 - before, 1e-12);
    // Not below the point where the runner-up would overtake.
    const after = Math.max(isotonicAt(calibration, before), second / (rest + second));
    for (let y = 0; y < k; y++)
      out[row * k + y] = y === top ? after : before < 1 ? (posterior[row * k + y] * (1 - after)) / rest : (1 - after) / (k - 1);
  }
  return out;
}

function topOf(posterior: Float64Array, row: number, k: number): number {
  let top = 0;
  for (let y = 1; y < k; y++) if (posterior[row * k + y] > posterior[row * k + top]) top = y;
  return top;
}
