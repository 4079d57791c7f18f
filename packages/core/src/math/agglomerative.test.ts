import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agglomerate, cutDendrogram, linkages } from './agglomerative.ts';
import type { DenseMatrix } from './matrix.ts';

const matrix = (points: readonly (readonly number[])[]): DenseMatrix => ({
  kind: 'dense',
  rows: points.length,
  columns: points[0]?.length ?? 1,
  values: Float32Array.from(points.flat()),
});
const six = matrix([
  [0, 0],
  [0, 1],
  [4, 0],
  [4, 3],
  [9, 9],
  [9.5, 9],
]);

describe('agglomerate', () => {
  it.each([
    ['ward', [0.5, 1, 3, 5.83095, 17.63047]],
    ['average', [0.5, 1, 3, 4.39881, 10.88354]],
    ['complete', [0.5, 1, 3, 5, 13.08625]],
    ['single', [0.5, 1, 3, 4, 7.81025]],
  ] as const)('has the heights of SciPy: %s', (linkage, heights) => {
    const { height } = agglomerate(six, linkage);
    heights.forEach((value, merge) => expect(height[merge]).toBeCloseTo(value, 4));
  });

  it('cuts into as many clusters as wanted', () => {
    const tree = agglomerate(six);
    expect(Array.from(cutDendrogram(tree, 2))).toEqual([0, 0, 0, 0, 1, 1]);
    expect(Array.from(cutDendrogram(tree, 3))).toEqual([0, 0, 1, 1, 2, 2]);
    expect(Array.from(cutDendrogram(tree, 99))).toEqual([0, 1, 2, 3, 4, 5]);
    expect(Array.from(cutDendrogram(agglomerate(matrix([[1]])), 1))).toEqual([0]);
  });

  it('joins every node once, from the nearest to the farthest', () => {
    const points = fc.array(fc.tuple(fc.float({ min: -9, max: 9, noNaN: true }), fc.float({ min: -9, max: 9, noNaN: true })), {
      minLength: 2,
      maxLength: 12,
    });
    fc.assert(
      fc.property(points, fc.constantFrom(...linkages), (given, linkage) => {
        const { left, right, height } = agglomerate(matrix(given), linkage);
        const seen = [...left, ...right].sort((a, b) => a - b);
        expect(seen).toEqual(Array.from({ length: 2 * given.length - 2 }, (_, node) => node));
        for (let merge = 1; merge < height.length; merge++) expect(height[merge]).toBeGreaterThanOrEqual(height[merge - 1] - 1e-4);
      }),
    );
  });

  it('refuses what would not fit into memory', () => {
    const many: DenseMatrix = { kind: 'dense', rows: 20_001, columns: 0, values: new Float32Array(0) };
    expect(() => agglomerate(many)).toThrow('at most 20000 rows');
  });
});
