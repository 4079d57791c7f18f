import type { Matrix } from './matrix.ts';
import { fitSoftmax, predictSoftmax } from './softmax-regression.ts';
import { pickRows } from './sparse.ts';
import { fitTunedSoftmax } from './tuned-softmax.ts';

export interface OutOfFold {
  /** n×k row-major; row i is from a model that never saw row i. Rows of fold-mates that were given one label only still sum to 1. */
  readonly probabilities: Float64Array;
  /** The regularisation that every fold was fitted with. */
  readonly c: number;
}

/** What a classifier says of rows that it did not learn from: softmax regression by 5 folds. Regularisation and temperature are chosen once on
 *  all rows by held-out parts (they are two numbers: what they learn of a row's own label is nothing to speak of).
 *  @param given n labels, 0..k−1  @param group n integers: rows of one group (near-duplicates; else a hash of the id) are held out together */
export function outOfFold(features: Matrix, given: Int32Array, k: number, group: ArrayLike<number>): OutOfFold {
  const n = given.length;
  const target = new Float64Array(n * k);
  for (let row = 0; row < n; row++) target[row * k + given[row]] = 1;
  const { c, temperature } = fitTunedSoftmax(features, target, k, group);
  const probabilities = new Float64Array(n * k).fill(1 / k);
  for (let fold = 0; fold < folds; fold++) {
    const heldOut: number[] = [];
    const learned: number[] = [];
    for (let row = 0; row < n; row++) (foldOf(group[row]) === fold ? heldOut : learned).push(row);
    if (heldOut.length === 0 || learned.length === 0) continue;
    const picked = new Float64Array(learned.length * k);
    learned.forEach((row, at) => picked.set(target.subarray(row * k, (row + 1) * k), at * k));
    const model = fitSoftmax(pickRows(features, learned), picked, k, { l2: 1 / c, tolerance: 1e-4 });
    const cooled = {
      ...model,
      weights: model.weights.map((weight) => weight / temperature),
      intercepts: model.intercepts.map((intercept) => intercept / temperature),
    };
    const said = predictSoftmax(cooled, pickRows(features, heldOut));
    heldOut.forEach((row, at) => probabilities.set(said.subarray(at * k, (at + 1) * k), row * k));
  }
  return { probabilities, c };
}

const folds = 5;

function foldOf(group: number): number {
  return ((group % folds) + folds) % folds;
}
