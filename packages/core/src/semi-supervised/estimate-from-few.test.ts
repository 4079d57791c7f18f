import { describe, expect, it } from 'vitest';
import type { DenseMatrix } from '../math/matrix.ts';
import { createRandom } from '../math/random.ts';
import { createSparseBuilder, pickRows } from '../math/sparse.ts';
import { estimateFromFew } from './estimate-from-few.ts';

/** Two half rings, one inside the other's opening. */
function moons(rows: number, seed = 3): { features: DenseMatrix; truth: Int32Array } {
  const random = createRandom(seed);
  const values = new Float32Array(rows * 2);
  const truth = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const angle = Math.PI * random.next();
    truth[row] = row % 2;
    const [x, y] = truth[row] === 0 ? [Math.cos(angle), Math.sin(angle)] : [1 - Math.cos(angle), 0.4 - Math.sin(angle)];
    values[2 * row] = x + 0.06 * random.normal();
    values[2 * row + 1] = y + 0.06 * random.normal();
  }
  return { features: { kind: 'dense', rows, columns: 2, values }, truth };
}

function shareRight(posterior: Float64Array, truth: Int32Array, k: number): number {
  return (
    truth.reduce((sum, label, row) => {
      const said = posterior.subarray(row * k, (row + 1) * k);
      return sum + (said.indexOf(Math.max(...said)) === label ? 1 : 0);
    }, 0) / truth.length
  );
}

describe('estimateFromFew', () => {
  it('follows the shape of the data: two moons from six answers', () => {
    const { features, truth } = moons(400);
    const answered = truth.map((label, row) => ([0, 1, 100, 101, 200, 201].includes(row) ? label : -1));
    const { posterior } = estimateFromFew({ features, answered, labels: 2, random: createRandom(1) });
    expect(shareRight(posterior, truth, 2)).toBeGreaterThan(0.98);
  });

  it('answers stay; rows sum to 1; no NaN: copies, zero rows, an isolated point, a label that nobody gave', () => {
    const values = new Float32Array(60).fill(1);
    values.fill(0, 20, 30);
    values[59] = 1e6;
    const answered = new Int32Array(30).fill(-1);
    answered[0] = 2;
    answered[12] = 0;
    answered[29] = 0;
    const { posterior } = estimateFromFew({
      features: { kind: 'dense', rows: 30, columns: 2, values },
      answered,
      labels: 4,
      random: createRandom(1),
    });
    expect(posterior.every((p) => p >= 0 && p <= 1)).toBe(true);
    for (let row = 0; row < 30; row++) expect(posterior.subarray(row * 4, row * 4 + 4).reduce((a, b) => a + b)).toBeCloseTo(1, 9);
    expect(Array.from(posterior.subarray(0, 4))).toEqual([0, 0, 1, 0]);
  });

  it('nobody answered, or all said the same: the class shares', () => {
    const { features } = moons(10);
    const random = createRandom(1);
    const none = estimateFromFew({ features, answered: new Int32Array(10).fill(-1), labels: 2, random });
    expect(Array.from(none.posterior.subarray(0, 2))).toEqual([0.5, 0.5]);
    const same = estimateFromFew({
      features,
      answered: Int32Array.from({ length: 10 }, (_, row) => (row < 3 ? 1 : -1)),
      labels: 2,
      random,
    });
    expect(Array.from(same.posterior.subarray(18))).toEqual([0.125, 0.875]);
  });

  it('the order of the items does not matter', () => {
    const { features, truth } = moons(120);
    const answered = truth.map((label, row) => (row < 30 ? label : -1));
    const order = createRandom(9).shuffle(Array.from({ length: 120 }, (_, row) => row));
    const straight = estimateFromFew({ features, answered, labels: 2, random: createRandom(1) });
    const shuffled = estimateFromFew({
      features: pickRows(features, order),
      answered: Int32Array.from(order, (row) => answered[row]),
      labels: 2,
      random: createRandom(1),
    });
    expect(shuffled.method).toBe(straight.method);
    order.forEach((row, at) => expect(shuffled.posterior[2 * at]).toBeCloseTo(straight.posterior[2 * row], 4));
  });

  it('what is a matter of a direction is left to the classifier, with enough answers', () => {
    // Noise in 30 directions hides the one that matters from distances.
    const random = createRandom(4);
    const values = Float32Array.from({ length: 400 * 31 }, () => random.normal());
    const truth = Int32Array.from({ length: 400 }, (_, row) => (values[row * 31] > 0 ? 1 : 0));
    for (let row = 0; row < 400; row++) values[row * 31] *= 1.5;
    const features: DenseMatrix = { kind: 'dense', rows: 400, columns: 31, values };
    const answered = truth.map((label, row) => (row < 150 ? label : -1));
    const chosen = estimateFromFew({ features, answered, labels: 2, random: createRandom(1) });
    expect(chosen.method).toBe('classifier');
    const graph = estimateFromFew({ features, answered, labels: 2, random: createRandom(1), methods: ['graph'] });
    expect(shareRight(chosen.posterior, truth, 2)).toBeGreaterThan(shareRight(graph.posterior, truth, 2) + 0.02);
  });

  it('only what is asked for is tried; self-training too', () => {
    const { features, truth } = moons(100);
    const answered = truth.map((label, row) => (row < 24 ? label : -1));
    const { method, scores, posterior } = estimateFromFew({
      features,
      answered,
      labels: 2,
      random: createRandom(1),
      methods: ['self-training'],
    });
    expect(method).toBe('self-training');
    expect(scores.map((score) => score.method)).toEqual(['self-training']);
    expect(shareRight(posterior, truth, 2)).toBeGreaterThan(0.8);
  });

  it('an answer of weight 0 teaches nothing; lengths that do not fit are refused', () => {
    const { features, truth } = moons(100);
    const answered = truth.map((label, row) => (row < 20 ? label : -1));
    const wrong = Int32Array.from(answered);
    wrong[50] = 1 - truth[50];
    const weights = new Float64Array(100).fill(1);
    weights[50] = 0;
    const random = createRandom(1);
    const without = estimateFromFew({ features, answered, labels: 2, random });
    const weightless = estimateFromFew({ features, answered: wrong, labels: 2, random, weights });
    expect(weightless.posterior.subarray(120)).toEqual(without.posterior.subarray(120));
    expect(() => estimateFromFew({ features, answered: new Int32Array(3), labels: 2, random })).toThrow('answered must hold 100');
    expect(() => estimateFromFew({ features, answered: wrong, labels: 1, random })).toThrow('holds label 1');
  });

  it('texts: sparse rows, empty ones too, and nothing but empty ones', () => {
    const builder = createSparseBuilder();
    const empty = createSparseBuilder();
    const random = createRandom(2);
    for (let row = 0; row < 60; row++) {
      if (row < 58) builder.addRow([(row % 2) * 10 + random.integer(10), (row % 2) * 10 + random.integer(10), 20], [1, 1, 1]);
      else builder.addRow([], []);
      empty.addRow([], []);
    }
    const truth = Int32Array.from({ length: 60 }, (_, row) => row % 2);
    const answered = truth.map((label, row) => (row < 8 ? label : -1));
    const said = estimateFromFew({ features: builder.build(21), answered, labels: 2, random });
    expect(shareRight(said.posterior, truth, 2)).toBeGreaterThan(0.9);
    const nothing = estimateFromFew({ features: empty.build(3), answered, labels: 2, random });
    expect(nothing.posterior.every((p) => p >= 0 && p <= 1)).toBe(true);
  });
});
