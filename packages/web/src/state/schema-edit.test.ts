import { labelColor } from '@labelwright/core/model/palette';
import { expect, test } from 'vitest';
import type { SchemaJson } from '@labelwright/contract/schema';
import {
  addQuestion,
  changeLabel,
  freeQuestionId,
  moveLabel,
  moveQuestion,
  newLabelProblem,
  removeLabel,
  removeQuestion,
  restoreLabel,
  restoreQuestion,
  schemaProblem,
} from './schema-edit.ts';

type Question = SchemaJson['questions'][number];

const question = {
  kind: 'choice' as const,
  id: 'kind',
  title: 'Kind',
  multiple: false,
  labels: [{ id: 'spam', hotkey: 's' }, { id: 'ham' }, { id: 'phishing', parent: 'spam' }],
};

test('a property set to nothing is gone', () => {
  expect(changeLabel(question, 'spam', { hotkey: '' }).labels[0]).toEqual({ id: 'spam' });
  expect(changeLabel(question, 'phishing', { parent: undefined }).labels[2]).toEqual({ id: 'phishing' });
});

test('labels keep their colours when places change', () => {
  const moved = moveLabel(question, 'ham', -1);
  expect(moved.labels.map(({ id }) => id)).toEqual(['ham', 'spam', 'phishing']);
  expect(moved.labels[0].color).toBe(labelColor(undefined, 1));
  expect(removeLabel(question, 'spam').labels[0]).toEqual({ id: 'ham', color: labelColor(undefined, 1) });
  expect(moveLabel(question, 'spam', -1)).toBe(question);
});

test('what stood below a removed label stands at the top, and the label comes back to its place', () => {
  const without = removeLabel(question, 'spam');
  expect(without.labels[1].parent).toBeUndefined();
  expect(restoreLabel(without, question, 'spam')).toEqual(question);
});

test('names keys given twice, loops, and names that are taken', () => {
  expect(schemaProblem(question)).toBeUndefined();
  expect(schemaProblem(changeLabel(question, 'ham', { hotkey: 'S' }))).toMatch('same key');
  expect(schemaProblem(changeLabel(question, 'spam', { parent: 'phishing' }))).toMatch('below itself');
  expect(newLabelProblem(question, 'ham')).toBe('there is such a label');
  expect(newLabelProblem(question, 'other')).toBeUndefined();
});

test('a question is known by its title in short, once', () => {
  const first = addQuestion([], 'Which language is it in?');
  expect(first).toEqual([
    {
      kind: 'choice',
      id: 'which-language-is-it-in',
      title: 'Which language is it in?',
      labels: [{ id: 'yes' }, { id: 'no' }],
      multiple: false,
    },
  ]);
  expect(addQuestion(first, 'Which language is it in').map(({ id }) => id)).toEqual([
    'which-language-is-it-in',
    'which-language-is-it-in-2',
  ]);
  expect([freeQuestionId('何語ですか？', []), freeQuestionId('?!', [])]).toEqual(['何語ですか', 'question']);
});

test('questions change places, go, and come back to where they were', () => {
  const all = ['a', 'b', 'c'].reduce<Question[]>((questions, title) => addQuestion(questions, title), []);
  const ids = (questions: readonly Question[]) => questions.map(({ id }) => id);
  expect(ids(moveQuestion(all, 'c', -1))).toEqual(['a', 'c', 'b']);
  expect(ids(moveQuestion(all, 'a', -1))).toEqual(['a', 'b', 'c']);
  const without = removeQuestion(all, 'b');
  expect(ids(without)).toEqual(['a', 'c']);
  expect(ids(restoreQuestion(without, all, 'b'))).toEqual(['a', 'b', 'c']);
  expect(ids(restoreQuestion(all, all, 'b'))).toEqual(['a', 'b', 'c']);
});
