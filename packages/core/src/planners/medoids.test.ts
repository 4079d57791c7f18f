import { expect, test } from 'vitest';
import type { DenseMatrix } from '../math/matrix.ts';
import { createRandom } from '../math/random.ts';
import { checkOptions } from '../model/about.ts';
import { itemId, labelerId, labelId } from '../model/ids.ts';
import medoids from './medoids.ts';
import type { Situation } from './planner.ts';

/** Nine points about 0, five about 10; each group with its middle first. */
const points = [0, -4, -3, -2, -1, 1, 2, 3, 4, 10, 8, 9, 11, 12];
const features: DenseMatrix = { kind: 'dense', rows: points.length, columns: 1, values: Float32Array.from(points) };
const situation = (answered: readonly number[], batchSize: number): Situation => ({
  items: points.map((_, at) => itemId(`i${at}`)),
  labels: ['a', 'b'].map(labelId),
  posterior: new Float64Array(2 * points.length).fill(0.5),
  features,
  answered: Int32Array.from(points, (_, at) => (answered.includes(at) ? 0 : -1)),
  open: Uint8Array.from(points, (_, at) => Number(!answered.includes(at))),
  labelers: [{ id: labelerId('me'), costUsd: 0 }],
  batchSize,
  round: 0,
});
const plan = (answered: readonly number[], batchSize: number) =>
  medoids.plan(situation(answered, batchSize), checkOptions(medoids, { clusters: 2 }), createRandom(4));

test('asks the middle of the largest cluster, then that of the next', () => {
  expect(plan([], 2).map(({ item, reason }) => [item, reason])).toEqual([
    [0, 'the middle of 9 items that are alike'],
    [9, 'the middle of 5 items that are alike'],
  ]);
});

test('then two more of each, and only then the rest', () => {
  const checks = plan([0, 9], 4);
  expect(checks.filter(({ item }) => item < 9)).toHaveLength(2);
  expect(checks.every(({ utility }) => utility >= 2)).toBe(true);
  const after = plan([0, 9, ...checks.map(({ item }) => item)], 3);
  expect(after.every(({ utility }) => utility < 1)).toBe(true);
});
