import { expect, test } from 'vitest';
import { createRandom } from '../math/random.ts';
import { checkOptions } from '../model/about.ts';
import { itemId, labelerId, labelId } from '../model/ids.ts';
import type { VoteTable } from '../model/vote-table.ts';
import hyperLabelModel from './hyper-label-model.ts';
import { hyperWeights } from './hyper-label-model-weights.ts';
import { backward, createNet, forward, viewOf, weightCount } from './hyper-net.ts';
import majority from './majority.ts';

/** One good labeler, right 95 times in 100, among four that are right 6 times in 10. */
function tableOf(n: number): { votes: VoteTable; truth: number[] } {
  const random = createRandom(31);
  const rows: [number, number, number][] = [];
  const truth: number[] = [];
  for (let i = 0; i < n; i++) {
    truth.push(random.integer(2));
    for (let j = 0; j < 5; j++) rows.push([i, j, random.next() < (j === 0 ? 0.95 : 0.6) ? truth[i] : 1 - truth[i]]);
  }
  return {
    votes: {
      items: truth.map((_, i) => itemId(`i${i}`)),
      labelers: Array.from({ length: 5 }, (_, j) => labelerId(`j${j}`)),
      labels: ['no', 'yes'].map((name) => labelId(name)),
      item: Int32Array.from(rows, (row) => row[0]),
      labeler: Int32Array.from(rows, (row) => row[1]),
      label: Int32Array.from(rows, (row) => row[2]),
    },
    truth,
  };
}

test('the gradient is that of differences', () => {
  const net = createNet(createRandom(2));
  const { votes } = tableOf(6);
  const view = viewOf(6, 5, votes.item, votes.labeler, votes.label, 1, 0.3);
  const slopes = Float64Array.of(0.5, -1, 0.2, 0.7, -0.3, 1);
  const value = (weights: Float64Array): number => forward(weights, view).logits.reduce((sum, logit, i) => sum + slopes[i] * logit, 0);
  const gradient = backward(net, view, forward(net, view), slopes);
  for (let at = 0; at < weightCount; at += 7) {
    const up = net.slice();
    const down = net.slice();
    up[at] += 1e-6;
    down[at] -= 1e-6;
    expect(gradient[at]).toBeCloseTo((value(up) - value(down)) / 2e-6, 4);
  }
});

test('the shipped weights fit the net, and know whom to believe better than counting does', () => {
  expect(hyperWeights.length).toBe(weightCount);
  const { votes, truth } = tableOf(300);
  const loss = (posterior: Float64Array): number => truth.reduce((sum, y, i) => sum - Math.log(posterior[i * 2 + y]) / 300, 0);
  const random = createRandom(1);
  const read = hyperLabelModel.aggregate(votes, {}, { random });
  const counted = majority.aggregate(votes, checkOptions(majority, {}), { random });
  expect(loss(read.posterior)).toBeLessThan(loss(counted.posterior));
});

test('class shares decide where votes do not: two labelers that contradict each other', () => {
  const { votes } = tableOf(50);
  const rows = Array.from(votes.labeler.keys()).filter((r) => votes.labeler[r] < 2);
  const table: VoteTable = {
    ...votes,
    labelers: votes.labelers.slice(0, 2),
    item: Int32Array.from(rows, (r) => votes.item[r]),
    labeler: Int32Array.from(rows, (r) => votes.labeler[r]),
    label: Int32Array.from(rows, (r) => (votes.item[r] + votes.labeler[r]) % 2),
  };
  const yes = (share: number): number =>
    hyperLabelModel.aggregate(table, {}, { random: createRandom(1), shares: Float64Array.of(1 - share, share) }).posterior[1];
  expect(yes(0.8)).toBeGreaterThan(0.54);
  expect(yes(0.2)).toBeLessThan(0.46);
});
