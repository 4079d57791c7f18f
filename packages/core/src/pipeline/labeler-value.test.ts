import { expect, test } from 'vitest';
import dawidSkene from '../aggregators/dawid-skene.ts';
import majority from '../aggregators/majority.ts';
import auto from '../aggregators/auto.ts';
import { createRandom } from '../math/random.ts';
import { checkOptions } from '../model/about.ts';
import type { Estimate } from '../model/estimate.ts';
import { itemId, labelerId, labelId } from '../model/ids.ts';
import type { Gold, VoteTable } from '../model/vote-table.ts';
import { labelerValues, withoutEach } from './labeler-value.ts';

function tableOf(n: number, m: number, k: number, rows: readonly (readonly [item: number, labeler: number, label: number])[]): VoteTable {
  return {
    items: Array.from({ length: n }, (_, i) => itemId(`i${i}`)),
    labelers: Array.from({ length: m }, (_, j) => labelerId(`j${j}`)),
    labels: Array.from({ length: k }, (_, c) => labelId(`c${c}`)),
    item: Int32Array.from(rows, (row) => row[0]),
    labeler: Int32Array.from(rows, (row) => row[1]),
    label: Int32Array.from(rows, (row) => row[2]),
  };
}

/** Two labels, labelers right with .9, .8 and .7, posterior by Bayes' rule. */
function byHand(): { votes: VoteTable; estimate: Estimate } {
  const votes = tableOf(2, 3, 2, [
    [0, 0, 0],
    [0, 1, 0],
    [0, 2, 1],
    [1, 1, 1],
  ]);
  const confusion = new Map([0.9, 0.8, 0.7].map((p, j) => [votes.labelers[j], Float64Array.of(p, 1 - p, 1 - p, p)] as const));
  const odds = (0.9 / 0.1) * (0.8 / 0.2) * (0.3 / 0.7);
  const posterior = Float64Array.of(odds / (1 + odds), 1 / (1 + odds), 0.2, 0.8);
  return {
    votes,
    estimate: { items: votes.items, labels: votes.labels, posterior, shares: Float64Array.of(0.5, 0.5), confusion, warnings: [] },
  };
}

test('by hand: dividing a vote out of the posterior', () => {
  const { votes, estimate } = byHand();
  const each = withoutEach(votes, estimate);
  const odds = each(0).map(({ posterior }) => posterior[0] / posterior[1]);
  // Without the first: .8/.2 · .3/.7 (the discount of two votes is not known, and taken as none), and so on.
  expect(odds[0]).toBeCloseTo(4 * (3 / 7), 9);
  expect(odds[1]).toBeCloseTo(9 * (3 / 7), 9);
  expect(odds[2]).toBeCloseTo(36, 9);
  expect(each(0).map(({ changes }) => changes)).toEqual([false, false, false]);
  expect(each(1)).toMatchObject([{ labeler: 'j1', posterior: [0.5, 0.5], changes: true }]);
});

test('the only vote on an item is worth what it tells', () => {
  const { votes, estimate } = byHand();
  const [first, second] = labelerValues(votes, estimate);
  expect(second).toMatchObject({ judge: 'posterior', items: 2, alone: 1, changed: 1 });
  expect(second.accuracy).toBeCloseTo((0.8 - 0.2) / 2, 9);
  expect(first.accuracy).toBe(0);
  const p = 36 * (3 / 7);
  const q = 4 * (3 / 7);
  const kl = (p / (1 + p)) * Math.log(p / (1 + p) / (q / (1 + q))) + (1 / (1 + p)) * Math.log((1 + q) / (1 + p));
  expect(first.logLoss).toBeCloseTo(kl / 2, 9);
});

function simulated(skill: readonly number[], n = 400) {
  const random = createRandom(9);
  const truth: number[] = [];
  const rows: [number, number, number][] = [];
  for (let i = 0; i < n; i++) {
    truth.push(random.integer(3));
    skill.forEach((p, j) => {
      if (random.next() < 0.7) rows.push([i, j, random.next() < p ? truth[i] : random.integer(3)]);
    });
  }
  return { votes: tableOf(n, skill.length, 3, rows), truth };
}

test.each([dawidSkene, auto])('$name: the better labeler is worth more, by the posterior and on gold', (method) => {
  const { votes, truth } = simulated([0.95, 0.5, 0.5, 0.5, 0]);
  const gold: Gold = { item: Int32Array.from({ length: 200 }, (_, i) => i), label: Int32Array.from(truth.slice(0, 200)) };
  for (const context of [{}, { gold }]) {
    const estimate = method.aggregate(votes, checkOptions(method, {}), { random: createRandom(1), ...context });
    const values = labelerValues(votes, estimate, 'gold' in context ? gold : undefined);
    expect(values.map(({ judge }) => judge)).toEqual(values.map(() => ('gold' in context ? 'gold' : 'posterior')));
    for (const other of values.slice(1)) expect(values[0].logLoss).toBeGreaterThan(other.logLoss);
    expect(values.every((value) => Object.values(value).every((part) => typeof part !== 'number' || Number.isFinite(part)))).toBe(true);
  }
});

test('a copy is worth nothing, as its twin says the same', () => {
  const { votes } = simulated([0.9, 0.6, 0.6, 0.6]);
  const rows = Array.from(votes.item, (item, r) => [item, votes.labeler[r], votes.label[r]] as const);
  const copied = tableOf(400, 5, 3, [...rows, ...rows.filter(([, j]) => j === 0).map(([item, , label]) => [item, 4, label] as const)]);
  const estimate = auto.aggregate(copied, checkOptions(auto, {}), { random: createRandom(1) });
  const values = labelerValues(copied, estimate);
  expect(values[0].accuracy).toBeLessThan(0.01);
  expect(values[4].accuracy).toBeLessThan(0.01);
  expect(labelerValues(votes, auto.aggregate(votes, checkOptions(auto, {}), { random: createRandom(1) }))[0].accuracy).toBeGreaterThan(
    0.05,
  );
});

test('no votes, no items', () => {
  const nothing = tableOf(3, 2, 2, []);
  const estimate = majority.aggregate(nothing, checkOptions(majority, {}), { random: createRandom(1) });
  expect(labelerValues(nothing, estimate)).toMatchObject([{ items: 0, accuracy: 0, logLoss: 0 }, { changed: 0 }]);
  expect(withoutEach(nothing, estimate)(0)).toEqual([]);
});
