import { expect, it } from 'vitest';
import { itemId, labelId } from '../model/ids.ts';
import type { Item } from '../model/item.ts';
import { isMade } from '../model/made.ts';
import { swapItems, swapReport } from './swap-test.ts';

const item = (id: string, content: string): Item => ({ id: itemId(id), parts: { text: { modality: 'text', content } }, fields: { n: 1 } });
const swaps = [
  ['he', 'she'],
  ['John', 'Amina'],
] as const;

it('exchanges whole words both ways, capitals as they were; items that name nobody are left out', () => {
  const pairs = swapItems(
    [item('1', 'He said: JOHN, the hero'), item('2', 'nobody'), item('3', "Amina's dog"), item('4', 'he or she')],
    swaps,
    'text',
  );
  expect(pairs.map(({ swapped, group }) => [swapped.parts['text'].content, group])).toEqual([
    ['She said: AMINA, the hero', 'first'],
    ["John's dog", 'second'],
    ['she or he', 'both'],
  ]);
  expect(pairs.every(({ swapped, original }) => isMade(swapped) && !isMade(original))).toBe(true);
  expect(() => swapItems([], [['New York', 'Paris']], 'text')).toThrow("'New York' is not one word");
  expect(() =>
    swapItems(
      [],
      [
        ['he', 'she'],
        ['she', 'they'],
      ],
      'text',
    ),
  ).toThrow("'she' is there twice");
});

it('flips and their direction, by hand', () => {
  const [a, b] = ['a', 'b'].map(labelId);
  const groups = ['first', 'first', 'second', 'second', 'both', 'first'] as const;
  const answers = [
    [a, b],
    [a, a],
    [b, a],
    [a, a],
    [a, b],
    [undefined, a],
  ].map(([original, swapped]) => ({ original, swapped }));
  const report = swapReport(
    groups.map((group) => ({ group })),
    answers,
    [a, b],
  );
  expect(report.pairs).toBe(5);
  expect(report.flips).toMatchObject({ estimate: 0.6, n: 5 });
  // Both flips go the same way: a with the first group, b with the second.
  expect(report.labels.map(({ onlyFirst, onlySecond }) => [onlyFirst, onlySecond])).toEqual([
    [2, 0],
    [0, 2],
  ]);
  expect(report.warnings).toEqual([]);
});

it('twelve flips one way are a warning, six each way are not', () => {
  const [a, b] = ['a', 'b'].map(labelId);
  const flips = Array.from({ length: 12 }, () => ({ original: a, swapped: b }));
  const one = flips.map(() => ({ group: 'first' as const }));
  const each = flips.map((_, i) => ({ group: i % 2 === 0 ? ('first' as const) : ('second' as const) }));
  expect(swapReport(one, flips, [a, b]).warnings[0]).toBe(
    "'a' depends on the group that is named: 12 times only with the first, 0 times only with the second, of 12 pairs",
  );
  expect(swapReport(each, flips, [a, b])).toMatchObject({ warnings: [], flips: { estimate: 1 } });
  expect(() => swapReport(one, [], [a, b])).toThrow('expected 12 answers, got 0');
});
