import { expect, test } from 'vitest';
import { newLabel } from './label-draft.ts';
import { newQuestion, questionOf, questionProblems, writtenQuestions } from './question-draft.ts';

const labeled = (title: string, ...labels: string[]) => ({ ...newQuestion(title), labels: labels.map((label) => newLabel(label)) });

test('one question needs no words, several do; all need labels', () => {
  const [nameless, empty] = [labeled('', 'spam'), newQuestion('Which language?')];
  expect(questionProblems([nameless]).size).toBe(0);
  const problems = questionProblems([nameless, empty]);
  expect([problems.get(nameless.key), problems.get(empty.key)]).toEqual([
    'With several questions, each needs words',
    'At least one label is needed; two or more make a choice',
  ]);
});

test('the first question is known as label, the others by their titles, each by its own', () => {
  const written = writtenQuestions([labeled('Spam?', 'yes'), labeled('Label', 'a'), { ...labeled('Label', 'a', ''), isMultiple: true }]);
  expect(written.map(({ id }) => id)).toEqual(['label', 'label-2', 'label-3']);
  expect(written[2]).toEqual({ kind: 'choice', id: 'label-3', title: 'Label', labels: [{ id: 'a' }], multiple: true });
});

test('a template is a question; the empty one waits with two rows', () => {
  const own = questionOf({ id: 'own', title: 'Own', example: '', question: 'Which?', labels: [''] });
  expect([own.title, own.labels.map(({ name }) => name)]).toEqual(['Which?', ['', '']]);
});
