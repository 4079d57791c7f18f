import { CoreError } from '../model/errors.ts';
import type { DenseMatrix, Matrix, SparseMatrix } from './matrix.ts';

/** Collects sparse rows one after another; `columns` may be wider than the largest index seen. */
export interface SparseBuilder {
  /** Entries of one row in any order; a column may come several times: its values are added. Zeros are left out. */
  readonly addRow: (indices: ArrayLike<number>, values: ArrayLike<number>, count?: number) => void;
  readonly build: (columns: number) => SparseMatrix;
}

export function createSparseBuilder(): SparseBuilder {
  let indices = new Int32Array(1024);
  let values = new Float32Array(1024);
  let used = 0;
  const offsets: number[] = [0];
  let widest = 0;

  const reserve = (wanted: number): void => {
    if (wanted <= indices.length) return;
    const size = Math.max(wanted, 2 * indices.length);
    const moved = [new Int32Array(size), new Float32Array(size)] as const;
    moved[0].set(indices.subarray(0, used));
    moved[1].set(values.subarray(0, used));
    [indices, values] = moved;
  };

  return {
    addRow(rowIndices, rowValues, count = rowIndices.length) {
      reserve(used + count);
      const first = used;
      for (let e = 0; e < count; e++) {
        indices[used] = rowIndices[e];
        values[used++] = rowValues[e];
      }
      used = tidyRow(indices, values, first, used);
      if (used > first) widest = Math.max(widest, indices[used - 1] + 1);
      offsets.push(used);
    },
    build(columns) {
      if (widest > columns) throw new CoreError('bad-shape', `sparse: an index is ${widest - 1}, but there are ${columns} columns`);
      return {
        kind: 'sparse',
        rows: offsets.length - 1,
        columns,
        offsets: Int32Array.from(offsets),
        indices: indices.slice(0, used),
        values: values.slice(0, used),
      };
    },
  };
}

/** Sorts the entries `[first, end)` by column, adds up equal columns, drops zeros; returns the new end. */
function tidyRow(indices: Int32Array, values: Float32Array, first: number, end: number): number {
  let ascending = true;
  for (let e = first; e < end && ascending; e++) ascending = values[e] !== 0 && (e === first || indices[e - 1] < indices[e]);
  if (ascending) return end;
  const sums = new Map<number, number>();
  for (let e = first; e < end; e++) sums.set(indices[e], (sums.get(indices[e]) ?? 0) + values[e]);
  let used = first;
  for (const column of Int32Array.from(sums.keys()).sort()) {
    const value = sums.get(column) as number;
    if (value === 0) continue;
    indices[used] = column;
    values[used++] = value;
  }
  return used;
}

/** Columns become rows. */
export function transpose<M extends Matrix>(matrix: M): M;
export function transpose(matrix: Matrix): Matrix {
  return matrix.kind === 'sparse' ? transposeSparse(matrix) : transposeDense(matrix);
}

function transposeSparse({ rows, columns, offsets, indices, values }: SparseMatrix): SparseMatrix {
  const starts = new Int32Array(columns + 1);
  for (let e = 0; e < indices.length; e++) starts[indices[e] + 1]++;
  for (let c = 0; c < columns; c++) starts[c + 1] += starts[c];
  const free = starts.slice(0, columns);
  const rowOf = new Int32Array(indices.length);
  const moved = new Float32Array(indices.length);
  for (let row = 0; row < rows; row++) {
    for (let e = offsets[row]; e < offsets[row + 1]; e++) {
      const at = free[indices[e]]++;
      rowOf[at] = row;
      moved[at] = values[e];
    }
  }
  return { kind: 'sparse', rows: columns, columns: rows, offsets: starts, indices: rowOf, values: moved };
}

function transposeDense({ rows, columns, values }: DenseMatrix): DenseMatrix {
  const moved = new Float32Array(values.length);
  for (let row = 0, at = 0; row < rows; row++) for (let c = 0; c < columns; c++, at++) moved[c * rows + row] = values[at];
  return { kind: 'dense', rows: columns, columns: rows, values: moved };
}

/** out = left · right; left n×d, right d×width row-major, out n×width row-major. Eight columns at a time stay in registers, written out
 *  because JavaScript has no vectors: with `transpose` for the other direction, three times faster than scattering. */
export function multiply(left: Matrix, right: Float32Array, width: number, out: Float64Array): void {
  if (left.kind === 'sparse') multiplySparse(left, right, width, out);
  else multiplyDense(left, right, width, out);
}

function multiplySparse(left: SparseMatrix, right: Float32Array, width: number, out: Float64Array): void {
  const { rows, offsets, indices, values } = left;
  for (let row = 0, first = 0; row < rows; row++, first += width) {
    const begin = offsets[row];
    const end = offsets[row + 1];
    let c = 0;
    for (; c + 8 <= width; c += 8) {
      let sum0 = 0;
      let sum1 = 0;
      let sum2 = 0;
      let sum3 = 0;
      let sum4 = 0;
      let sum5 = 0;
      let sum6 = 0;
      let sum7 = 0;
      for (let e = begin; e < end; e++) {
        const value = values[e];
        const at = indices[e] * width + c;
        sum0 += value * right[at];
        sum1 += value * right[at + 1];
        sum2 += value * right[at + 2];
        sum3 += value * right[at + 3];
        sum4 += value * right[at + 4];
        sum5 += value * right[at + 5];
        sum6 += value * right[at + 6];
        sum7 += value * right[at + 7];
      }
      out[first + c] = sum0;
      out[first + c + 1] = sum1;
      out[first + c + 2] = sum2;
      out[first + c + 3] = sum3;
      out[first + c + 4] = sum4;
      out[first + c + 5] = sum5;
      out[first + c + 6] = sum6;
      out[first + c + 7] = sum7;
    }
    for (; c + 4 <= width; c += 4) {
      let sum0 = 0;
      let sum1 = 0;
      let sum2 = 0;
      let sum3 = 0;
      for (let e = begin; e < end; e++) {
        const value = values[e];
        const at = indices[e] * width + c;
        sum0 += value * right[at];
        sum1 += value * right[at + 1];
        sum2 += value * right[at + 2];
        sum3 += value * right[at + 3];
      }
      out[first + c] = sum0;
      out[first + c + 1] = sum1;
      out[first + c + 2] = sum2;
      out[first + c + 3] = sum3;
    }
    for (; c < width; c++) {
      let sum = 0;
      for (let e = begin; e < end; e++) sum += values[e] * right[indices[e] * width + c];
      out[first + c] = sum;
    }
  }
}

function multiplyDense(left: DenseMatrix, right: Float32Array, width: number, out: Float64Array): void {
  const { rows, columns, values } = left;
  for (let row = 0, first = 0, begin = 0; row < rows; row++, first += width, begin += columns) {
    let c = 0;
    for (; c + 8 <= width; c += 8) {
      let sum0 = 0;
      let sum1 = 0;
      let sum2 = 0;
      let sum3 = 0;
      let sum4 = 0;
      let sum5 = 0;
      let sum6 = 0;
      let sum7 = 0;
      for (let f = 0, at = c; f < columns; f++, at += width) {
        const value = values[begin + f];
        sum0 += value * right[at];
        sum1 += value * right[at + 1];
        sum2 += value * right[at + 2];
        sum3 += value * right[at + 3];
        sum4 += value * right[at + 4];
        sum5 += value * right[at + 5];
        sum6 += value * right[at + 6];
        sum7 += value * right[at + 7];
      }
      out[first + c] = sum0;
      out[first + c + 1] = sum1;
      out[first + c + 2] = sum2;
      out[first + c + 3] = sum3;
      out[first + c + 4] = sum4;
      out[first + c + 5] = sum5;
      out[first + c + 6] = sum6;
      out[first + c + 7] = sum7;
    }
    for (; c + 4 <= width; c += 4) {
      let sum0 = 0;
      let sum1 = 0;
      let sum2 = 0;
      let sum3 = 0;
      for (let f = 0, at = c; f < columns; f++, at += width) {
        const value = values[begin + f];
        sum0 += value * right[at];
        sum1 += value * right[at + 1];
        sum2 += value * right[at + 2];
        sum3 += value * right[at + 3];
      }
      out[first + c] = sum0;
      out[first + c + 1] = sum1;
      out[first + c + 2] = sum2;
      out[first + c + 3] = sum3;
    }
    for (; c < width; c++) {
      let sum = 0;
      for (let f = 0, at = c; f < columns; f++, at += width) sum += values[begin + f] * right[at];
      out[first + c] = sum;
    }
  }
}

/** out[row] = Σ value² · weights[column]. */
export function weightedSquares(matrix: Matrix, weights: Float64Array, out: Float64Array): void {
  const { rows, columns, values } = matrix;
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    if (matrix.kind === 'sparse') {
      const { offsets, indices } = matrix;
      for (let e = offsets[row]; e < offsets[row + 1]; e++) sum += values[e] * values[e] * weights[indices[e]];
    } else {
      for (let c = 0, e = row * columns; c < columns; c++, e++) sum += values[e] * values[e] * weights[c];
    }
    out[row] = sum;
  }
}

/** The rows named, in that order; a row may be named several times. */
export function pickRows(matrix: Matrix, wanted: ArrayLike<number>): Matrix {
  const { columns, values } = matrix;
  const rows = wanted.length;
  if (matrix.kind === 'dense') {
    const picked = new Float32Array(rows * columns);
    for (let row = 0; row < rows; row++) picked.set(values.subarray(wanted[row] * columns, (wanted[row] + 1) * columns), row * columns);
    return { kind: 'dense', rows, columns, values: picked };
  }
  const offsets = new Int32Array(rows + 1);
  for (let row = 0; row < rows; row++) offsets[row + 1] = offsets[row] + matrix.offsets[wanted[row] + 1] - matrix.offsets[wanted[row]];
  const indices = new Int32Array(offsets[rows]);
  const picked = new Float32Array(offsets[rows]);
  for (let row = 0; row < rows; row++) {
    const begin = matrix.offsets[wanted[row]];
    const end = matrix.offsets[wanted[row] + 1];
    indices.set(matrix.indices.subarray(begin, end), offsets[row]);
    picked.set(values.subarray(begin, end), offsets[row]);
  }
  return { kind: 'sparse', rows, columns, offsets, indices, values: picked };
}

/** Side by side: the columns of `right` follow those of `left`. Same rows. */
export function besideSparse(left: SparseMatrix, right: SparseMatrix): SparseMatrix {
  if (left.rows !== right.rows) throw new CoreError('bad-shape', `sparse: ${left.rows} rows cannot stand beside ${right.rows}`);
  const size = left.indices.length + right.indices.length;
  const offsets = new Int32Array(left.rows + 1);
  const indices = new Int32Array(size);
  const values = new Float32Array(size);
  let used = 0;
  for (let row = 0; row < left.rows; row++) {
    for (let e = left.offsets[row]; e < left.offsets[row + 1]; e++) {
      indices[used] = left.indices[e];
      values[used++] = left.values[e];
    }
    for (let e = right.offsets[row]; e < right.offsets[row + 1]; e++) {
      indices[used] = left.columns + right.indices[e];
      values[used++] = right.values[e];
    }
    offsets[row + 1] = used;
  }
  return { kind: 'sparse', rows: left.rows, columns: left.columns + right.columns, offsets, indices, values };
}

/** Every row to Euclidean length 1, in place; empty rows stay empty. */
export function normalizeRows({ rows, offsets, values }: SparseMatrix): void {
  for (let row = 0; row < rows; row++) {
    let squares = 0;
    for (let e = offsets[row]; e < offsets[row + 1]; e++) squares += values[e] * values[e];
    if (squares === 0) continue;
    const length = Math.sqrt(squares);
    for (let e = offsets[row]; e < offsets[row + 1]; e++) values[e] /= length;
  }
}
