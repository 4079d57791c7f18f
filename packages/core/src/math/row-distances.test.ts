import { expect, test } from 'vitest';
import type { DenseMatrix, Matrix } from './matrix.ts';
import {
  meanRow,
  usualSquaredDistance,
  rowProduct,
  rowsOf,
  squaredDistancesBetween,
  squaredDistancesTo,
  squaredLengths,
  withoutEmptyColumns,
} from './row-distances.ts';
import { createSparseBuilder } from './sparse.ts';

const dense: DenseMatrix = { kind: 'dense', rows: 3, columns: 4, values: Float32Array.from([3, 0, 4, 0, 0, 0, 0, 0, 3, 0, 0, 1]) };
const builder = createSparseBuilder();
for (let row = 0; row < 3; row++) builder.addRow([0, 1, 2, 3], dense.values.subarray(4 * row, 4 * row + 4));
const sparse = builder.build(4);

test.each<[string, Matrix]>([
  ['dense', dense],
  ['sparse', sparse],
])('%s rows: lengths, products, distances by hand', (_kind, features) => {
  expect([...squaredLengths(features)]).toEqual([25, 0, 10]);
  expect(rowProduct(features, 0, [1, 10, 2, 0])).toBe(11);
  // 3, 0, 4, 0 to 3, 0, 0, 1: 16 + 1.
  const all = [0, 25, 17, 25, 0, 10, 17, 10, 0];
  expect([...squaredDistancesBetween(features, features)]).toEqual(all);
  expect([...squaredDistancesBetween(rowsOf(features, 1, 2), features)]).toEqual(all.slice(3));
  const out = new Float64Array(3);
  squaredDistancesTo(features, squaredLengths(features), 2, out);
  expect([...out]).toEqual([17, 10, 0]);
  expect([...meanRow(features)].map((value) => Number(value.toFixed(6)))).toEqual([2, 0, 1.333333, 0.333333]);
  // To the mean (2, 0, 4/3, 1/3): 1 + 64/9 + 1/9, 4 + 16/9 + 1/9, 1 + 16/9 + 4/9; the middle one is 53/9.
  expect(usualSquaredDistance(features)).toBeCloseTo(106 / 9, 4);
});

test('sparse against dense rows', () => {
  expect([...squaredDistancesBetween(sparse, dense)]).toEqual([...squaredDistancesBetween(dense, dense)]);
  expect([...squaredDistancesBetween(dense, sparse)]).toEqual([...squaredDistancesBetween(dense, dense)]);
});

test('empty columns go, distances stay', () => {
  const narrow = withoutEmptyColumns(sparse);
  expect(narrow.columns).toBe(3);
  expect([...squaredDistancesBetween(narrow, narrow)]).toEqual([...squaredDistancesBetween(sparse, sparse)]);
  expect(withoutEmptyColumns(dense)).toBe(dense);
});

test('copies are at distance 0, in spite of rounding', () => {
  const values = Float32Array.from([0.1, 0.7, 1e3, 0.1, 0.7, 1e3]);
  expect([
    ...squaredDistancesBetween({ kind: 'dense', rows: 2, columns: 3, values }, { kind: 'dense', rows: 2, columns: 3, values }),
  ]).toEqual([0, 0, 0, 0]);
});
