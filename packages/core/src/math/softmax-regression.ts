import { CoreError } from '../model/errors.ts';
import { minimize } from './l-bfgs.ts';
import type { Matrix } from './matrix.ts';

export interface SoftmaxOptions {
  /** Strength of the L2 penalty, scikit-learn's 1 / C (for two labels as for more): minimised is
   *  Σ weight · cross-entropy + l2 / 2 · ‖W‖². Intercepts are free. Default 1. */
  readonly l2?: number;
  /** n weights ≥ 0: rows of weight 0 teach nothing. Default 1 each. */
  readonly sampleWeights?: ArrayLike<number>;
  /** Stops where the mean loss is estimated to be so near to its minimum (nats). Default 1e-6. */
  readonly tolerance?: number;
  /** Default 300; text takes 10 to 60. */
  readonly maxIterations?: number;
  /** Where to start: a model of the same shape, after a few more labels for example. */
  readonly start?: SoftmaxModel;
}

/** P(label c | x) ∝ exp(intercepts[c] + Σ x[f] · weights[f * k + c]). */
export interface SoftmaxModel {
  readonly k: number;
  /** d, the features it was fitted on. */
  readonly columns: number;
  /** d×k row-major. */
  readonly weights: Float64Array;
  readonly intercepts: Float64Array;
}

/** Multinomial logistic regression on soft labels: L2 penalty, L-BFGS from the class shares, preconditioned by the diagonal of the Hessian
 *  (rare words and common ones then move alike). The loss is convex: same data, same model, no seed. Two labels share one weight vector
 *  (±w/2), as in scikit-learn, else its C would mean another thing there. O(iterations · non-zeros · k).
 *  @param target n×k row-major, rows sum to 1
 *  @throws CoreError 'bad-shape' for lengths that do not fit, 'bad-features' for NaN or infinite values */
export function fitSoftmax(features: Matrix, target: Float64Array, k: number, options: SoftmaxOptions = {}): SoftmaxModel {
  checkShapes(features, target, k, options);
  const { l2 = 1, tolerance = 1e-6, maxIterations = 300, start } = options;
  const outputs = k === 2 ? 1 : k;
  const weightsOf = (row: number): number => options.sampleWeights?.[row] ?? 1;
  let total = 0;
  for (let row = 0; row < features.rows; row++) total += weightsOf(row);
  const model = start ? copy(start) : fromShares(features, target, k, weightsOf);
  if (total === 0 || k === 1) return model;

  const point = pack(model, outputs);
  const pass = createPass(features, target, k, weightsOf, l2, total);
  minimize(pass, point, { tolerance, maxIterations });
  return unpack(point, features.columns, k, outputs);
}

/** n×k row-major probabilities; rows sum to 1. @throws CoreError 'bad-shape' where the columns differ from the model's */
export function predictSoftmax(model: SoftmaxModel, features: Matrix): Float64Array {
  if (features.columns !== model.columns) {
    throw new CoreError('bad-shape', `softmax: the model has ${model.columns} features, got a matrix of ${features.columns}`);
  }
  const { k } = model;
  const probabilities = new Float64Array(features.rows * k);
  const scores = new Float64Array(k);
  for (let row = 0; row < features.rows; row++) {
    scores.set(model.intercepts);
    addScores(features, row, model.weights, k, scores);
    softmaxInPlace(scores, k);
    probabilities.set(scores, row * k);
  }
  return probabilities;
}

/** Scores to probabilities, shifted by the maximum so that exp cannot overflow. Returns log Σ exp. */
export function softmaxInPlace(scores: Float64Array, k: number): number {
  let top = scores[0];
  for (let c = 1; c < k; c++) if (scores[c] > top) top = scores[c];
  let sum = 0;
  for (let c = 0; c < k; c++) sum += scores[c] = Math.exp(scores[c] - top);
  for (let c = 0; c < k; c++) scores[c] /= sum;
  return top + Math.log(sum);
}

/** What one pass over the rows yields at a point: the loss (returned), its gradient and the diagonal of its Hessian. */
type Pass = (point: Float64Array, gradient: Float64Array, curvature: Float64Array) => number;

/** Point: d×outputs weights, then the intercepts. Everything is divided by the total weight, so that tolerances do not depend on n. */
function createPass(
  features: Matrix,
  target: Float64Array,
  k: number,
  weightsOf: (row: number) => number,
  l2: number,
  total: number,
): Pass {
  const outputs = k === 2 ? 1 : k;
  const intercepts = features.columns * outputs;
  const scores = new Float64Array(k);
  const residuals = new Float64Array(outputs);
  const byFeature = new Float64Array(features.columns + 1);

  return (point, gradient, curvature) => {
    gradient.fill(0);
    byFeature.fill(0);
    let loss = 0;
    for (let row = 0; row < features.rows; row++) {
      const weight = weightsOf(row) / total;
      if (weight === 0) continue;
      if (outputs === 1) scores[0] = 0;
      for (let c = 0; c < outputs; c++) scores[k - outputs + c] = point[intercepts + c];
      if (outputs === 1) scores[1] += dot(features, row, point);
      else addScores(features, row, point, k, scores);

      const first = row * k;
      for (let c = 0; c < k; c++) loss -= weight * target[first + c] * scores[c];
      loss += weight * softmaxInPlace(scores, k);
      let spread = 0;
      for (let c = k - outputs; c < k; c++) {
        const residual = weight * (scores[c] - target[first + c]);
        residuals[c - k + outputs] = residual;
        gradient[intercepts + c - k + outputs] += residual;
        spread += scores[c] * (1 - scores[c]);
      }
      // One curvature per feature, the mean over the labels: k times less work than per weight, and enough to scale by.
      const bend = (weight * spread) / outputs;
      byFeature[features.columns] += bend;
      scatter(features, row, residuals, outputs, gradient, bend, byFeature);
    }
    const penalty = l2 / total;
    let squares = 0;
    for (let at = 0; at < intercepts; at++) {
      squares += point[at] * point[at];
      gradient[at] += penalty * point[at];
    }
    for (let f = 0, at = 0; f <= features.columns; f++) {
      const bend = byFeature[f] + (f < features.columns ? penalty : 0);
      for (let c = 0; c < outputs; c++, at++) curvature[at] = bend;
    }
    return loss + (penalty / 2) * squares;
  };
}

function addScores(features: Matrix, row: number, weights: Float64Array, k: number, scores: Float64Array): void {
  if (features.kind === 'sparse') {
    const { indices, values } = features;
    for (let e = features.offsets[row], end = features.offsets[row + 1]; e < end; e++) {
      const value = values[e];
      const first = indices[e] * k;
      for (let c = 0; c < k; c++) scores[c] += value * weights[first + c];
    }
    return;
  }
  const { values, columns } = features;
  for (let f = 0, at = row * columns, first = 0; f < columns; f++, at++, first += k) {
    const value = values[at];
    if (value !== 0) for (let c = 0; c < k; c++) scores[c] += value * weights[first + c];
  }
}

function dot(features: Matrix, row: number, weights: Float64Array): number {
  let sum = 0;
  const { values } = features;
  if (features.kind === 'sparse') {
    const { indices } = features;
    for (let e = features.offsets[row], end = features.offsets[row + 1]; e < end; e++) sum += values[e] * weights[indices[e]];
  } else {
    for (let f = 0, at = row * features.columns; f < features.columns; f++, at++) sum += values[at] * weights[f];
  }
  return sum;
}

/** gradient[f] += x[f] · residuals;  byFeature[f] += bend · x[f]². */
function scatter(
  features: Matrix,
  row: number,
  residuals: Float64Array,
  outputs: number,
  gradient: Float64Array,
  bend: number,
  byFeature: Float64Array,
): void {
  const { values } = features;
  if (features.kind === 'sparse') {
    const { indices } = features;
    for (let e = features.offsets[row], end = features.offsets[row + 1]; e < end; e++) {
      const value = values[e];
      const f = indices[e];
      byFeature[f] += bend * value * value;
      for (let c = 0, at = f * outputs; c < outputs; c++, at++) gradient[at] += value * residuals[c];
    }
    return;
  }
  for (let f = 0, e = row * features.columns, at = 0; f < features.columns; f++, e++) {
    const value = values[e];
    byFeature[f] += bend * value * value;
    for (let c = 0; c < outputs; c++, at++) gradient[at] += value * residuals[c];
  }
}

/** The model that knows the class shares only (smoothed: a label without mass keeps a finite intercept). */
function fromShares(features: Matrix, target: Float64Array, k: number, weightsOf: (row: number) => number): SoftmaxModel {
  const mass = new Float64Array(k).fill(1 / k);
  for (let row = 0; row < features.rows; row++) {
    for (let c = 0; c < k; c++) mass[c] += weightsOf(row) * target[row * k + c];
  }
  const intercepts = mass.map(Math.log);
  const mean = intercepts.reduce((sum, value) => sum + value, 0) / k;
  return {
    k,
    columns: features.columns,
    weights: new Float64Array(features.columns * k),
    intercepts: intercepts.map((value) => value - mean),
  };
}

function copy(model: SoftmaxModel): SoftmaxModel {
  return { ...model, weights: model.weights.slice(), intercepts: model.intercepts.slice() };
}

function pack({ k, columns, weights, intercepts }: SoftmaxModel, outputs: number): Float64Array {
  const point = new Float64Array((columns + 1) * outputs);
  for (let f = 0; f <= columns; f++) {
    const from = f < columns ? weights : intercepts;
    const first = f < columns ? f * k : 0;
    if (outputs === 1) point[f] = from[first + 1] - from[first];
    else for (let c = 0; c < k; c++) point[f * k + c] = from[first + c];
  }
  return point;
}

function unpack(point: Float64Array, columns: number, k: number, outputs: number): SoftmaxModel {
  if (outputs === k) return { k, columns, weights: point.slice(0, columns * k), intercepts: point.slice(columns * k) };
  const both = new Float64Array(2 * point.length);
  for (let f = 0; f < point.length; f++) {
    both[2 * f] = -point[f] / 2;
    both[2 * f + 1] = point[f] / 2;
  }
  return { k, columns, weights: both.slice(0, 2 * columns), intercepts: both.slice(2 * columns) };
}

function checkShapes(features: Matrix, target: Float64Array, k: number, options: SoftmaxOptions): void {
  const fail = (code: string, message: string): never => {
    throw new CoreError(code, `softmax: ${message}`);
  };
  const { l2 = 1, sampleWeights, start } = options;
  if (!(k >= 1)) fail('bad-shape', `k must be at least 1, got ${k}`);
  if (!(l2 > 0)) fail('bad-shape', `l2 must be above 0, got ${l2}`);
  if (target.length !== features.rows * k) fail('bad-shape', `target must hold ${features.rows} × ${k} numbers, got ${target.length}`);
  if (sampleWeights && sampleWeights.length !== features.rows)
    fail('bad-shape', `sampleWeights must hold ${features.rows} numbers, got ${sampleWeights.length}`);
  if (start && (start.k !== k || start.columns !== features.columns))
    fail('bad-shape', `start must have ${features.columns} features and ${k} labels, got ${start.columns} and ${start.k}`);
  for (let e = 0; e < features.values.length; e++)
    if (!Number.isFinite(features.values[e])) fail('bad-features', `feature values must be finite, got ${features.values[e]}`);
  for (let e = 0; e < target.length; e++)
    if (!(target[e] >= 0 && target[e] <= 1.000001)) fail('bad-shape', `target must hold probabilities, got ${target[e]}`);
}
