import { expect, test } from 'vitest';
import { createRandom } from '../math/random.ts';
import { checkOptions } from '../model/about.ts';
import { itemId, labelerId, labelId } from '../model/ids.ts';
import type { VoteTable } from '../model/vote-table.ts';
import dawidSkene from './dawid-skene.ts';

type Row = readonly [item: number, labeler: number, label: number];

function tableOf(n: number, m: number, k: number, rows: readonly Row[]): VoteTable {
  return {
    items: Array.from({ length: n }, (_, i) => itemId(`i${i}`)),
    labelers: Array.from({ length: m }, (_, j) => labelerId(`j${j}`)),
    labels: Array.from({ length: k }, (_, c) => labelId(`c${c}`)),
    item: Int32Array.from(rows, (row) => row[0]),
    labeler: Int32Array.from(rows, (row) => row[1]),
    label: Int32Array.from(rows, (row) => row[2]),
  };
}

function simulated(
  n: number,
  m: number,
  k: number,
  accuracy: (labeler: number) => number,
  share = 1,
): { votes: VoteTable; truth: number[] } {
  const random = createRandom(11);
  const truth = Array.from({ length: n }, () => random.integer(k));
  const rows: Row[] = [];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      if (random.next() > share) continue;
      rows.push([i, j, random.next() < accuracy(j) ? truth[i] : (truth[i] + 1 + random.integer(k - 1)) % k]);
    }
  }
  return { votes: tableOf(n, m, k, rows), truth };
}

/** The paper's two equations, (2.3) and (2.5), written down plainly, from the majority vote smoothed by half a vote. */
function textbook({ items, labelers, labels, item, labeler, label }: VoteTable, rounds: number): number[][] {
  const k = labels.length;
  const votesOf = items.map((_, i) => Array.from(item.keys()).filter((r) => item[r] === i));
  let posterior = votesOf.map((rows) => {
    const row = labels.map((_, y) => 0.5 / k + rows.filter((r) => label[r] === y).length);
    const sum = row.reduce((a, b) => a + b);
    return row.map((value) => value / sum);
  });
  for (let round = 0; round < rounds; round++) {
    const shares = labels.map((_, y) => (posterior.reduce((sum, row) => sum + row[y], 0) + 1) / (items.length + k));
    const confusion = labelers.map((_, j) =>
      labels.map((_, y) => {
        const said = labels.map((_, l) =>
          Array.from(item.keys()).reduce((sum, r) => sum + (labeler[r] === j && label[r] === l ? posterior[item[r]][y] : 0), 0),
        );
        const sum = said.reduce((a, b) => a + b);
        return said.map((value) => value / sum);
      }),
    );
    posterior = votesOf.map((rows) => {
      const row = labels.map((_, y) => rows.reduce((product, r) => product * confusion[labeler[r]][y][label[r]], shares[y]));
      const sum = row.reduce((a, b) => a + b);
      return row.map((value) => value / sum);
    });
  }
  return posterior;
}

test('without prior and dependence it is the textbook', () => {
  const { votes } = simulated(120, 6, 3, (j) => 0.45 + 0.08 * j, 0.8);
  for (const rounds of [1, 5]) {
    const options = checkOptions(dawidSkene, { prior: 0.01, correlation: 0, maxRounds: rounds });
    const { posterior } = dawidSkene.aggregate(votes, options, { random: createRandom(0) });
    const wanted = textbook(votes, rounds).flat();
    wanted.forEach((value, at) => expect(posterior[at]).toBeCloseTo(value, 2));
  }
});

test('an adversary is read the other way round', () => {
  const { votes, truth } = simulated(400, 5, 2, (j) => (j === 4 ? 0.1 : 0.8));
  const estimate = dawidSkene.aggregate(votes, checkOptions(dawidSkene, {}), { random: createRandom(0) });
  expect(estimate.confusion.get(votes.labelers[4])?.[0]).toBeLessThan(0.25);
  const right = truth.filter((label, i) => estimate.posterior[i * 2 + label] > 0.5).length;
  // Its lies are worth a vote: the four honest ones alone are right on some 90 %.
  expect(right / 400).toBeGreaterThan(0.93);
});

test('a large table warms up on a part and ends where the small steps end', () => {
  const { votes, truth } = simulated(90_000, 12, 3, (j) => 0.5 + 0.03 * j, 0.9);
  const started = dawidSkene.aggregate(votes, checkOptions(dawidSkene, {}), { random: createRandom(0) });
  const bySmall = simulated(20_000, 12, 3, (j) => 0.5 + 0.03 * j, 0.9);
  const small = dawidSkene.aggregate(bySmall.votes, checkOptions(dawidSkene, {}), { random: createRandom(0) });
  votes.labelers.forEach((labeler, j) => {
    expect(started.confusion.get(labeler)?.[0]).toBeCloseTo(0.5 + 0.03 * j, 1);
    expect(started.confusion.get(labeler)?.[0]).toBeCloseTo(small.confusion.get(labeler)?.[0] ?? Number.NaN, 1);
  });
  const right = truth.filter((label, i) => started.posterior[i * 3 + label] > 0.5).length;
  expect(right / 90_000).toBeGreaterThan(0.93);
});

test('warns where full and one-coin confusions disagree', () => {
  // Three of five say 'b' of everything: to one model they are liars, to the other honest.
  const random = createRandom(5);
  const rows: Row[] = [];
  for (let i = 0; i < 400; i++) {
    const truth = random.next() < 0.5 ? 1 : 0;
    for (let j = 0; j < 5; j++) rows.push([i, j, j < 3 ? (random.next() < 0.9 ? 1 : 0) : random.next() < 0.95 ? truth : 1 - truth]);
  }
  const estimate = dawidSkene.aggregate(tableOf(400, 5, 2, rows), checkOptions(dawidSkene, {}), { random: createRandom(0) });
  expect(estimate.warnings.join()).toMatch(/one-coin confusions disagree on \d+ % of the items/);
});
