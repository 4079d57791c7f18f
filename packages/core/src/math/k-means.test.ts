import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kMeans, medoids, miniBatchKMeans } from './k-means.ts';
import type { DenseMatrix, Matrix } from './matrix.ts';
import { createRandom } from './random.ts';
import { createSparseBuilder } from './sparse.ts';

function dense(rows: readonly (readonly number[])[], columns = rows[0]?.length ?? 0): DenseMatrix {
  return { kind: 'dense', rows: rows.length, columns, values: Float32Array.from(rows.flat()) };
}

function sparse({ rows, columns, values }: DenseMatrix): Matrix {
  const builder = createSparseBuilder();
  const indices = Array.from({ length: columns }, (_, c) => c);
  for (let row = 0; row < rows; row++) builder.addRow(indices, values.subarray(row * columns, (row + 1) * columns));
  return builder.build(columns);
}

/** Four heaps of 100 points at the corners of a square of side 10. */
function heaps(spread: number): DenseMatrix {
  const random = createRandom(5);
  return dense(
    Array.from({ length: 400 }, (_, i) => [10 * (i % 2) + spread * random.normal(), 10 * ((i >> 1) % 2) + spread * random.normal()]),
  );
}

describe.each([
  ['kMeans', kMeans],
  ['miniBatchKMeans', miniBatchKMeans],
] as const)('%s', (_name, cluster) => {
  test('finds heaps that stand apart, dense or sparse', () => {
    for (const features of [heaps(0.5), sparse(heaps(0.5))]) {
      const { clusterOf, centres, inertia } = cluster(features, 4, {}, createRandom(1));
      for (let i = 0; i < 400; i++) expect(clusterOf[i]).toBe(clusterOf[i % 4]);
      expect(new Set(clusterOf).size).toBe(4);
      expect(centres.rows).toBe(4);
      // 400 points, variance 0.25 in each of two directions.
      expect(inertia).toBeGreaterThan(150);
      expect(inertia).toBeLessThan(250);
    }
  });

  test('edges: no rows, copies only, more clusters than rows, no columns, no weight', () => {
    expect(cluster(dense([], 3), 2, {}, createRandom(1)).centres.rows).toBe(0);
    const copies = cluster(dense([[1, 2], [1, 2], [1, 2]]), 2, {}, createRandom(1)); // biome-ignore format: rows
    expect([copies.centres.rows, copies.inertia]).toEqual([1, 0]);
    expect(cluster(dense([[0], [5]]), 7, {}, createRandom(1)).centres.rows).toBe(2);
    expect([...cluster(dense([[], []], 0), 2, {}, createRandom(1)).clusterOf]).toEqual([0, 0]);
    expect(cluster(dense([[0], [5]]), 2, { weights: [0, 0] }, createRandom(1)).inertia).toBeCloseTo(0);
  });

  test('the same seed gives the same clusters', () => {
    const run = (): number[] => [...cluster(heaps(4), 6, {}, createRandom(9)).clusterOf];
    expect(run()).toEqual(run());
  });

  test('misuse is told', () => {
    expect(() => cluster(dense([[1]]), 0, {}, createRandom(1))).toThrow(/k must be a whole number above 0, got 0/);
    expect(() => cluster(dense([[1]]), 1, { weights: [1, 2] }, createRandom(1))).toThrow(/there must be 1 weights, got 2/);
  });
});

test('a small example by hand: 0, 1 and 9, 10, 11 on a line', () => {
  const features = dense([[0], [1], [9], [10], [11]]);
  const result = kMeans(features, 2, {}, createRandom(3));
  const [left, right] = [result.clusterOf[0], result.clusterOf[4]];
  expect([...result.clusterOf]).toEqual([left, left, right, right, right]);
  expect(result.centres.values[left]).toBeCloseTo(0.5);
  expect(result.centres.values[right]).toBeCloseTo(10);
  expect(result.inertia).toBeCloseTo(0.25 + 0.25 + 1 + 0 + 1);
  expect(medoids(result)[right]).toBe(3);
});

test('a weight is worth as many copies', () => {
  // Centre of 0 and 9 × weight 2 is 6.
  expect(kMeans(dense([[0], [9]]), 1, { weights: [1, 2] }, createRandom(1)).centres.values[0]).toBeCloseTo(6);
  // A row without weight moves nothing, and still gets a cluster.
  const result = kMeans(dense([[0], [9], [1000]]), 2, { weights: [1, 1, 0] }, createRandom(1));
  expect([...result.centres.values].sort((a, b) => a - b)).toEqual([0, 9]);
  expect(result.clusterOf[2]).toBe(result.clusterOf[1]);
});

test('every row is with its nearest centre, and settled centres are the means of their rows', () => {
  const rows = fc.array(fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -50, max: 50 })), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 6 }), fc.integer(), (points, k, seed) => {
      const { clusterOf, centres, squaredDistances } = kMeans(dense(points), k, { tolerance: 0, maxIterations: 500 }, createRandom(seed));
      const at = (c: number): [number, number] => [centres.values[2 * c], centres.values[2 * c + 1]];
      points.forEach(([x, y], i) => {
        const squared = Array.from({ length: centres.rows }, (_, c) => (x - at(c)[0]) ** 2 + (y - at(c)[1]) ** 2);
        expect(squared[clusterOf[i]]).toBeLessThanOrEqual(Math.min(...squared) + 1e-3);
        expect(squaredDistances[i]).toBeCloseTo(squared[clusterOf[i]], 2);
      });
      for (let c = 0; c < centres.rows; c++) {
        const mine = points.filter((_, i) => clusterOf[i] === c);
        if (mine.length === 0) continue;
        expect(at(c)[0]).toBeCloseTo(mine.reduce((sum, [x]) => sum + x, 0) / mine.length, 3);
      }
    }),
    { numRuns: 100 },
  );
});

test('large data settle on a sample first, and are no worse for it', () => {
  const random = createRandom(2);
  const n = 20_000;
  const values = new Float32Array(n * 3);
  for (let at = 0; at < values.length; at++) values[at] = random.normal() + 6 * (Math.floor(at / 3) % 5) * (at % 3 === 0 ? 1 : 0);
  const { inertia } = kMeans({ kind: 'dense', rows: n, columns: 3, values }, 5, {}, createRandom(4));
  // Five heaps of variance 1 in three directions, a little less where heaps touch.
  expect(inertia / n).toBeGreaterThan(2.8);
  expect(inertia / n).toBeLessThan(3.05);
});
