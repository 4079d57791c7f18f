import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AnswerColumn, answerAt } from '../model/answer-column.ts';
import { labelerId, labelId, questionId } from '../model/ids.ts';
import type { Question } from '../model/schema.ts';
import { agreementOf, countPairs } from './vote-pairs.ts';

function asked(labels: readonly (string | [string, string])[], multiple = false): Question {
  return {
    kind: 'choice',
    id: questionId('q'),
    title: 'q',
    multiple,
    labels: labels.map((label) =>
      typeof label === 'string' ? { id: labelId(label) } : { id: labelId(label[0]), parent: labelId(label[1]) },
    ),
  };
}

function column(name: string, codes: readonly number[], answers: readonly (readonly string[])[]): AnswerColumn {
  return {
    labeler: labelerId(name),
    silence: 'abstained',
    complete: false,
    codes: Uint16Array.from(codes),
    answers: answers.map((answer) => answer.map(labelId)),
  };
}

test('who votes together, and who differs', () => {
  const columns = [
    column('a', [2, 2, 0, 2, 0], [['spam']]),
    column('b', [2, 3, 2, 0, 0], [['spam'], ['ham']]),
    column('c', [0, 2, 2, 1, 0], [['spam']]),
  ];
  const pairs = countPairs(asked(['spam', 'ham']), columns, 5);
  expect([...pairs.overlaps]).toEqual([3, 2, 1, 2, 3, 2, 1, 2, 2]);
  expect([...pairs.conflicts]).toEqual([0, 1, 0, 1, 0, 1, 0, 1, 0]);
  expect([...pairs.overlapping]).toEqual([2, 3, 2]);
  expect([...pairs.contradicted]).toEqual([1, 1, 1]);
  expect([pairs.covered, pairs.conflicting, [...pairs.disputed]]).toEqual([4, 1, [0, 1, 0, 0, 0]]);
});

describe('can both be right', () => {
  test.each([
    ['in a tree, a label and the one above it', asked(['animal', ['dog', 'animal'], ['cat', 'animal']]), ['dog'], ['animal'], true],
    ['not two leaves', asked(['animal', ['dog', 'animal'], ['cat', 'animal']]), ['dog'], ['cat'], false],
    ['of several labels, one answer within the other', asked(['a', 'b', 'c'], true), ['a'], ['a', 'b'], true],
    ['not each with one of its own', asked(['a', 'b', 'c'], true), ['a', 'c'], ['a', 'b'], false],
  ])('%s', (_, question, a, b, wanted) => {
    expect(agreementOf(question)(a.map(labelId), b.map(labelId))).toBe(wanted);
  });
});

test('the same as asking every pair of every item', () => {
  const answer = fc.constantFrom<readonly string[]>(['a'], ['b'], ['a', 'b'], ['b', 'a'], [], ['c']);
  const given = fc.array(
    fc.record({ answers: fc.array(answer, { minLength: 1, maxLength: 4 }), raw: fc.array(fc.nat(5), { minLength: 6, maxLength: 6 }) }),
    { maxLength: 4 },
  );
  fc.assert(
    fc.property(given, fc.boolean(), (labelers, multiple) => {
      const question = asked(['a', 'b', 'c'], multiple);
      const columns = labelers.map(({ answers, raw }, c) =>
        column(
          `l${c}`,
          raw.map((code) => Math.min(code, answers.length + 1)),
          answers,
        ),
      );
      const pairs = countPairs(question, columns, 6);
      const agrees = agreementOf(question);
      const m = columns.length;
      for (let a = 0; a < m; a++) {
        for (let b = 0; b < m; b++) {
          const both = [0, 1, 2, 3, 4, 5].filter((item) => answerAt(columns[a], item) && answerAt(columns[b], item));
          expect(pairs.overlaps[a * m + b]).toBe(both.length);
          const differ = both.filter((item) => !agrees(answerAt(columns[a], item) ?? [], answerAt(columns[b], item) ?? []));
          expect(pairs.conflicts[a * m + b]).toBe(a === b ? 0 : differ.length);
        }
      }
    }),
  );
});
