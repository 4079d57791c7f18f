import { expect, test } from 'vitest';
import { createRandom } from '../math/random.ts';
import { checkOptions } from '../model/about.ts';
import { itemId, labelerId, labelId } from '../model/ids.ts';
import type { VoteTable } from '../model/vote-table.ts';
import ebcc from './ebcc.ts';
import ibcc from './ibcc.ts';

function tableOf(rows: readonly (readonly [item: number, labeler: number, label: number])[], k: number): VoteTable {
  const most = (at: 0 | 1): number => 1 + Math.max(...rows.map((row) => row[at]));
  return {
    items: Array.from({ length: most(0) }, (_, i) => itemId(`i${i}`)),
    labelers: Array.from({ length: most(1) }, (_, j) => labelerId(`j${j}`)),
    labels: Array.from({ length: k }, (_, c) => labelId(`c${c}`)),
    item: Int32Array.from(rows, (row) => row[0]),
    labeler: Int32Array.from(rows, (row) => row[1]),
    label: Int32Array.from(rows, (row) => row[2]),
  };
}

const run = (votes: VoteTable, options: object = {}, seed = 1) =>
  ebcc.aggregate(votes, checkOptions(ebcc, options), { random: createRandom(seed) });

/** Half of the items of label 0 are hard: there three of the seven labelers say 1 together, and nearly always. */
function hardHalf(n = 400) {
  const random = createRandom(5);
  const truth: number[] = [];
  const rows: [number, number, number][] = [];
  for (let i = 0; i < n; i++) {
    truth.push(i % 2);
    const hard = truth[i] === 0 && random.next() < 0.5;
    for (let j = 0; j < 7; j++) {
      const says = hard && j < 3 ? (random.next() < 0.95 ? 1 : 0) : random.next() < 0.9 ? truth[i] : 1 - truth[i];
      rows.push([i, j, says]);
    }
  }
  return { votes: tableOf(rows, 2), truth };
}

test('by hand: one item, one vote, one subtype, one round: ψ of the prior and the vote', () => {
  // q(C row of the true label) from the vote: y = 0 has (4 + 1, 1), y = 1 has (1 + 0, 4); shares (1 + 1, 1 + 0).
  // log P(0) − log P(1) = ψ(2) − ψ(1) + [ψ(5) − ψ(6)] − [ψ(1) − ψ(5)] = 1 − 1/5 + (ψ(5) − ψ(1)) = 0.8 + 25/12; subtypes: equal priors,
  // ψ(1.1) − ψ(1.1) = 0 against ψ(0.1) − ψ(0.1) = 0.
  const { posterior } = run(tableOf([[0, 0, 0]], 2), { subtypes: 1, maxRounds: 1 });
  expect(Math.log(posterior[0] / posterior[1])).toBeCloseTo(0.8 + 25 / 12, 10);
});

test('with one subtype it is the independent combination', () => {
  const { votes } = hardHalf(60);
  const one = run(votes, { subtypes: 1, starts: 1, maxRounds: 1000 });
  const other = ibcc.aggregate(votes, checkOptions(ibcc, { maxRounds: 1000 }), { random: createRandom(1) });
  one.posterior.forEach((value, at) => expect(value).toBeCloseTo(other.posterior[at], 2));
});

test('labelers who stumble together: subtypes are less fooled than independence', () => {
  const { votes, truth } = hardHalf();
  const loss = (posterior: Float64Array): number =>
    truth.reduce((sum, y, i) => sum - Math.log(Math.max(1e-6, posterior[i * 2 + y])) / truth.length, 0);
  const independent = ibcc.aggregate(votes, checkOptions(ibcc, {}), { random: createRandom(1) });
  expect(loss(run(votes).posterior)).toBeLessThan(loss(independent.posterior));
});

test('more starts never explain less; another seed gives the same labels', () => {
  const { votes } = hardHalf(100);
  const labels = (posterior: Float64Array): boolean[] => votes.items.map((_, i) => posterior[i * 2] > 0.5);
  expect(labels(run(votes, {}, 1).posterior)).toEqual(labels(run(votes, {}, 2).posterior));
});
