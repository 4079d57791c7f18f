import { expect, test } from 'vitest';
import { createRandom } from '../math/random.ts';
import { checkOptions } from '../model/about.ts';
import { itemId, labelerId, labelId } from '../model/ids.ts';
import type { Gold, VoteTable } from '../model/vote-table.ts';
import auto from './auto.ts';
import { mergeParts, splitByConfidence } from './confidence-bins.ts';

/** Three people, right 7 times in 10, who give no confidence, and a model whose confidence is its chance to be right, or has nothing to do
 *  with it, or is always the same. */
function tableOf(kind: 'telling' | 'noise' | 'constant', n = 600): { votes: VoteTable; truth: number[] } {
  const random = createRandom(12);
  const rows: [number, number, number, number][] = [];
  const truth: number[] = [];
  for (let i = 0; i < n; i++) {
    truth.push(random.integer(3));
    const says = (chance: number): number => (random.next() < chance ? truth[i] : (truth[i] + 1 + random.integer(2)) % 3);
    for (let j = 0; j < 3; j++) if (random.next() < 0.5) rows.push([i, j, says(0.7), Number.NaN]);
    const chance = 0.4 + 0.6 * random.next();
    const stated = kind === 'telling' ? 0.8 + 0.2 * chance : kind === 'noise' ? random.next() : 0.9;
    rows.push([i, 3, says(chance), stated]);
  }
  return {
    votes: {
      items: truth.map((_, i) => itemId(`i${i}`)),
      labelers: ['a', 'b', 'c', 'llm'].map((name) => labelerId(name)),
      labels: ['x', 'y', 'z'].map((name) => labelId(name)),
      item: Int32Array.from(rows, (row) => row[0]),
      labeler: Int32Array.from(rows, (row) => row[1]),
      label: Int32Array.from(rows, (row) => row[2]),
      confidence: Float64Array.from(rows, (row) => row[3]),
      silence: ['unasked', 'unasked', 'unasked', 'unasked'],
    },
    truth,
  };
}

const run = (votes: VoteTable, gold?: Gold) =>
  auto.aggregate(votes, checkOptions(auto, {}), { random: createRandom(1), ...(gold && { gold }) });

function lossOf(posterior: Float64Array, truth: readonly number[], from = 0): number {
  let sum = 0;
  for (let i = from; i < truth.length; i++) sum -= Math.log(Math.max(1e-9, posterior[i * 3 + truth[i]]));
  return sum / (truth.length - from);
}

function without(votes: VoteTable): VoteTable {
  const { confidence: _, ...rest } = votes;
  return rest;
}

test('five parts of equal size for who states a confidence, one for each who does not', () => {
  const { votes } = tableOf('telling');
  const split = splitByConfidence(votes, false);
  expect([...(split?.origin ?? [])]).toEqual([0, 1, 2, 3, 3, 3, 3, 3, 3]);
  const counts = new Int32Array(9);
  for (const part of split?.votes.labeler ?? []) counts[part]++;
  expect([...counts.subarray(3)]).toEqual([120, 120, 120, 120, 120, 0]);
  // The surest part holds the surest votes.
  const sure = Array.from(votes.labeler.keys()).filter((r) => split?.votes.labeler[r] === 7);
  const least = Math.min(...sure.map((r) => votes.confidence?.[r] ?? 0));
  expect(Array.from(votes.confidence ?? []).filter((value) => value > least).length).toBe(119);
});

test('the same confidence always, or too few votes: nothing to part', () => {
  expect(splitByConfidence(tableOf('constant').votes, false)).toBeUndefined();
  expect(splitByConfidence(tableOf('telling', 40).votes, false)).toBeUndefined();
  expect(splitByConfidence(without(tableOf('telling').votes), false)).toBeUndefined();
});

test('without gold only confidences that show in the agreement with others count', () => {
  expect(splitByConfidence(tableOf('telling').votes, true)).toBeDefined();
  expect(splitByConfidence(tableOf('noise').votes, true)).toBeUndefined();
});

test('auto: confidences that say nothing change nothing, those that tell make it better, with gold and without', () => {
  for (const kind of ['constant', 'noise'] as const) {
    const { votes } = tableOf(kind);
    expect([...run(votes).posterior]).toEqual([...run(without(votes)).posterior]);
  }
  const { votes, truth } = tableOf('telling');
  expect(lossOf(run(votes).posterior, truth)).toBeLessThan(0.99 * lossOf(run(without(votes)).posterior, truth));
  const gold: Gold = { item: Int32Array.from({ length: 200 }, (_, i) => i), label: Int32Array.from(truth.slice(0, 200)) };
  const estimate = run(votes, gold);
  expect(estimate.method).toContain('by confidence');
  expect(lossOf(estimate.posterior, truth, 200)).toBeLessThan(0.99 * lossOf(run(without(votes), gold).posterior, truth, 200));
});

test('auto: an unsure vote is believed less than a sure one', () => {
  const { votes } = tableOf('telling');
  const { posterior } = run(votes);
  const alone = Array.from(votes.labeler.keys()).filter((r) => votes.labeler[r] === 3 && votes.item.indexOf(votes.item[r]) === r);
  const mean = (rows: readonly number[]): number =>
    rows.reduce((sum, r) => sum + posterior[votes.item[r] * 3 + votes.label[r]], 0) / rows.length;
  const stated = (r: number): number => votes.confidence?.[r] ?? 0;
  expect(mean(alone.filter((r) => stated(r) > 0.95))).toBeGreaterThan(mean(alone.filter((r) => stated(r) < 0.92)) + 0.05);
});

test('the parts’ confusions come together by how often each votes', () => {
  const { votes } = tableOf('telling');
  const split = splitByConfidence(votes, false);
  if (!split) throw new Error('not parted');
  const evidence = new Float64Array(9 * 9);
  for (let part = 0; part < 9; part++) {
    const right = part < 3 ? 0.6 : 0.5 + 0.1 * (part - 3);
    for (let l = 0; l < 3; l++)
      for (let y = 0; y < 3; y++) evidence[(part * 3 + l) * 3 + y] = Math.log(l === y ? right : (1 - right) / 2 + 1e-12);
  }
  const merged = mergeParts(split, 4, evidence);
  const share = Math.exp(merged[(3 * 3 + 1) * 3 + 1]) / [0, 1, 2].reduce((sum, l) => sum + Math.exp(merged[(3 * 3 + l) * 3 + 1]), 0);
  expect(share).toBeCloseTo(0.7, 6);
});
