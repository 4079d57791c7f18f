import { describe, expect, test } from 'vitest';
import { itemId, labelId } from '../model/ids.ts';
import { memoryFile } from './in-memory.ts';
import { probabilityText, readLabels, writeLabels } from './labels.ts';

const estimate = {
  items: ['a', '=b', '-c', 'd,"e"'].map(itemId),
  labels: ['spam', 'ham', '+x()'].map(labelId),
  posterior: Float64Array.of(0.2, 0.7, 0.1, 1, 0, 0, 0.5, 0.5, 0, 1 / 3, 1 / 3, 1 / 3),
};

test('a line an item: the first of the likeliest labels, its probability, all of them', () => {
  expect([...writeLabels(estimate)].join('')).toBe(
    [
      'item,label,probability,p:spam,p:ham,p:+x()',
      'a,ham,0.700000,0.200000,0.700000,0.100000',
      "'=b,spam,1,1,0,0",
      '-c,spam,0.500000,0.500000,0.500000,0',
      '"d,""e""",spam,0.333333,0.333333,0.333333,0.333333',
      '',
    ].join('\n'),
  );
  expect([...writeLabels({ items: [], labels: [], posterior: new Float64Array(0) })].join('')).toBe('item,label,probability\n');
  expect([...writeLabels({ items: [itemId('a')], labels: [], posterior: new Float64Array(0) })].join('')).toBe(
    'item,label,probability\na,,\n',
  );
});

test('what is written reads back', async () => {
  const read = await readLabels(memoryFile('labels.csv', ...writeLabels(estimate)));
  expect(read).toMatchObject({ items: estimate.items, labels: estimate.labels, label: Int32Array.of(1, 0, 0, 0), problems: [] });
  expect(read.probability[0]).toBe(0.7);
  for (const [at, value] of estimate.posterior.entries()) expect(read.posterior?.[at]).toBeCloseTo(value, 5);
});

test('rows sum to 1 within a millionth a label, and no probability above 0 becomes 0', () => {
  const k = 7;
  for (let seed = 1; seed < 2000; seed++) {
    const shares = Array.from({ length: k }, (_, label) => Math.abs(Math.sin(seed * (label + 1))) ** (seed % 40));
    const sum = shares.reduce((total, share) => total + share, 0);
    const texts = shares.map((share) => probabilityText(share / sum));
    expect(Math.abs(texts.reduce((total, text) => total + Number(text), 0) - 1)).toBeLessThan(k * 1e-6);
    expect(texts.filter((text, label) => shares[label] > 0 && Number(text) === 0)).toEqual([]);
  }
  expect(probabilityText(1e-300)).toBe('1.000e-300');
  expect(probabilityText(0.00099999999)).toBe('1.000e-3');
  expect(probabilityText(0.9999999)).toBe('1');
});

describe('tables of others', () => {
  test('labels alone; labels that have no column', async () => {
    const read = await readLabels(memoryFile('l.csv', 'label,item\nspam,a\nham,b\n'));
    expect(read).toMatchObject({
      items: ['a', 'b'],
      labels: ['spam', 'ham'],
      label: Int32Array.of(0, 1),
      probability: Float64Array.of(Number.NaN, Number.NaN),
    });
    expect(read.posterior).toBeUndefined();
    expect((await readLabels(memoryFile('l.csv', 'item,label,p:spam\na,ham,0.5\n'))).posterior).toBeUndefined();
  });

  test('bad rows are problems', async () => {
    const { items, problems } = await readLabels(
      memoryFile('l.csv', 'item,label,probability\na,spam,2\nb,,0.5\na,spam,1\na,ham,1\nc,ham\n'),
    );
    expect(items).toEqual(['a']);
    expect(problems.map((problem) => [problem.line, problem.message])).toEqual([
      [2, 'probabilities must be numbers of 0..1'],
      [3, 'label id must be a non-empty text, got ""'],
      [5, "item 'a' is there already: this row is left out"],
      [6, 'has 2 cells, but the header has 3 columns'],
    ]);
  });
});
