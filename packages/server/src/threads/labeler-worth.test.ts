import { createRandom } from '@labelwright/core/math/random';
import type { AnswerColumn } from '@labelwright/core/model/answer-column';
import { type ItemId, labelerId, labelId, questionId } from '@labelwright/core/model/ids';
import type { Question } from '@labelwright/core/model/schema';
import { estimateBy } from '@labelwright/engine/runs/stored-labeler';
import { expect, test } from 'vitest';
import { worthOf } from './labeler-worth.ts';

const question: Question = {
  kind: 'choice',
  id: questionId('kind'),
  title: 'Kind',
  labels: [{ id: labelId('spam') }, { id: labelId('ham') }],
  multiple: false,
};

/** Right with this probability on every item; null stays silent. */
function column(name: string, n: number, accuracy: number | null): AnswerColumn {
  const random = createRandom(7).fork(name);
  const codes = Uint16Array.from({ length: n }, (_, item) => {
    if (accuracy === null) return 0;
    return 2 + (random.next() < accuracy ? item % 2 : 1 - (item % 2));
  });
  return { labeler: labelerId(name), silence: 'abstained', complete: true, codes, answers: [[labelId('spam')], [labelId('ham')]] };
}

const worthAt = (n: number, most?: number) => {
  const columns = [column('good', n, 0.9), column('weak', n, 0.6), column('fair', n, 0.75), column('silent', n, null)];
  const items = Array.from({ length: n }, (_, item) => String(item) as ItemId);
  const estimate = estimateBy({ use: 'one-coin', with: {}, seed: 1 }, question, items, columns);
  return worthOf(estimate, new Map(), most);
};

test('the better a labeler, the more is lost without it; one that says nothing is worth nothing', () => {
  const worth = worthAt(3_000);
  const [good, fair, weak, silent] = ['good', 'fair', 'weak', 'silent'].map((name) => worth.get(labelerId(name))?.accuracy ?? -1);
  expect(good).toBeGreaterThan(fair);
  expect(fair).toBeGreaterThanOrEqual(weak);
  expect(silent).toBe(0);
  expect(worth.get(labelerId('good'))).toMatchObject({ judge: 'posterior', items: 3_000 });
});

test('of very many items some are judged, with the same result', () => {
  const all = worthAt(12_000).get(labelerId('good'));
  const some = worthAt(12_000, 4_000).get(labelerId('good'));
  expect(some?.items).toBe(4_000);
  expect(some?.accuracy).toBeCloseTo(all?.accuracy ?? 0, 1);
  expect((some?.changed ?? 0) / 12_000).toBeCloseTo((all?.changed ?? 0) / 12_000, 1);
});
