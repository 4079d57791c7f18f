import { expect, test } from 'vitest';
import { createRandom } from '../math/random.ts';
import { checkOptions } from '../model/about.ts';
import { itemId, labelerId, labelId } from '../model/ids.ts';
import type { VoteTable } from '../model/vote-table.ts';
import metal from './metal.ts';
import triplets from './triplets.ts';

/** 200 items, three labelers of accuracy .9, .8 and .7 who err independently, as often on one label as on the other. Every combination of
 *  votes is there just as often as that makes it: 25 (1 ± .48 ± .32 ± .24), the products of 2p − 1 = .8, .6, .4. */
const perCombination: Readonly<Record<string, number>> = { '000': 51, '001': 23, '010': 15, '011': 11 };

function exactVotes(): VoteTable {
  const rows: [number, number, number][] = [];
  let item = 0;
  for (const [said, times] of Object.entries(perCombination)) {
    for (const flipped of [0, 1]) {
      for (let t = 0; t < times; t++, item++) said.split('').forEach((label, j) => rows.push([item, j, (Number(label) + flipped) % 2]));
    }
  }
  return {
    items: Array.from({ length: item }, (_, i) => itemId(`i${i}`)),
    labelers: ['good', 'fair', 'poor'].map((name) => labelerId(name)),
    labels: ['no', 'yes'].map((name) => labelId(name)),
    item: Int32Array.from(rows, (row) => row[0]),
    labeler: Int32Array.from(rows, (row) => row[1]),
    label: Int32Array.from(rows, (row) => row[2]),
  };
}

const logit = (p: number): number => Math.log(p / (1 - p));
/** Items that all three give 'no'; that the third contradicts; that the first contradicts. */
const places = { all: 0, notPoor: 102, notGood: 102 + 46 + 30 };

test('triplets by hand: √(.48 · .32 / .24) = .8 = 2 · .9 − 1, and so on', () => {
  const { posterior } = triplets.aggregate(exactVotes(), checkOptions(triplets, { priorVotes: 0 }), { random: createRandom(1) });
  const logOdds = (i: number): number => logit(posterior[i * 2]);
  expect(logOdds(places.all)).toBeCloseTo(logit(0.9) + logit(0.8) + logit(0.7), 9);
  expect(logOdds(places.notPoor)).toBeCloseTo(logit(0.9) + logit(0.8) - logit(0.7), 9);
  expect(logOdds(places.notGood)).toBeCloseTo(logit(0.9) - logit(0.8) - logit(0.7), 9);
});

test('matrix completion finds the same accuracies from the same moments', () => {
  const options = checkOptions(metal, { priorVotes: 1e-6, priorShare: 0, maxRounds: 5000 });
  const { posterior, confusion } = metal.aggregate(exactVotes(), options, { random: createRandom(1) });
  [0.9, 0.8, 0.7].forEach((accuracy, j) => expect([...confusion.values()][j][0]).toBeCloseTo(accuracy, 4));
  expect(logit(posterior[places.notPoor * 2])).toBeCloseTo(logit(0.9) + logit(0.8) - logit(0.7), 3);
});

test('where nothing tells, the belief does: two labelers, no triplet', () => {
  const votes = exactVotes();
  const kept = Array.from(votes.labeler.keys()).filter((r) => votes.labeler[r] < 2);
  const pair: VoteTable = {
    ...votes,
    labelers: votes.labelers.slice(0, 2),
    item: Int32Array.from(kept, (r) => votes.item[r]),
    labeler: Int32Array.from(kept, (r) => votes.labeler[r]),
    label: Int32Array.from(kept, (r) => votes.label[r]),
  };
  const { posterior } = triplets.aggregate(pair, checkOptions(triplets, { accuracy: 0.75 }), { random: createRandom(1) });
  expect(posterior[0]).toBeCloseTo(0.9, 9);
});

test('errors that are more on one side: still exact for triplets, in the limit', () => {
  const random = createRandom(8);
  const rows: [number, number, number][] = [];
  const hit = [0.95, 0.6, 0.75, 0.8];
  const falseAlarm = [0.3, 0.05, 0.1, 0.25];
  for (let i = 0; i < 40_000; i++) {
    for (let j = 0; j < 4; j++) rows.push([i, j, random.next() < (i % 2 === 1 ? hit[j] : falseAlarm[j]) ? 1 : 0]);
  }
  const votes: VoteTable = {
    items: Array.from({ length: 40_000 }, (_, i) => itemId(`i${i}`)),
    labelers: hit.map((_, j) => labelerId(`j${j}`)),
    labels: ['no', 'yes'].map((name) => labelId(name)),
    item: Int32Array.from(rows, (row) => row[0]),
    labeler: Int32Array.from(rows, (row) => row[1]),
    label: Int32Array.from(rows, (row) => row[2]),
  };
  for (const method of [triplets, metal]) {
    const { posterior } = method.aggregate(votes, checkOptions(method, {}), { random: createRandom(1) });
    let worst = 0;
    for (let i = 0; i < 1000; i++) {
      let logOdds = 0;
      for (let j = 0; j < 4; j++) {
        const yes = votes.label[i * 4 + j] === 1;
        logOdds += Math.log((yes ? hit[j] : 1 - hit[j]) / (yes ? falseAlarm[j] : 1 - falseAlarm[j]));
      }
      worst = Math.max(worst, Math.abs(posterior[i * 2 + 1] - 1 / (1 + Math.exp(-logOdds))));
    }
    expect(worst).toBeLessThan(0.06);
  }
});
