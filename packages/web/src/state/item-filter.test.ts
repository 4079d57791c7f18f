import { expect, test } from 'vitest';
import { chipsOf, isEmpty, readFilter, tidy, withoutChip } from './item-filter.ts';

const filter = {
  search: 'free',
  answer: ['spam', 'ham'],
  probability: { from: 0.5, to: 0.9 },
  voted: { labeler: 'regex', label: 'spam' },
  flagged: true,
  field: [{ name: 'stars', is: 'above', value: '3' } as const, { name: 'lang', is: 'empty' } as const],
};
const title = (label: string) => label.toUpperCase();

test('a filter reads as conditions', () => {
  expect(chipsOf(filter, title).map(({ text }) => text)).toEqual([
    'answer SPAM or HAM',
    'probability 50–90 %',
    'regex voted SPAM',
    'flagged',
    'stars above 3',
    'lang is empty',
  ]);
});

test('one condition is taken away, the others stay', () => {
  expect(withoutChip(filter, 'field 0').field).toEqual([{ name: 'lang', is: 'empty' }]);
  expect(withoutChip(withoutChip(filter, 'field 0'), 'field 0').field).toBeUndefined();
  expect(withoutChip(filter, 'flagged')).toEqual({ ...filter, flagged: undefined });
});

test('a URL may hold an object or JSON; what cannot be read filters nothing', () => {
  expect(readFilter('{"flagged":true}')).toEqual({ flagged: true });
  expect(readFilter({ answer: ['spam'] })).toEqual({ answer: ['spam'] });
  for (const given of ['{', 'null', '[]', { decision: ['maybe'] }, {}, { search: '' }, 7, undefined])
    expect(readFilter(given)).toBeUndefined();
});

test('the same filter is the same URL', () => {
  expect(JSON.stringify(tidy({ search: 'a', answer: [], flagged: false, disagreement: true }))).toBe('{"disagreement":true,"search":"a"}');
  expect(isEmpty({ search: '', flagged: false })).toBe(true);
});
