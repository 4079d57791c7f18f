import type { Matrix, SparseMatrix } from '../math/matrix.ts';
import { fitSoftmax, predictSoftmax } from '../math/softmax-regression.ts';
import { pickRows } from '../math/sparse.ts';
import type { FewLabels, Way } from './few-labels.ts';

/** Softmax regression with each of three regularisations. */
export function classifierWays(given: FewLabels, seeds: readonly number[]): Way[] {
  return [10, 1, 100].map((c) => {
    const learn = createLearner(given, seeds, c);
    return { method: 'classifier', setting: c, tell: (learned, wanted) => learn(learned, (row) => given.answered[row])(wanted) };
  });
}

/** Learns from rows what `labelOf` says of them; then tells log probabilities (rows × k). */
export type Learner = (rows: readonly number[], labelOf: (row: number) => number) => (wanted: readonly number[]) => Float64Array;

export function createLearner({ features, answered, labels: k, weights }: FewLabels, seeds: readonly number[], c: number): Learner {
  const scaled = features.kind === 'dense' ? scaledToOne(features) : onlyColumnsOf(features, seeds);
  return (rows, labelOf) => {
    const target = new Float64Array(rows.length * k);
    rows.forEach((row, at) => {
      target[at * k + labelOf(row)] = 1;
    });
    const sampleWeights = rows.map((row) => (answered[row] < 0 ? 1 : (weights?.[row] ?? 1)));
    const model = fitSoftmax(pickRows(scaled, rows), target, k, { l2: 1 / c, sampleWeights, tolerance: 1e-4 });
    return (wanted) => predictSoftmax(model, pickRows(scaled, wanted)).map((p) => Math.log(Math.max(p, 1e-6)));
  };
}

/** Centred, and rows of mean square length 1: one regularisation then fits pixels, embeddings and texts. */
function scaledToOne(features: Matrix): Matrix {
  const { rows, columns, values } = features;
  const centre = new Float64Array(columns);
  for (let at = 0; at < values.length; at++) centre[at % columns] += values[at] / rows;
  const moved = values.map((value, at) => value - centre[at % columns]);
  let squares = 0;
  for (const value of moved) squares += (value * value) / rows;
  const scale = squares > 0 ? 1 / Math.sqrt(squares) : 1;
  return { ...features, values: moved.map((value) => value * scale) };
}

/** Without the columns that no seed has: their weights would stay 0, and there are many of them. */
function onlyColumnsOf(features: SparseMatrix, seeds: readonly number[]): SparseMatrix {
  const renamed = new Int32Array(features.columns).fill(-1);
  for (const row of seeds) for (let e = features.offsets[row]; e < features.offsets[row + 1]; e++) renamed[features.indices[e]] = 0;
  let columns = 0;
  for (let column = 0; column < renamed.length; column++) if (renamed[column] === 0) renamed[column] = columns++;
  const offsets = new Int32Array(features.rows + 1);
  const indices = new Int32Array(features.indices.length);
  const values = new Float32Array(features.indices.length);
  let used = 0;
  for (let row = 0; row < features.rows; row++) {
    for (let e = features.offsets[row]; e < features.offsets[row + 1]; e++) {
      if (renamed[features.indices[e]] < 0) continue;
      indices[used] = renamed[features.indices[e]];
      values[used++] = features.values[e];
    }
    offsets[row + 1] = used;
  }
  return { kind: 'sparse', rows: features.rows, columns, offsets, indices: indices.slice(0, used), values: values.slice(0, used) };
}
