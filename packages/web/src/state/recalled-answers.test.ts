import { expect, test } from 'vitest';
import { recalledAnswers } from './recalled-answers.ts';

const stored = (action: string, ordinal: number, label: string) => ({ action, ordinal, kind: 'answer' as const, labels: [label] });
const submit = (id: string, ordinal: number, label: string) =>
  ({ kind: 'submit', id, project: 1, question: 'q', ordinal, given: { kind: 'answer', labels: [label] }, base: 0, seconds: 1 }) as const;
const undo = (id: string, undoes: string, ordinal: number) =>
  ({ kind: 'undo', id, project: 1, undoes, of: { question: 'q', ordinal, base: 0 } }) as const;
const said = (answers: ReturnType<typeof recalledAnswers>) => answers.map(({ ordinal, action }) => `${ordinal} ${action}`);

test('oldest first; what still waits is newer than what the server has', () => {
  expect(said(recalledAnswers([stored('c', 3, 'x'), stored('b', 2, 'x')], [submit('d', 4, 'x')]))).toEqual(['2 b', '3 c', '4 d']);
});

test('of each item only what was said last, at its place', () => {
  const mine = [stored('c', 1, 'y'), stored('b', 2, 'x'), stored('a', 1, 'x')];
  expect(said(recalledAnswers(mine, []))).toEqual(['2 b', '1 c']);
  expect(said(recalledAnswers(mine, [submit('d', 2, 'y')]))).toEqual(['1 c', '2 d']);
});

test('what is being taken back is not said any more', () => {
  const mine = [stored('b', 2, 'x'), stored('a', 1, 'x')];
  expect(said(recalledAnswers(mine, [undo('u', 'b', 2), submit('c', 3, 'x'), undo('v', 'c', 3)]))).toEqual(['1 a']);
  expect(said(recalledAnswers(mine, [submit('c', 2, 'y'), undo('u', 'c', 2)]))).toEqual(['1 a', '2 b']);
});

test('skipped and flagged are said, too', () => {
  expect(recalledAnswers([{ action: 'a', ordinal: 1, kind: 'skip', labels: null }], [])).toEqual([
    { ordinal: 1, action: 'a', given: { kind: 'skip' } },
  ]);
});
