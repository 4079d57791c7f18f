import { expect, test } from 'vitest';
import type { DenseMatrix } from '../math/matrix.ts';
import { createRandom } from '../math/random.ts';
import { checkOptions } from '../model/about.ts';
import { itemId, labelerId, labelId } from '../model/ids.ts';
import { usualBatchSize } from './batch-size.ts';
import { byHash, largest } from './candidates.ts';
import coreSet from './core-set.ts';
import diversifiedMargin from './diversified-margin.ts';
import { meanOfNearest, outlierTest } from './outliers.ts';
import type { AnyPlanner, Situation } from './planner.ts';

/** A hundred points in a heap, the last one far away: all equally unsure, it most of all. */
const random = createRandom(4);
const values = Float32Array.from({ length: 200 }, (_, at) => (at >= 198 ? 50 : random.normal()));
const features: DenseMatrix = { kind: 'dense', rows: 100, columns: 2, values };
const situation: Situation = {
  items: Array.from({ length: 100 }, (_, i) => itemId(`item ${i}`)),
  labels: [labelId('yes'), labelId('no')],
  posterior: Float64Array.from({ length: 200 }, (_, at) => (at >= 198 ? 0.5 : at % 2 === 0 ? 0.6 : 0.4)),
  features,
  answered: Int32Array.from({ length: 100 }, (_, i) => (i === 0 ? 1 : -1)),
  open: Uint8Array.from({ length: 100 }, (_, i) => Number(i > 0)),
  labelers: [{ id: labelerId('anna'), costUsd: 0 }],
  batchSize: 5,
  round: 0,
};

function asked(planner: AnyPlanner, options: object): number[] {
  return planner.plan(situation, checkOptions(planner, options), createRandom(1)).map(({ item }) => item);
}

test.each([
  ['diversified-margin', diversifiedMargin],
  ['core-set', coreSet],
] as const)('%s passes over what lies apart from everything, unless told not to', (_name, planner) => {
  // Of a hundred items the oddest 1 % may be a single one: 2 % leave room for it.
  expect(asked(planner, { outliers: 0 })).toContain(99);
  const usual = asked(planner, { outliers: 0.02 });
  expect(usual).toHaveLength(5);
  expect(usual.slice(planner === coreSet ? 1 : 0)).not.toContain(99);
});

test('odd items are told by the distance to their neighbours, not by the distance to the middle', () => {
  const isOdd = outlierTest(features, Array.from({ length: 100 }, (_, i) => i), 0.02); // biome-ignore format: short
  expect(isOdd([99, 1, 2])).toEqual([true, false, false]);
  expect(outlierTest(features, [0, 1, 2], 0.02)([99])).toEqual([false]);
  expect(meanOfNearest(Float64Array.from([16, 0, 9, 4, 1]), 2, 1)).toBe(1.5);
  expect(meanOfNearest(new Float64Array(0), 3)).toBe(0);
});

test('largest: in order, ties by place', () => {
  expect([...largest(Float64Array.from([1, 5, 3, 5, 3]), 3)]).toEqual([1, 3, 2]);
  expect([...largest(Float64Array.from([2, 2, 2]), 2)]).toEqual([0, 1]);
  expect([...largest(Float64Array.from([1]), 4)]).toEqual([0]);
  expect([...largest(new Float64Array(0), 4)]).toEqual([]);
});

test('an order of chance hangs on the ids and the seed only', () => {
  const items = ['a', 'b', 'c', 'd'].map(itemId);
  const order = (ids: typeof items, seed: number): string[] =>
    Array.from(byHash({ items: ids }, [0, 1, 2, 3], createRandom(seed)), (i) => ids[i]);
  expect(order([...items].reverse(), 7)).toEqual(order(items, 7));
  expect(new Set([1, 2, 3, 4, 5].map((seed) => order(items, seed).join(''))).size).toBeGreaterThan(1);
});

test('batches: two per label, at least ten, twice as many after ten rounds', () => {
  expect([usualBatchSize(2, 0), usualBatchSize(20, 9), usualBatchSize(20, 10)]).toEqual([10, 40, 80]);
});
