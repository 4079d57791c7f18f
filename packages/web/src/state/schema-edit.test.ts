import { labelColor } from '@labelwright/core/model/palette';
import { expect, test } from 'vitest';
import { changeLabel, moveLabel, newLabelProblem, removeLabel, restoreLabel, schemaProblem } from './schema-edit.ts';

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
