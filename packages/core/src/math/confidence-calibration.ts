import { CoreError } from '../model/errors.ts';
import { fitIsotonic, isotonicAt } from './isotonic.ts';

export const calibrationMethods = ['auto', 'temperature', 'platt', 'isotonic'] as const;
export type CalibrationMethod = (typeof calibrationMethods)[number];

/** From what a labeler states to the share that holds. Plain JSON; never falls as the stated confidence rises. */
export type Calibration =
  /** σ(slope · logit(stated) + shift); a temperature is 1 / slope without shift. */
  | { readonly kind: 'logistic'; readonly slope: number; readonly shift: number; readonly n: number }
  | { readonly kind: 'steps'; readonly scores: readonly number[]; readonly values: readonly number[]; readonly n: number };

export interface FittedCalibration {
  readonly calibration: Calibration;
  /** The method that was taken, and what each scored: mean log loss on held-out answers; `stated` is the confidence left as it is. */
  readonly method: Exclude<CalibrationMethod, 'auto'>;
  readonly scores: readonly { readonly method: Exclude<CalibrationMethod, 'auto'> | 'stated'; readonly logLoss: number }[];
}

/** Learns calibration from answers that were checked: gold and people's answers. `temperature` has one parameter, `platt` two, `isotonic` as
 *  many as the answers carry: `auto` takes the least log loss in five folds and prefers the simpler within 1 %.
 *  J. Platt (1999), Probabilistic Outputs for Support Vector Machines; C. Guo et al. (2017), arXiv:1706.04599.
 *  @param stated n numbers 0..1 (others, NaN, are left out)   @param right n: 1 or true where the answer was right
 *  @throws CoreError 'no-gold' where nothing is left to learn from */
export function fitCalibration(
  stated: ArrayLike<number>,
  right: ArrayLike<number | boolean>,
  method: CalibrationMethod = 'auto',
): FittedCalibration {
  const pairs: Pairs = { stated: [], right: [] };
  for (let i = 0; i < stated.length; i++) {
    if (!(stated[i] >= 0 && stated[i] <= 1)) continue;
    pairs.stated.push(stated[i]);
    pairs.right.push(Number(right[i]));
  }
  if (pairs.stated.length === 0) throw new CoreError('no-gold', 'calibration: there is no answer with a confidence whose truth is known');
  const candidates = method === 'auto' ? (['temperature', 'platt', 'isotonic'] as const) : [method];
  const scores = candidates.map((candidate) => ({ method: candidate, logLoss: heldOutLoss(pairs, fits[candidate]) }));
  const least = Math.min(...scores.map(({ logLoss }) => logLoss));
  const chosen = scores.find(({ logLoss }) => logLoss <= 1.01 * least) ?? scores[0];
  return {
    calibration: fits[chosen.method](pairs),
    method: chosen.method,
    scores: [{ method: 'stated', logLoss: lossOf(pairs, (value) => value) }, ...scores],
  };
}

/** The calibrated probability, strictly inside 0..1 wherever the calibration was learned from something. */
export function calibrated(calibration: Calibration, stated: number): number {
  if (calibration.kind === 'logistic') return sigmoid(calibration.slope * logit(stated) + calibration.shift);
  return isotonicAt({ scores: Float64Array.from(calibration.scores), values: Float64Array.from(calibration.values) }, stated);
}

interface Pairs {
  readonly stated: number[];
  readonly right: number[];
}

const fits: Record<Exclude<CalibrationMethod, 'auto'>, (pairs: Pairs) => Calibration> = {
  temperature: (pairs) => fitLogistic(pairs, false),
  platt: (pairs) => fitLogistic(pairs, true),
  isotonic: fitSteps,
};

/** Newton's method on the penalised log loss: priors worth about two answers each draw the slope to 1 and the shift to 0, so that few answers,
 *  or answers that are all right, change little. The slope is kept at 0 or above: a labeler is not believed less where it is surer. */
function fitLogistic(pairs: Pairs, withShift: boolean): Calibration {
  const n = pairs.stated.length;
  const x = pairs.stated.map(logit);
  const prior = 0.5;
  let slope = 1;
  let shift = 0;
  for (let step = 0; step < 100; step++) {
    let [gradA, gradB, aa, ab, bb] = [prior * (slope - 1), prior * shift, prior, 0, prior];
    for (let i = 0; i < n; i++) {
      const p = sigmoid(slope * x[i] + shift);
      const weight = Math.max(p * (1 - p), 1e-9);
      gradA += (p - pairs.right[i]) * x[i];
      gradB += p - pairs.right[i];
      aa += weight * x[i] * x[i];
      ab += weight * x[i];
      bb += weight;
    }
    const determinant = aa * bb - ab * ab;
    const stepA = withShift ? (bb * gradA - ab * gradB) / determinant : gradA / aa;
    const stepB = withShift ? (aa * gradB - ab * gradA) / determinant : 0;
    const scale = Math.min(1, 2 / Math.max(Math.abs(stepA), Math.abs(stepB), 1e-12));
    const next = Math.max(0, slope - scale * stepA);
    const moved = Math.abs(next - slope) + Math.abs(scale * stepB);
    slope = next;
    shift -= scale * stepB;
    if (moved < 1e-9) break;
  }
  return { kind: 'logistic', slope, shift, n };
}

/** Steps drawn a little to the overall share (as if two answers more had been of it), so that no step is certain. */
function fitSteps({ stated, right }: Pairs): Calibration {
  const n = stated.length;
  const share = (right.reduce((sum, value) => sum + value, 0) + 1) / (n + 2);
  const fit = fitIsotonic(stated, right);
  const counts = Array.from(fit.scores, () => 0);
  for (const value of stated) counts[stepOf(fit.scores, fit.values, value)] += 1;
  const sizes = sizesOfSteps(fit.values, counts);
  const values = Array.from(fit.values, (value, step) => (value * sizes[step] + 2 * share) / (sizes[step] + 2));
  for (let step = 1; step < values.length; step++) values[step] = Math.max(values[step], values[step - 1]);
  return { kind: 'steps', scores: [...fit.scores], values, n };
}

function stepOf(scores: Float64Array, values: Float64Array, value: number): number {
  let step = 0;
  while (step + 1 < values.length && scores[step + 1] <= value) step += 1;
  return step;
}

/** A step has two ends of one value: both carry the answers of the whole step. */
function sizesOfSteps(values: Float64Array, counts: readonly number[]): number[] {
  const sizes = new Map<number, number>();
  for (const [step, count] of counts.entries()) sizes.set(values[step], (sizes.get(values[step]) ?? 0) + count);
  return Array.from(values, (value) => sizes.get(value) ?? 0);
}

const folds = 5;

/** Every fifth answer is held out in turn, in the order of confidence: folds of the same spread, and no randomness. */
function heldOutLoss(pairs: Pairs, fit: (pairs: Pairs) => Calibration): number {
  const order = pairs.stated.map((_, i) => i).sort((a, b) => pairs.stated[a] - pairs.stated[b] || pairs.right[a] - pairs.right[b]);
  if (order.length < 2 * folds) return lossOf(pairs, (value) => calibrated(fit(pairs), value));
  const pick = (keep: (rank: number) => boolean): Pairs => {
    const rows = order.filter((_, rank) => keep(rank));
    return { stated: rows.map((row) => pairs.stated[row]), right: rows.map((row) => pairs.right[row]) };
  };
  let loss = 0;
  for (let fold = 0; fold < folds; fold++) {
    const learned = fit(pick((rank) => rank % folds !== fold));
    const held = pick((rank) => rank % folds === fold);
    loss += held.stated.length * lossOf(held, (value) => calibrated(learned, value));
  }
  return loss / order.length;
}

function lossOf({ stated, right }: Pairs, probability: (stated: number) => number): number {
  let loss = 0;
  for (const [i, value] of stated.entries()) {
    const p = Math.min(0.999, Math.max(0.001, probability(value)));
    loss -= Math.log(right[i] === 1 ? p : 1 - p);
  }
  return loss / stated.length;
}

/** Models say 1 where they mean 0.99: the ends are drawn in. */
function logit(probability: number): number {
  const p = Math.min(0.99, Math.max(0.01, probability));
  return Math.log(p / (1 - p));
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
