import type { Matrix } from './matrix.ts';
import { fitSoftmax, predictSoftmax, type SoftmaxModel } from './softmax-regression.ts';
import { pickRows } from './sparse.ts';

export interface TuningOptions {
  /** Inverse regularisations (scikit-learn's C) to choose from, ascending. Default 0.3, 1, 3, 10, 30. */
  readonly cs?: readonly number[];
  /** n weights ≥ 0. Default 1 each. */
  readonly sampleWeights?: ArrayLike<number>;
  /** See `SoftmaxOptions`. Default 1e-4: tighter changes no label worth having. */
  readonly tolerance?: number;
}

export interface TunedSoftmax {
  /** Its probabilities are calibrated: the temperature is in the weights. */
  readonly model: SoftmaxModel;
  readonly c: number;
  readonly temperature: number;
  /** On rows that were not learned from: mean cross-entropy (nats) of the model as tuned, and of the class shares. NaN where too little was held out. */
  readonly heldOut: { readonly rows: number; readonly logLoss: number; readonly sharesLogLoss: number };
}

/** Softmax regression with regularisation and temperature chosen on held-out rows: noisy labels want C = 1, clean ones 10 or more, and text
 *  models fitted by C alone are far too unsure. Some six times the cost of one fit. Temperature: C. Guo et al. (2017), ICML, arXiv 1706.04599.
 *  @param target n×k row-major, rows sum to 1
 *  @param group n integers: rows of one group are held out together; by a hash of the item, so that the order of rows does not matter */
export function fitTunedSoftmax(
  features: Matrix,
  target: Float64Array,
  k: number,
  group: ArrayLike<number>,
  options: TuningOptions = {},
): TunedSoftmax {
  const { cs = [0.3, 1, 3, 10, 30], sampleWeights, tolerance = 1e-4 } = options;
  const weights = sampleWeights ? Float64Array.from(sampleWeights) : new Float64Array(features.rows).fill(1);
  const all: Part = { features, target, weights };
  const rows = Array.from(weights.keys()).filter((row) => weights[row] > 0);
  const folds =
    k < 2
      ? []
      : foldsOf(rows, group).map(({ learned, heldOut }) => ({ learned: partOf(all, k, learned), heldOut: partOf(all, k, heldOut) }));
  if (folds.length === 0) {
    const c = cs.includes(usualC) ? usualC : cs[0];
    const heldOut = { rows: 0, logLoss: Number.NaN, sharesLogLoss: Number.NaN };
    return { model: fit(all, k, c, tolerance), c, temperature: 1, heldOut };
  }
  // Where one fold of many rows is held out, a few thousand of the others tell which C.
  const few = rows.length <= 2 * enough ? folds : folds.map(({ learned, heldOut }) => ({ learned: firstOf(learned, k, enough), heldOut }));
  let best = tryAll(few, cs, k, tolerance);
  if (few !== folds) best = tryAll(folds, [best.c], k, tolerance);
  const { c, temperature, loss, start } = best;
  const judged = folds.reduce((sum, { heldOut }) => sum + total(heldOut.weights), 0);
  const shares = folds.reduce((sum, { learned, heldOut }) => sum + lossOfShares(learned, heldOut, k), 0);
  return {
    model: cooled(fit(all, k, c, tolerance, start), temperature),
    c,
    temperature,
    heldOut: {
      rows: folds.reduce((sum, { heldOut }) => sum + heldOut.weights.length, 0),
      logLoss: loss / judged,
      sharesLogLoss: shares / judged,
    },
  };
}

const usualC = 10;
const groups = 5;
const enough = 4000;

/** Rows with their soft labels and weights. */
interface Part {
  readonly features: Matrix;
  readonly target: Float64Array;
  readonly weights: Float64Array;
}
interface Fold {
  readonly learned: Part;
  readonly heldOut: Part;
}
interface Trial {
  readonly c: number;
  readonly temperature: number;
  readonly loss: number;
  /** The model of the first fold, before cooling: a good start for the next one. */
  readonly start: SoftmaxModel | undefined;
}

/** Weaker regularisation must earn half a percent of the loss: labels made by rules are learned too well without. */
const clearly = 0.995;

/** Weak regularisation costs most and comes last: stops where it makes things worse. Each fit starts from the one before. */
function tryAll(folds: readonly Fold[], cs: readonly number[], k: number, tolerance: number): Trial {
  let best: Trial = { c: cs[0], temperature: 1, loss: Number.POSITIVE_INFINITY, start: undefined };
  let lowest = Number.POSITIVE_INFINITY;
  let models: (SoftmaxModel | undefined)[] = [];
  const targets = joined(folds.map(({ heldOut }) => heldOut.target));
  const weights = joined(folds.map(({ heldOut }) => heldOut.weights));
  for (const c of cs) {
    const fitted = folds.map(({ learned }, fold) => fit(learned, k, c, tolerance, models[fold]));
    const scores = joined(folds.map(({ heldOut }, fold) => predictSoftmax(fitted[fold], heldOut.features).map(safeLog)));
    const { temperature, loss } = fitTemperature(scores, targets, weights, k);
    if (loss > 1.002 * lowest) break;
    if (loss < clearly * best.loss) best = { c, temperature, loss, start: fitted[0] };
    lowest = Math.min(lowest, loss);
    models = fitted;
  }
  return best;
}

function fit({ features, target, weights }: Part, k: number, c: number, tolerance: number, start?: SoftmaxModel): SoftmaxModel {
  return fitSoftmax(features, target, k, { l2: 1 / c, tolerance, sampleWeights: weights, ...(start && { start }) });
}

/** Five folds where there is little, fewer where one tells enough; none below 20 rows. */
function foldsOf(rows: readonly number[], group: ArrayLike<number>): { learned: number[]; heldOut: number[] }[] {
  if (rows.length < 20) return [];
  const count = rows.length < 300 ? groups : rows.length < 1000 ? 2 : 1;
  const foldOf = (row: number): number => ((group[row] % groups) + groups) % groups;
  return Array.from({ length: count }, (_, fold) => ({
    learned: rows.filter((row) => foldOf(row) !== fold),
    heldOut: rows.filter((row) => foldOf(row) === fold),
  })).filter(({ learned, heldOut }) => learned.length > 0 && heldOut.length > 0);
}

/** The temperature that minimises the cross-entropy, by golden section over its logarithm (the loss has one minimum). A prior worth ten rows
 *  keeps it near 1 where little was held out. */
export function fitTemperature(
  scores: Float64Array,
  targets: Float64Array,
  weights: Float64Array,
  k: number,
): { temperature: number; loss: number } {
  const lossAt = (logTemperature: number): number => {
    const factor = Math.exp(-logTemperature);
    let loss = 0;
    for (let row = 0, first = 0; row < weights.length; row++, first += k) {
      let top = scores[first];
      for (let c = 1; c < k; c++) top = Math.max(top, scores[first + c]);
      let sum = 0;
      let said = 0;
      for (let c = 0; c < k; c++) {
        sum += Math.exp(factor * (scores[first + c] - top));
        said += targets[first + c] * factor * (scores[first + c] - top);
      }
      loss += weights[row] * (Math.log(sum) - said);
    }
    return loss;
  };
  const objective = (logTemperature: number): number => lossAt(logTemperature) + 5 * logTemperature ** 2;
  const ratio = (Math.sqrt(5) - 1) / 2;
  let low = Math.log(0.05);
  let high = Math.log(20);
  let left = high - ratio * (high - low);
  let right = low + ratio * (high - low);
  let atLeft = objective(left);
  let atRight = objective(right);
  while (high - low > 0.005) {
    if (atLeft < atRight) {
      [high, right, atRight] = [right, left, atLeft];
      left = high - ratio * (high - low);
      atLeft = objective(left);
    } else {
      [low, left, atLeft] = [left, right, atRight];
      right = low + ratio * (high - low);
      atRight = objective(right);
    }
  }
  const logTemperature = (low + high) / 2;
  return { temperature: Math.exp(logTemperature), loss: lossAt(logTemperature) };
}

function cooled(model: SoftmaxModel, temperature: number): SoftmaxModel {
  return {
    ...model,
    weights: model.weights.map((weight) => weight / temperature),
    intercepts: model.intercepts.map((intercept) => intercept / temperature),
  };
}

/** Cross-entropy of the held-out rows under the shares (smoothed by one row) of the others. */
function lossOfShares(learned: Part, heldOut: Part, k: number): number {
  const mass = new Float64Array(k).fill(1 / k);
  for (let at = 0; at < learned.target.length; at++) mass[at % k] += learned.weights[Math.floor(at / k)] * learned.target[at];
  const sum = total(mass);
  let loss = 0;
  for (let at = 0; at < heldOut.target.length; at++) {
    loss -= heldOut.weights[Math.floor(at / k)] * heldOut.target[at] * Math.log(mass[at % k] / sum);
  }
  return loss;
}

function partOf({ features, target, weights }: Part, k: number, rows: readonly number[]): Part {
  const picked = new Float64Array(rows.length * k);
  rows.forEach((row, at) => picked.set(target.subarray(row * k, (row + 1) * k), at * k));
  return { features: pickRows(features, rows), target: picked, weights: Float64Array.from(rows, (row) => weights[row]) };
}

function firstOf(part: Part, k: number, count: number): Part {
  const rows = Array.from({ length: Math.min(count, part.weights.length) }, (_, row) => row);
  return partOf(part, k, rows);
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function total(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

/** −745 is where exp becomes 0. */
function safeLog(probability: number): number {
  return probability > 0 ? Math.log(probability) : -745;
}
