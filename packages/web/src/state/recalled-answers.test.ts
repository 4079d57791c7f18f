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
  expect(recalledAnswers([{ action: 'a', ordinal: 1, question: 'kind', kind: 'skip', labels: null }], [])).toEqual([
    { ordinal: 1, action: 'a', questions: ['kind'], given: { kind: 'skip' } },
  ]);
});

test('what was answered in one breath is one; an item of which only other questions were answered is not done', () => {
  const row = (action: string, ordinal: number, question: string, label: string, set: string | null = null) => {
    return { action, ordinal, question, set, kind: 'answer' as const, labels: [label] };
  };
  const mine = [
    row('d', 2, 'topics', 'money'),
    row('b', 1, 'topics', 'travel', 'a'),
    row('a', 1, 'kind', 'spam'),
    row('c', 3, 'kind', 'ham', 'bulk'),
  ];
  expect(recalledAnswers(mine, [], 'kind')).toEqual([
    { ordinal: 3, action: 'c', questions: ['kind'], given: { kind: 'answer', labels: ['ham'] } },
    { ordinal: 1, action: 'a', questions: ['kind', 'topics'], given: { kind: 'answer', labels: ['spam'] }, also: { topics: ['travel'] } },
  ]);
  expect(recalledAnswers(mine, [], 'topics').map(({ action, given }) => [action, given])).toEqual([
    ['a', { kind: 'answer', labels: ['travel'] }],
    ['d', { kind: 'answer', labels: ['money'] }],
  ]);
});
