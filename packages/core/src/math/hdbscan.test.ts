import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hdbscan } from './hdbscan.ts';
import type { DenseMatrix } from './matrix.ts';

const matrix = (points: readonly (readonly number[])[], columns = points[0]?.length ?? 2): DenseMatrix => ({
  kind: 'dense',
  rows: points.length,
  columns,
  values: Float32Array.from(points.flat()),
});

describe('hdbscan', () => {
  it('says what scikit-learn 1.9 says', () => {
    const { cluster, strength, count } = hdbscan(matrix(reference), { minClusterSize: 5, minSamples: 3 });
    expect(count).toBe(2);
    expect(Array.from(cluster)).toEqual([...Array<number>(14).fill(0), ...Array<number>(13).fill(1), 0, 1, 1, 1, 1]);
    strength.forEach((value, row) => expect(value).toBeCloseTo(strengths[row], 4));
  });

  it('calls what is far from everything noise, with a high outlier score', () => {
    const grid = (x: number, y: number): number[][] =>
      Array.from({ length: 25 }, (_, at) => [x + (at % 5) * 0.1, y + Math.floor(at / 5) * 0.1]);
    const { cluster, outlierScore, count } = hdbscan(matrix([...grid(0, 0), ...grid(9, 0), [4.5, 30]]), { minClusterSize: 5 });
    expect(count).toBe(2);
    expect(Array.from(cluster)).toEqual([...Array<number>(25).fill(0), ...Array<number>(25).fill(1), -1]);
    expect(outlierScore[50]).toBeGreaterThan(0.9);
    expect(Math.max(...outlierScore.subarray(0, 50))).toBeLessThan(0.6);
  });

  it('has an answer for no points, too few, and all the same', () => {
    expect(hdbscan(matrix([])).count).toBe(0);
    expect(Array.from(hdbscan(matrix([[1, 1]])).cluster)).toEqual([-1]);
    const same = hdbscan(matrix(Array.from({ length: 30 }, () => [1, 2])), { minClusterSize: 5 });
    for (const value of [...same.strength, ...same.outlierScore]) expect(value).not.toBeNaN();
  });

  it('finds the same clusters in any order of rows', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(Array.from(reference.keys()), { minLength: reference.length }), (order) => {
        const options = { minClusterSize: 5, minSamples: 3 };
        const straight = hdbscan(matrix(reference), options);
        const shuffled = hdbscan(matrix(order.map((row) => reference[row])), options);
        const names = new Map(order.map((row, at) => [shuffled.cluster[at], straight.cluster[row]]));
        order.forEach((row, at) => expect(names.get(shuffled.cluster[at])).toBe(straight.cluster[row]));
        expect(shuffled.count).toBe(straight.count);
      }),
      { numRuns: 20 },
    );
  });

  it('refuses sizes that mean nothing', () => {
    expect(() => hdbscan(matrix([[0]]), { minClusterSize: 1 })).toThrow('minClusterSize');
    expect(() => hdbscan(matrix([[0]]), { minSamples: 0.5 })).toThrow('minSamples');
  });
});

const reference = [
  [-0.33, -0.09],
  [0.83, 0.33],
  [-0.82, 0],
  [-0.31, 0.07],
  [-0.8, 0.12],
  [0.12, 0.79],
  [0.16, 0.26],
  [-0.75, 1.13],
  [-0.96, 0.55],
  [-0.16, -0.44],
  [-0.33, -0.34],
  [0.19, -0.06],
  [0.74, -0.91],
  [0, -0.45],
  [3.47, 1.73],
  [2.79, 3.13],
  [2.11, 3.59],
  [3.11, 3.6],
  [3.58, 2.41],
  [2.52, 2.88],
  [3.45, 3.51],
  [2.57, 2.64],
  [2.52, 2.65],
  [2.86, 2.92],
  [4.23, 2.7],
  [2.83, 3.28],
  [4.38, -0.52],
  [0.39, 0.13],
  [5.75, 0.87],
  [1.5, 5.6],
  [5.13, 0.56],
  [-0.23, 4.26],
];
const strengths = [
  1, 0.6094, 0.8239, 1, 0.8334, 0.5756, 0.9462, 0.4395, 0.7233, 1, 1, 0.9462, 0.4055, 1, 0.2778, 1, 0.4176, 0.8051, 0.388, 1, 0.5177, 1, 1,
  1, 0.3044, 0.9477, 0.1686, 0.9462, 0.1686, 0.1564, 0.1686, 0.1406,
];
