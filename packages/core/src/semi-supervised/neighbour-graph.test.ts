import { describe, expect, it } from 'vitest';
import type { DenseMatrix, SparseMatrix } from '../math/matrix.ts';
import { nearestNeighbours } from '../math/nearest-neighbours.ts';
import { fitNeighbourGraph, graphOf } from './neighbour-graph.ts';
import { spreadLabels } from './spread-labels.ts';

const line = (...places: number[]): DenseMatrix => ({ kind: 'dense', rows: places.length, columns: 1, values: Float32Array.from(places) });

function full({ rows, offsets, indices, values }: SparseMatrix): number[][] {
  return Array.from({ length: rows }, (_, row) => {
    const out = new Array<number>(rows).fill(0);
    for (let e = offsets[row]; e < offsets[row + 1]; e++) out[indices[e]] = values[e];
    return out;
  });
}

describe('fitNeighbourGraph', () => {
  it('by hand: 0, 1 and 3 on a line, one neighbour each', () => {
    // σ = 1, 1, 2. W01 = exp(−1 / 1·1); 3 hears of 1 only: W12 = exp(−4 / 2·1). D = w01, w01 + w12, w12.
    const [w01, w12] = [Math.exp(-1), Math.exp(-2)];
    const [d0, d1, d2] = [w01, w01 + w12, w12];
    const graph = full(fitNeighbourGraph(line(0, 1, 3), { neighbours: 1 }));
    const expected = [
      [0, w01 / Math.sqrt(d0 * d1), 0],
      [w01 / Math.sqrt(d0 * d1), 0, w12 / Math.sqrt(d1 * d2)],
      [0, w12 / Math.sqrt(d1 * d2), 0],
    ];
    graph.forEach((row, i) => row.forEach((value, j) => expect(value).toBeCloseTo(expected[i][j], 6)));
  });

  it('symmetric, indices ascending, eigenvalues within 1 (no row of spread mass grows)', () => {
    const graph = fitNeighbourGraph(line(...Array.from({ length: 60 }, (_, at) => Math.sin(at * at) * 10)));
    const matrix = full(graph);
    for (let i = 0; i < 60; i++) for (let j = 0; j < i; j++) expect(matrix[i][j]).toBe(matrix[j][i]);
    for (let row = 0; row < 60; row++)
      for (let e = graph.offsets[row] + 1; e < graph.offsets[row + 1]; e++) expect(graph.indices[e]).toBeGreaterThan(graph.indices[e - 1]);
    const spread = spreadLabels(graph, new Float64Array(60).fill(1), 1, { alpha: 1, sweeps: 300 });
    expect(Math.hypot(...spread)).toBeLessThanOrEqual(Math.sqrt(60) + 1e-6);
  });

  it('fewer neighbours of known ones are the same as asking for fewer', () => {
    const rows = line(...Array.from({ length: 40 }, (_, at) => Math.cos(at) * at));
    const known = nearestNeighbours(rows, { k: 15, metric: 'euclid' });
    expect(full(graphOf(known, 40, 7, 10))).toEqual(full(fitNeighbourGraph(rows, { neighbours: 10 })));
  });

  it('copies hold together, a far point is not NaN, one item has no neighbours, no items no rows', () => {
    for (const matrix of [line(...new Array<number>(12).fill(1)), line(...new Array<number>(12).fill(1), 1e9), line(5), line()]) {
      const graph = fitNeighbourGraph(matrix);
      expect(graph.values.every((value) => value >= 0 && value <= 1)).toBe(true);
    }
    expect(fitNeighbourGraph(line(5)).offsets).toEqual(Int32Array.of(0, 0));
  });
});

describe('spreadLabels', () => {
  it('by hand: two sweeps between two points', () => {
    // S = [[0, 1], [1, 0]], α = ½, Y = (1, 0): F₁ = ½ S Y + ½ Y = (½, ½), F₂ = (¼ + ½, ¼).
    const graph = fitNeighbourGraph(line(0, 1), { neighbours: 1 });
    const spread = spreadLabels(graph, Float64Array.of(1, 0), 1, { alpha: 0.5, sweeps: 2 });
    expect(spread[0]).toBeCloseTo(0.75, 6);
    expect(spread[1]).toBeCloseTo(0.25, 6);
  });

  it('converges to (1 − α)(I − α S)⁻¹ Y', () => {
    const graph = fitNeighbourGraph(line(0, 1, 3), { neighbours: 1 });
    const seeds = Float64Array.of(1, 0, 0);
    const spread = spreadLabels(graph, seeds, 1, { alpha: 0.9, sweeps: 500 });
    full(graph).forEach((row, i) => {
      const heard = row.reduce((sum, value, j) => sum + value * spread[j], 0);
      expect(spread[i]).toBeCloseTo(0.9 * heard + 0.1 * seeds[i], 9);
    });
  });
});
