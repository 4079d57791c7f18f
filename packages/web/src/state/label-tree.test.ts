import { describe, expect, test } from 'vitest';
import { bestMatch, labelKeys, labelRows, picked, type Question, visibleRows } from './label-tree.ts';

const labels = [
  { id: 'billing' },
  { id: 'refund', parent: 'billing' },
  { id: 'tech' },
  { id: 'late', title: 'Facture en rétard', parent: 'billing' },
];
const question: Question = { kind: 'choice', id: 'q', title: 'What is it?', multiple: false, labels };
const rows = labelRows(question);
const ids = (some: typeof rows) => some.map(({ label }) => label.id);

test('labels stand under their parents, with the position that gives their colour', () => {
  expect(rows.map(({ label, depth, position, hasChildren }) => [label.id, depth, position, hasChildren])).toEqual([
    ['billing', 0, 0, true],
    ['refund', 1, 1, false],
    ['late', 1, 3, false],
    ['tech', 0, 2, false],
  ]);
});

describe('what is shown', () => {
  test('children of what is open', () => {
    expect(ids(visibleRows(rows, new Set(), ''))).toEqual(['billing', 'tech']);
    expect(ids(visibleRows(rows, new Set(['billing']), ''))).toEqual(['billing', 'refund', 'late', 'tech']);
  });

  test('while a name is looked for, what matches and what is above it; accents and capitals count for nothing', () => {
    expect(ids(visibleRows(rows, new Set(), 'RETARD'))).toEqual(['billing', 'late']);
    expect(visibleRows(rows, new Set(), 'zebra')).toEqual([]);
  });

  test('a name that begins so comes first', () => {
    expect(bestMatch(rows, 'te')?.label.id).toBe('tech');
    expect(bestMatch(rows, 'tard')?.label.id).toBe('late');
    expect(bestMatch(rows, ' ')).toBeUndefined();
  });
});

describe('keys', () => {
  test('digits are for one level; a label keeps its own key at every level', () => {
    const withKey = labelRows({ ...question, labels: [...labels, { id: 'spam', hotkey: 'S' }] });
    expect([...labelKeys(withKey, undefined)]).toEqual([
      ['1', 'billing'],
      ['2', 'tech'],
      ['3', 'spam'],
      ['s', 'spam'],
    ]);
    expect([...labelKeys(withKey, 'billing')]).toEqual([
      ['1', 'refund'],
      ['2', 'late'],
      ['s', 'spam'],
    ]);
  });

  test('a digit that a label has of its own wins over the place', () => {
    const own = labelRows({
      ...question,
      labels: [
        { id: 'no', hotkey: '2' },
        { id: 'yes', hotkey: '1' },
      ],
    });
    expect([...labelKeys(own, undefined)]).toEqual([
      ['1', 'yes'],
      ['2', 'no'],
    ]);
  });
});

test('picking replaces, or with several labels, adds and takes away', () => {
  expect(picked(['a'], 'b', false)).toEqual(['b']);
  expect(picked(['a'], 'b', true)).toEqual(['a', 'b']);
  expect(picked(['a', 'b'], 'a', true)).toEqual(['b']);
});
