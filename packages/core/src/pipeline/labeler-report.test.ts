import { expect, test } from 'vitest';
import type { Estimate } from '../model/estimate.ts';
import { itemId, labelerId, labelId } from '../model/ids.ts';
import type { VoteTable } from '../model/vote-table.ts';
import { labelerReport } from './labeler-report.ts';

const ann = labelerId('ann');
const bob = labelerId('bob');
const votes: VoteTable = {
  items: ['1', '2', '3', '4'].map(itemId),
  labelers: [ann, bob, labelerId('nobody')],
  labels: [labelId('no'), labelId('yes')],
  item: Int32Array.of(0, 1, 2, 0, 1),
  labeler: Int32Array.of(0, 0, 0, 1, 1),
  label: Int32Array.of(1, 0, 1, 1, 1),
};
const estimate: Estimate = {
  items: votes.items,
  labels: votes.labels,
  posterior: Float64Array.of(0, 1, 0.5, 0.5, 0.2, 0.8, 0.5, 0.5),
  shares: Float64Array.of(0.5, 0.5),
  confusion: new Map([[ann, Float64Array.of(0.9, 0.1, 0.2, 0.8)]]),
  warnings: [],
};

test('counts, expected accuracy and accuracy on gold, worked by hand', () => {
  const [first, second, third] = labelerReport(votes, estimate, { item: Int32Array.of(0, 2), label: Int32Array.of(1, 0) });
  expect(first).toMatchObject({ labeler: 'ann', votes: 3, coverage: 0.75, votesByLabel: [1, 2] });
  expect(first.overlaps).toBeCloseTo(2 / 3);
  expect(first.conflicts).toBeCloseTo(1 / 3);
  // right: 1 + 0.5 + 0.8 of 3; sure: 1 + 0 + (2 · 0.68 − 1) = 1.36 votes
  expect(first.estimatedAccuracy.estimate).toBeCloseTo(2.3 / 3);
  expect(first.estimatedAccuracy.n).toBeCloseTo(1.36);
  expect(first.estimatedAccuracy.low).toBeLessThan(0.5);
  expect(first.goldAccuracy).toMatchObject({ estimate: 0.5, n: 2 });
  expect(first.confusion).toEqual([
    [0.9, 0.1],
    [0.2, 0.8],
  ]);
  expect(second.goldAccuracy).toMatchObject({ estimate: 1, n: 1 });
  expect(third).toMatchObject({
    votes: 0,
    coverage: 0,
    overlaps: 0,
    conflicts: 0,
    estimatedAccuracy: { estimate: 0.5, low: 0, high: 1, n: 0 },
  });
  expect(third).not.toHaveProperty('goldAccuracy');
});

test('no items', () => {
  const none: VoteTable = { ...votes, items: [], item: new Int32Array(0), labeler: new Int32Array(0), label: new Int32Array(0) };
  expect(labelerReport(none, { ...estimate, items: [], posterior: new Float64Array(0) })[0]).toMatchObject({ votes: 0, coverage: 0 });
});
