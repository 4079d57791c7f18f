import type { Matrix, SparseMatrix } from './matrix.ts';
import { multiply, transpose } from './sparse.ts';
import { quantile } from './statistics.ts';

/** n: the squared Euclidean length of each row. */
export function squaredLengths(features: Matrix): Float64Array {
  const { rows, columns, values } = features;
  const lengths = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const end = features.kind === 'sparse' ? features.offsets[row + 1] : (row + 1) * columns;
    let sum = 0;
    for (let e = features.kind === 'sparse' ? features.offsets[row] : row * columns; e < end; e++) sum += values[e] * values[e];
    lengths[row] = sum;
  }
  return lengths;
}

/** Squared distances of all rows to one of them, into `out`. What is below a millionth of the lengths is rounding: 0, so that copies are copies.
 *  @param squares the squared lengths of the rows */
export function squaredDistancesTo(features: Matrix, squares: Float64Array, row: number, out: Float64Array): void {
  const point = new Float32Array(features.columns);
  addRow(features, row, 1, point, 0);
  multiply(features, point, 1, out);
  for (let other = 0; other < features.rows; other++) out[other] = squaredDistance(squares[other], squares[row], out[other]);
}

/** Of two rows, from their squared lengths and their product. */
export function squaredDistance(square: number, otherSquare: number, product: number): number {
  const both = square + otherSquare;
  const squared = both - 2 * product;
  return squared > 1e-6 * both ? squared : 0;
}

/** left.rows × right.rows squared distances, row-major. */
export function squaredDistancesBetween(left: Matrix, right: Matrix): Float64Array {
  const out = new Float64Array(left.rows * right.rows);
  if (left.kind === 'sparse' && right.kind === 'sparse') sparseProducts(left, transpose(right), out);
  else multiply(left, turned(right), right.rows, out);
  const [squares, others] = [squaredLengths(left), squaredLengths(right)];
  for (let row = 0, at = 0; row < left.rows; row++)
    for (let other = 0; other < right.rows; other++, at++) out[at] = squaredDistance(squares[row], others[other], out[at]);
  return out;
}

/** out += left · rightᵀ by what the rows share: a dense right side of text would be a thousand times as large as its entries. */
function sparseProducts(left: SparseMatrix, columnsOfRight: SparseMatrix, out: Float64Array): void {
  const { offsets, indices, values, columns: width } = columnsOfRight;
  for (let row = 0, first = 0; row < left.rows; row++, first += width) {
    for (let e = left.offsets[row]; e < left.offsets[row + 1]; e++) {
      const value = left.values[e];
      const end = offsets[left.indices[e] + 1];
      for (let f = offsets[left.indices[e]]; f < end; f++) out[first + indices[f]] += value * values[f];
    }
  }
}

/** The same rows without the columns that hold nothing: distances stay what they are. Dense ones as they are. */
export function withoutEmptyColumns(features: Matrix): Matrix {
  if (features.kind === 'dense') return features;
  const place = new Int32Array(features.columns).fill(-1);
  for (const column of features.indices) place[column] = 0;
  let used = 0;
  for (let column = 0; column < place.length; column++) if (place[column] === 0) place[column] = used++;
  return { ...features, columns: used, indices: features.indices.map((column) => place[column]) };
}

/** d×n values: columns become rows, zeros written out. */
export function turned(features: Matrix): Float32Array {
  const { rows, columns, values } = features;
  const out = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    if (features.kind === 'dense') for (let f = 0, e = row * columns; f < columns; f++, e++) out[f * rows + row] = values[e];
    else for (let e = features.offsets[row]; e < features.offsets[row + 1]; e++) out[features.indices[e] * rows + row] = values[e];
  }
  return out;
}

/** Rows `[first, first + rows)`, not copied. */
export function rowsOf(features: Matrix, first: number, rows: number): Matrix {
  const { columns, values } = features;
  return features.kind === 'dense'
    ? { kind: 'dense', rows, columns, values: values.subarray(first * columns, (first + rows) * columns) }
    : { ...features, rows, offsets: features.offsets.subarray(first, first + rows + 1) };
}

/** out[start …] += factor · row. */
export function addRow(features: Matrix, row: number, factor: number, out: Float32Array | Float64Array, start: number): void {
  const { columns, values } = features;
  if (features.kind === 'dense') {
    for (let f = 0, e = row * columns; f < columns; f++, e++) out[start + f] += factor * values[e];
    return;
  }
  const { offsets, indices } = features;
  for (let e = offsets[row]; e < offsets[row + 1]; e++) out[start + indices[e]] += factor * values[e];
}

/** d: the mean of all rows; zeros where there are none. */
export function meanRow(features: Matrix): Float64Array {
  const sum = new Float64Array(features.columns);
  for (let row = 0; row < features.rows; row++) addRow(features, row, 1 / features.rows, sum, 0);
  return sum;
}

/** One row against a dense one. */
export function rowProduct(features: Matrix, row: number, point: ArrayLike<number>): number {
  const { columns, values } = features;
  let sum = 0;
  if (features.kind === 'dense') for (let f = 0, e = row * columns; f < columns; f++, e++) sum += values[e] * point[f];
  else for (let e = features.offsets[row]; e < features.offsets[row + 1]; e++) sum += values[e] * point[features.indices[e]];
  return sum;
}

/** The squared distance that two rows usually have: twice the median squared distance to the mean, so that a few rows far away change little. */
export function usualSquaredDistance(features: Matrix): number {
  if (features.rows === 0) return 0;
  const mean = meanRow(features);
  let ofMean = 0;
  for (const value of mean) ofMean += value * value;
  const squared = squaredLengths(features).map((square, row) => squaredDistance(square, ofMean, rowProduct(features, row, mean)));
  return 2 * quantile(squared.sort(), 0.5);
}
