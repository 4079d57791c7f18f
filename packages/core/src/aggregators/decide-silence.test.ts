import { expect, test } from 'vitest';
import { createRandom } from '../math/random.ts';
import { itemId, labelerId, labelId } from '../model/ids.ts';
import type { VoteTable } from '../model/vote-table.ts';
import { decideSilence } from './decide-silence.ts';

/** `speaks(labeler, item, truth)` is the label said, or undefined. 600 items, half of them of label 1. */
function tableOf(m: number, speaks: (labeler: number, item: number, truth: number) => number | undefined): VoteTable {
  const rows: number[][] = [];
  for (let i = 0; i < 600; i++) {
    for (let j = 0; j < m; j++) {
      const label = speaks(j, i, i % 2);
      if (label !== undefined) rows.push([i, j, label]);
    }
  }
  return {
    items: Array.from({ length: 600 }, (_, i) => itemId(`i${i}`)),
    labelers: Array.from({ length: m }, (_, j) => labelerId(`j${j}`)),
    labels: [labelId('ham'), labelId('spam')],
    item: Int32Array.from(rows, ([i]) => i),
    labeler: Int32Array.from(rows, ([, j]) => j),
    label: Int32Array.from(rows, ([, , label]) => label),
  };
}

test('rules that keep to one label abstained, also the rare one among them', () => {
  const random = createRandom(1);
  const votes = tableOf(5, (j, i, truth) => {
    if (j === 4) return i < 4 ? 1 : undefined;
    return truth === j % 2 && random.next() < 0.3 ? j % 2 : undefined;
  });
  const { silence, reasons } = decideSilence(votes);
  expect(silence).toEqual(['abstained', 'abstained', 'abstained', 'abstained', 'abstained']);
  expect(reasons[0]).toBe("only ever says 'ham'");
  expect(reasons[4]).toContain('as most labelers here keep to one label');
});

test('people were not asked, also one who happened to say one label a few times', () => {
  const random = createRandom(2);
  const votes = tableOf(6, (j, i, truth) => {
    if (j === 5) return i < 4 ? 1 : undefined;
    return random.next() < 0.5 ? (random.next() < 0.8 ? truth : 1 - truth) : undefined;
  });
  expect(decideSilence(votes).silence).toEqual(['unasked', 'unasked', 'unasked', 'unasked', 'unasked', 'unasked']);
});

test('people among rules', () => {
  const random = createRandom(3);
  const votes = tableOf(6, (j, _i, truth) => {
    if (j >= 4) return random.next() < 0.4 ? (random.next() < 0.9 ? truth : 1 - truth) : undefined;
    return truth === j % 2 && random.next() < 0.3 ? j % 2 : undefined;
  });
  expect(decideSilence(votes).silence).toEqual(['abstained', 'abstained', 'abstained', 'abstained', 'unasked', 'unasked']);
});

test('who votes always, or never, is never silent by choice', () => {
  const votes = tableOf(3, (j, _i, truth) => (j === 0 ? truth : j === 1 ? undefined : 1));
  expect(decideSilence(votes)).toMatchObject({
    silence: ['unasked', 'unasked', 'unasked'],
    reasons: ['votes on every item', 'never votes', 'votes on every item'],
  });
});
