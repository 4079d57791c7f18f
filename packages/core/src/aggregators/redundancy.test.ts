import { expect, test } from 'vitest';
import { createRandom } from '../math/random.ts';
import { votePatterns } from '../math/vote-patterns.ts';
import { checkOptions } from '../model/about.ts';
import { itemId, labelerId, labelId } from '../model/ids.ts';
import type { Silence } from '../model/vote.ts';
import type { VoteTable } from '../model/vote-table.ts';
import labelingFunctions, { fitLabelingFunctions } from './labeling-functions.ts';
import { describeRedundancy, findCopies } from './redundancy.ts';

function tableOf(m: number, speaks: (labeler: number, truth: number, item: number) => number | undefined): VoteTable {
  const rows: number[][] = [];
  for (let i = 0; i < 2000; i++) {
    for (let j = 0; j < m; j++) {
      const label = speaks(j, i % 2, i);
      if (label !== undefined) rows.push([i, j, label]);
    }
  }
  return {
    items: Array.from({ length: 2000 }, (_, i) => itemId(`i${i}`)),
    labelers: Array.from({ length: m }, (_, j) => labelerId(`j${j}`)),
    labels: [labelId('ham'), labelId('spam')],
    item: Int32Array.from(rows, ([i]) => i),
    labeler: Int32Array.from(rows, ([, j]) => j),
    label: Int32Array.from(rows, ([, , label]) => label),
  };
}

const all = (m: number, silence: Silence): Silence[] => Array.from({ length: m }, () => silence);

test('a nested rule and a near-copy are named; independent rules are not', () => {
  const random = createRandom(1);
  const votes = tableOf(
    7,
    (() => {
      let fired: boolean[] = [];
      return (j: number, truth: number) => {
        const own = random.next() < (truth === j % 2 ? 0.4 : 0.05);
        if (j === 0) fired = [];
        fired[j] = j === 4 ? fired[0] && random.next() < 0.5 : j === 5 ? fired[1] !== random.next() < 0.01 : own;
        return fired[j] ? (j === 4 ? 0 : j === 5 ? 1 : j % 2) : undefined;
      };
    })(),
  );
  const silence = all(7, 'abstained');
  const { redundancy } = fitLabelingFunctions(votePatterns(votes), silence, checkOptions(labelingFunctions, {}), undefined);
  expect(redundancy.pairs.map(({ a, b, kind }) => [a, b, kind])).toEqual([
    [0, 4, 'nested'],
    [1, 5, 'near-copy'],
  ]);
  expect(describeRedundancy(redundancy, votes.labelers)).toEqual([
    "'j5' is nearly a copy of 'j1': counted less, as they say the same twice",
    "'j4' votes only where 'j0' does: counted less, as they say the same twice",
  ]);
});

test('able people who agree are no copies; one who copies is', () => {
  const random = createRandom(2);
  const votes = tableOf(
    4,
    (() => {
      let last: number | undefined;
      return (j: number, truth: number, i: number) => {
        if (i >= 60) return undefined;
        if (j < 3) last = random.next() < 0.85 ? truth : 1 - truth;
        return last;
      };
    })(),
  );
  expect(findCopies(votePatterns(votes), all(4, 'unasked'))).toEqual([[2, 3]]);
  const able = tableOf(3, (_j, truth, i) => (i < 10 ? truth : undefined));
  expect(findCopies(votePatterns(able), all(3, 'unasked'))).toEqual([]);
});
