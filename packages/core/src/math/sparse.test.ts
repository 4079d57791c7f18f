import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DenseMatrix, Matrix, SparseMatrix } from './matrix.ts';
import { besideSparse, createSparseBuilder, multiply, normalizeRows, pickRows, transpose, weightedSquares } from './sparse.ts';

function sparseOf(rows: readonly (readonly number[])[], columns: number): SparseMatrix {
  const builder = createSparseBuilder();
  for (const row of rows)
    builder.addRow(
      row.map((_, column) => column),
      row,
    );
  return builder.build(columns);
}

const denseOf = (rows: readonly (readonly number[])[], columns: number): DenseMatrix => ({
  kind: 'dense',
  rows: rows.length,
  columns,
  values: Float32Array.from(rows.flat()),
});

function rowsOf(matrix: Matrix): number[][] {
  return Array.from({ length: matrix.rows }, (_, row) => {
    if (matrix.kind === 'dense') return [...matrix.values.subarray(row * matrix.columns, (row + 1) * matrix.columns)];
    const values: number[] = Array(matrix.columns).fill(0);
    for (let e = matrix.offsets[row]; e < matrix.offsets[row + 1]; e++) values[matrix.indices[e]] = matrix.values[e];
    return values;
  });
}

const tables = fc.record({ rows: fc.nat(6), columns: fc.nat(7), width: fc.integer({ min: 1, max: 9 }) }).chain(({ rows, columns, width }) =>
  fc.record({
    columns: fc.constant(columns),
    width: fc.constant(width),
    table: fc.array(fc.array(fc.constantFrom(0, 0, 1, -2, 0.5), { minLength: columns, maxLength: columns }), {
      minLength: rows,
      maxLength: rows,
    }),
  }),
);

describe('sparse matrices', () => {
  test('rows come out sorted, equal columns added, zeros dropped', () => {
    const builder = createSparseBuilder();
    builder.addRow([3, 1, 3, 0, 2], [1, 5, 2, 0, 4]);
    builder.addRow([], []);
    builder.addRow([2, 2], [1, -1]);
    const built = builder.build(4);
    expect([...built.offsets]).toEqual([0, 3, 3, 3]);
    expect([...built.indices]).toEqual([1, 2, 3]);
    expect([...built.values]).toEqual([5, 4, 3]);
  });

  test('an index beyond the columns is told', () => {
    const builder = createSparseBuilder();
    builder.addRow([7], [1]);
    expect(() => builder.build(7)).toThrow('an index is 7, but there are 7 columns');
  });

  test('transpose, multiply, pickRows and weightedSquares agree with the textbook on any table, sparse and dense', () => {
    fc.assert(
      fc.property(tables, ({ table, columns, width }) => {
        const right = Float32Array.from({ length: columns * width }, (_, at) => ((at * 7) % 5) - 2);
        const product = table.map((row) =>
          Array.from({ length: width }, (_, c) => row.reduce((sum, value, f) => sum + value * right[f * width + c], 0)),
        );
        const turned = Array.from({ length: columns }, (_, c) => table.map((row) => row[c]));
        const weights = Float64Array.from({ length: columns }, (_, c) => c + 1);
        const wanted = table.map((_, row) => table.length - 1 - row);
        for (const matrix of [sparseOf(table, columns), denseOf(table, columns)]) {
          const out = new Float64Array(table.length * width).fill(9);
          multiply(matrix, right, width, out);
          expect([...out]).toEqual(product.flat());
          expect(rowsOf(transpose(matrix))).toEqual(turned);
          expect(rowsOf(pickRows(matrix, wanted))).toEqual(table.toReversed());
          const squares = new Float64Array(table.length);
          weightedSquares(matrix, weights, squares);
          expect([...squares]).toEqual(table.map((row) => row.reduce((sum, value, c) => sum + value * value * weights[c], 0)));
        }
      }),
    );
  });

  test('side by side and rows of length one', () => {
    const both = besideSparse(
      sparseOf([[3], [0]], 1),
      sparseOf(
        [
          [0, 4],
          [0, 0],
        ],
        2,
      ),
    );
    expect(rowsOf(both)).toEqual([
      [3, 0, 4],
      [0, 0, 0],
    ]);
    normalizeRows(both);
    expect(rowsOf(both)[0]).toEqual([Math.fround(0.6), 0, Math.fround(0.8)]);
    expect(() => besideSparse(both, sparseOf([[1]], 1))).toThrow('2 rows cannot stand beside 1');
  });
});
