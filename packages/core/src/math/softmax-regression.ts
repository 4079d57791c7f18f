import { CoreError } from '../model/errors.ts';
import { type Descent, descend } from './l-bfgs.ts';
import type { Matrix } from './matrix.ts';
import { multiply, transpose, weightedSquares } from './sparse.ts';

export interface SoftmaxOptions {
  /** Strength of the L2 penalty, scikit-learn's 1 / C (for two labels as for more): minimised is
   *  Σ weight · cross-entropy + l2 / 2 · ‖W‖². Intercepts are free. Default 1. */
  readonly l2?: number;
  /** n weights ≥ 0: rows of weight 0 teach nothing. Default 1 each. */
  readonly sampleWeights?: ArrayLike<number>;
  /** Stops where the mean loss is estimated to be so near to its minimum (nats). Default 1e-5. */
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
  readonly weights: Float32Array;
  readonly intercepts: Float64Array;
}

/** Multinomial logistic regression on soft labels: L2 penalty, L-BFGS from the class shares, preconditioned by the diagonal of the Hessian
 *  (rare words and common ones then move alike). The loss is convex: same data, same model, no seed. Two labels share one weight vector
 *  (±w/2), as in scikit-learn, else its C would mean another thing there. O(iterations · non-zeros · k).
 *  @param target n×k row-major, rows sum to 1
 *  @throws CoreError 'bad-shape' for lengths that do not fit, 'bad-features' for NaN or infinite values */
export function fitSoftmax(features: Matrix, target: Float64Array, k: number, options: SoftmaxOptions = {}): SoftmaxModel {
  checkShapes(features, target, k, options);
  const { l2 = 1, tolerance = 1e-5, maxIterations = 300, start } = options;
  const weights = shares(features.rows, options.sampleWeights);
  const model = start ? copy(start) : fromShares(features, target, k, weights);
  if (weights.total === 0 || k === 1) return model;
  const outputs = k === 2 ? 1 : k;
  const point = pack(model, outputs);
  descend(createDescent(features, target, weights.shares, l2 / weights.total, point, k), { tolerance, maxIterations });
  return unpack(point, features.columns, k, outputs);
}

/** n×k row-major probabilities; rows sum to 1. @throws CoreError 'bad-shape' where the columns differ from the model's */
export function predictSoftmax(model: SoftmaxModel, features: Matrix): Float64Array {
  if (features.columns !== model.columns) {
    throw new CoreError('bad-shape', `softmax: the model has ${model.columns} features, got a matrix of ${features.columns}`);
  }
  const { k, weights, intercepts } = model;
  const probabilities = new Float64Array(features.rows * k);
  multiply(features, weights, k, probabilities);
  const scores = new Float64Array(k);
  for (let first = 0; first < probabilities.length; first += k) {
    for (let c = 0; c < k; c++) scores[c] = probabilities[first + c] + intercepts[c];
    softmaxInPlace(scores, k);
    probabilities.set(scores, first);
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

/** The objective over its points: d×outputs weights, then the intercepts. Everything is divided by the total weight, so that tolerances do not
 *  depend on n. Scores are kept and moved along with the point: a step costs one product with the features and one with their transpose,
 *  however many lengths of it are tried. */
function createDescent(features: Matrix, target: Float64Array, weights: Float64Array, l2: number, point: Float64Array, k: number): Descent {
  const { rows, columns } = features;
  const outputs = k === 2 ? 1 : k;
  const intercepts = columns * outputs;
  const transposed = transpose(features);
  const scores = scoresOf(features, Float32Array.from(point), outputs);
  let scoresAlong: Float64Array = new Float64Array(0);
  let direction: Float32Array = new Float32Array(0);
  const residuals = new Float32Array(rows * outputs);
  const bends = new Float64Array(rows);
  const bendOf = new Float64Array(columns);
  const p = new Float64Array(k);

  /** Probabilities of a row at `scores + step · scoresAlong` into `p`; returns its cross-entropy. */
  const lossOf = (row: number, step: number): number => {
    const first = row * outputs;
    const free = k - outputs;
    if (free > 0) p[0] = 0;
    for (let c = 0; c < outputs; c++) p[free + c] = step === 0 ? scores[first + c] : scores[first + c] + step * scoresAlong[first + c];
    let said = 0;
    for (let c = 0; c < k; c++) said += target[row * k + c] * p[c];
    return softmaxInPlace(p, k) - said;
  };

  return {
    size: point.length,
    look(gradient, curvature) {
      let loss = 0;
      let bend = 0;
      gradient.fill(0, intercepts);
      for (let row = 0; row < rows; row++) {
        const weight = weights[row];
        loss += weight * lossOf(row, 0);
        let spread = 0;
        for (let c = 0; c < outputs; c++) {
          const probability = p[k - outputs + c];
          const residual = weight * (probability - target[row * k + k - outputs + c]);
          residuals[row * outputs + c] = residual;
          gradient[intercepts + c] += residual;
          spread += probability * (1 - probability);
        }
        // One curvature per feature, the mean over the labels: k times less work than one per weight, and enough to scale by.
        bends[row] = (weight * spread) / outputs;
        bend += bends[row];
      }
      multiply(transposed, residuals, outputs, gradient);
      weightedSquares(transposed, bends, bendOf);
      for (let at = 0; at < intercepts; at++) gradient[at] += l2 * point[at];
      for (let f = 0; f < columns; f++) curvature.fill(bendOf[f] + l2, f * outputs, (f + 1) * outputs);
      curvature.fill(Math.max(bend, 1e-12), intercepts);
      return loss + (l2 / 2) * dot(point, point, intercepts);
    },
    along(given) {
      direction = given;
      scoresAlong = scoresOf(features, direction, outputs);
      const squares = dot(point, point, intercepts);
      const crossed = dot(point, direction, intercepts);
      const ahead = dot(direction, direction, intercepts);
      return (step) => {
        let value = (l2 / 2) * (squares + step * (2 * crossed + step * ahead));
        let slope = l2 * (crossed + step * ahead);
        let bend = l2 * ahead;
        for (let row = 0; row < rows; row++) {
          const weight = weights[row];
          value += weight * lossOf(row, step);
          let mean = 0;
          let meanSquare = 0;
          let said = 0;
          for (let c = 0; c < outputs; c++) {
            const change = scoresAlong[row * outputs + c];
            mean += p[k - outputs + c] * change;
            meanSquare += p[k - outputs + c] * change * change;
            said += target[row * k + k - outputs + c] * change;
          }
          slope += weight * (mean - said);
          bend += weight * (meanSquare - mean * mean);
        }
        return { value, slope, bend };
      };
    },
    move(step) {
      for (let at = 0; at < point.length; at++) point[at] += step * direction[at];
      for (let at = 0; at < scores.length; at++) scores[at] += step * scoresAlong[at];
    },
  };
}

/** n×outputs: features · weights + intercepts. */
function scoresOf(features: Matrix, point: Float32Array, outputs: number): Float64Array {
  const scores = new Float64Array(features.rows * outputs);
  multiply(features, point, outputs, scores);
  const intercepts = features.columns * outputs;
  for (let at = 0; at < scores.length; ) for (let c = 0; c < outputs; c++, at++) scores[at] += point[intercepts + c];
  return scores;
}

function dot(a: Float64Array | Float32Array, b: Float64Array | Float32Array, length: number): number {
  let sum = 0;
  for (let at = 0; at < length; at++) sum += a[at] * b[at];
  return sum;
}

/** Weights that sum to 1, and what they summed to before. */
function shares(rows: number, given: ArrayLike<number> | undefined): { shares: Float64Array; total: number } {
  const weights = new Float64Array(rows).fill(1);
  if (given) weights.set(given);
  let total = 0;
  for (const weight of weights) total += weight;
  return { shares: weights.map((weight) => weight / total), total };
}

/** The model that knows the class shares only (smoothed by one row: a label without mass keeps a finite intercept). */
function fromShares(
  { rows, columns }: Matrix,
  target: Float64Array,
  k: number,
  weights: { shares: Float64Array; total: number },
): SoftmaxModel {
  const mass = new Float64Array(k).fill(1 / k);
  if (weights.total > 0) {
    for (let row = 0; row < rows; row++) for (let c = 0; c < k; c++) mass[c] += weights.total * weights.shares[row] * target[row * k + c];
  }
  const intercepts = mass.map(Math.log);
  const mean = intercepts.reduce((sum, value) => sum + value, 0) / k;
  return { k, columns, weights: new Float32Array(columns * k), intercepts: intercepts.map((value) => value - mean) };
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
  if (outputs === k)
    return { k, columns, weights: Float32Array.from(point.subarray(0, columns * k)), intercepts: point.slice(columns * k) };
  const both = new Float64Array(2 * point.length);
  for (let f = 0; f < point.length; f++) {
    both[2 * f] = -point[f] / 2;
    both[2 * f + 1] = point[f] / 2;
  }
  return { k, columns, weights: Float32Array.from(both.subarray(0, 2 * columns)), intercepts: both.slice(2 * columns) };
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
