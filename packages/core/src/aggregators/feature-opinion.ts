import type { Matrix } from '../math/matrix.ts';
import { fitSoftmax, predictSoftmax } from '../math/softmax-regression.ts';
import { pickRows } from '../math/sparse.ts';

/** Rows that a classifier is taught on, and what is believed of them. */
export interface Lesson {
  /** Indices into the feature matrix. */
  readonly rows: readonly number[];
  /** rows × k. */
  readonly target: Float64Array;
  readonly weights: Float64Array;
}

/** What the items' features say, item by item, from a classifier that saw neither the item's votes nor its gold label: items are parted into
 *  folds, and each fold is judged by a softmax regression taught on the posteriors of the others.
 *  @param lessons per fold, without rows of that fold   @returns n×k */
export function featureOpinion(
  features: Matrix,
  foldOf: ArrayLike<number>,
  lessons: readonly Lesson[],
  k: number,
  l2: number,
): Float64Array {
  const opinion = new Float64Array(features.rows * k).fill(1 / k);
  lessons.forEach(({ rows, target, weights }, fold) => {
    if (rows.length === 0) return;
    const model = fitSoftmax(pickRows(features, rows), target, k, { l2, sampleWeights: weights, tolerance: 1e-4 });
    const judged: number[] = [];
    for (let i = 0; i < features.rows; i++) if (foldOf[i] === fold) judged.push(i);
    const said = predictSoftmax(model, pickRows(features, judged));
    judged.forEach((i, row) => opinion.set(said.subarray(row * k, row * k + k), i * k));
  });
  return opinion;
}
