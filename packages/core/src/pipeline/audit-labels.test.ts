import { expect, it } from 'vitest';
import { createRandom } from '../math/random.ts';
import { itemId, labelId } from '../model/ids.ts';
import type { Item } from '../model/item.ts';
import { auditLabels } from './audit-labels.ts';

const topics = [
  ['goal', 'match', 'team', 'league', 'coach', 'player', 'win'],
  ['soup', 'bread', 'cook', 'oven', 'taste', 'recipe', 'salt'],
];
const filler = ['today', 'very', 'good', 'again', 'the', 'maybe', 'still', 'often'];

function texts(count: number): { items: Item[]; truth: Int32Array } {
  const random = createRandom(1);
  const truth = Int32Array.from({ length: count }, (_, at) => at % 2);
  const items = Array.from(truth, (label, at): Item => {
    const content = Array.from({ length: 10 }, (_, word) => {
      const list = word % 2 === 0 ? topics[label] : filler;
      return list[random.integer(list.length)];
    }).join(' ');
    return { id: itemId(`t${at}`), parts: { text: { modality: 'text', content } }, fields: { text: content } };
  });
  return { items, truth };
}
const labels = ['sport', 'food'].map(labelId);

it('finds labels that were turned round, and says how many are wrong', () => {
  const { items, truth } = texts(200);
  const given = truth.slice();
  for (const row of [3, 50, 121, 180]) given[row] = 1 - given[row];
  const { errors, drift } = auditLabels({ items: items.map(({ id }) => id), labels, given, contents: items }, createRandom(0));
  expect([...(errors?.flagged ?? [])].sort((a, b) => a - b)).toEqual([3, 50, 121, 180]);
  expect(errors?.noiseShare).toBeCloseTo(0.02, 12);
  expect(drift?.drifted).toEqual([]);
});

it('finds the same text with two labels', () => {
  const { items, truth } = texts(40);
  const twin: Item = { ...items[5], id: itemId('twin') };
  const given = Int32Array.of(...truth, 1 - truth[5]);
  const contents = [...items, twin];
  const { duplicates } = auditLabels({ items: contents.map(({ id }) => id), labels, given, contents }, createRandom(0));
  expect(duplicates).toEqual([{ rows: [5, 40], similarity: 1, isContradicting: true }]);
});

it('compares table rows by their fields', () => {
  const row = (id: string, colour: string): Item => ({ id: itemId(id), parts: {}, fields: { id, colour, size: 12, shape: 'round' } });
  const contents = [row('a', 'red'), row('b', 'red'), row('c', 'blue')];
  const { duplicates } = auditLabels(
    { items: contents.map(({ id }) => id), labels, given: Int32Array.of(0, 0, 1), contents },
    createRandom(0),
  );
  expect(duplicates).toEqual([{ rows: [0, 1], similarity: 1, isContradicting: false }]);
});

it('takes the probabilities that it is given, and needs no items then', () => {
  const given = Int32Array.of(0, 0, 0, 1, 1, 1);
  const probabilities = Float64Array.of(0.9, 0.1, 0.8, 0.2, 0.05, 0.95, 0.1, 0.9, 0.2, 0.8, 0.1, 0.9);
  const { errors, duplicates, outliers, drift } = auditLabels(
    { items: ['a', 'b', 'c', 'd', 'e', 'f'].map(itemId), labels, given, probabilities },
    createRandom(0),
  );
  expect(Array.from(errors?.flagged ?? [])).toEqual([2]);
  expect([duplicates, outliers, drift]).toEqual([undefined, undefined, undefined]);
});

it('has an answer for nothing, and for one label', () => {
  expect(auditLabels({ items: [], labels: [], given: new Int32Array(0), contents: [] }, createRandom(0)).duplicates).toEqual([]);
  const { items } = texts(30);
  const one = auditLabels(
    { items: items.map(({ id }) => id), labels: [labels[0]], given: new Int32Array(30), contents: items },
    createRandom(0),
  );
  expect(one.errors).toBeUndefined();
});
