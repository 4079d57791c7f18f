import { expect, test } from 'vitest';
import { differences, isSame, merge } from './three-way.ts';

const labels = [{ id: 'spam', title: 'Spam' }, { id: 'ham' }];

test('differences name the leaf, by id in lists of things with ids', () => {
  expect(differences({ a: 1, b: [1, 2] }, { a: 1, b: [2] })).toEqual([{ path: ['b'], from: [1, 2], to: [2] }]);
  expect(differences({ labels }, { labels: [{ id: 'spam', title: 'Junk' }, { id: 'ham' }] })).toEqual([
    { path: ['labels', 'spam', 'title'], from: 'Spam', to: 'Junk' },
  ]);
  expect(differences(labels, [labels[1], labels[0]])).toEqual([{ path: ['order'], from: ['spam', 'ham'], to: ['ham', 'spam'] }]);
  expect(differences(labels, [labels[0]])).toEqual([{ path: ['ham'], from: { id: 'ham' }, to: undefined }]);
});

test('absent and undefined are the same; the order of keys does not matter', () => {
  expect(isSame({ a: 1, b: undefined }, { a: 1 })).toBe(true);
  expect(isSame({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe(true);
  expect(isSame([], {})).toBe(false);
});

test('changes of different things go together', () => {
  const base = { overlap: 1, blind: false, gold: 'label' as string | undefined };
  const { value, conflicts } = merge<typeof base>(base, { ...base, overlap: 2 }, { ...base, gold: undefined });
  expect(value).toEqual({ overlap: 2, blind: false });
  expect(conflicts).toEqual([]);
});

test('both changed the same thing: mine stays, theirs is named', () => {
  const { value, conflicts } = merge({ overlap: 1, wage: 20 }, { overlap: 2, wage: 30 }, { overlap: 3, wage: 20 });
  expect(value).toEqual({ overlap: 3, wage: 30 });
  expect(conflicts).toEqual([{ path: ['overlap'], from: 1, to: 2 }]);
});

test('both changed a list: it is one thing', () => {
  const { value, conflicts } = merge(labels, [...labels, { id: 'other' }], [labels[0]]);
  expect(value).toEqual([labels[0]]);
  expect(conflicts).toEqual([{ path: ['other'], from: undefined, to: { id: 'other' } }]);
});
