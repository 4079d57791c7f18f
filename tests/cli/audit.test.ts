import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { folderWith, jsonOf, labelwright } from './run-cli.ts';

const topics = {
  sport: ['goal match team win', 'league coach player goal', 'the team won its match'],
  food: ['soup bread oven', 'taste the recipe', 'cook the bread'],
};

/** 120 texts of two topics; three of them with the wrong label, one there twice with two labels. */
function shop(): { labels: string; items: string } {
  const rows = Array.from({ length: 120 }, (_, at) => {
    const topic = at % 2 === 0 ? ('sport' as const) : ('food' as const);
    const list = topics[topic];
    const text = `${list[at % 3]} ${list[(at * 7 + 1) % 3]} number ${at} on page ${(at * 31) % 97}`;
    const label = [10, 51, 90].includes(at) ? (topic === 'sport' ? 'food' : 'sport') : topic;
    return { id: `i${at}`, text, label };
  });
  rows.push({ id: 'twin', text: rows[4].text.toUpperCase(), label: 'food' });
  return {
    labels: `item,label\n${rows.map(({ id, label }) => `${id},${label}`).join('\n')}\n`,
    items: `id,text,said\n${rows.map(({ id, text, label }) => `${id},${text},${label}`).join('\n')}\n`,
  };
}

it('names probable errors and contradicting duplicates, in sentences, as CSV and as JSON', () => {
  const { labels, items } = shop();
  const folder = folderWith({ 'labels.csv': labels, 'items.csv': items });
  const { status, stdout, stderr } = labelwright(
    ['audit', 'labels.csv', '--items', 'items.csv', '--out', 'doubts.csv', '--report', 'report.json'],
    folder,
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: 'labelwright: note: items.csv: said repeats the label and is not looked at\n' });
  expect(stdout).toMatch(/^121 labels\n {2}probably wrong: 3 flagged/);
  expect(stdout).toContain('duplicates: 1 group, 1 with different labels\n    i4: sport, twin: food');
  const report = jsonOf(folder, 'report.json') as { labelErrors: { flagged: { item: string }[] }; seconds: number; peakMegabytes: number };
  expect(report.labelErrors.flagged.map(({ item }) => item).sort()).toEqual(['i10', 'i51', 'i90']);
  expect(report.seconds).toBeGreaterThan(0);
  expect(report.peakMegabytes).toBeGreaterThan(0);
  const doubts = readFileSync(join(folder, 'doubts.csv'), 'utf8').split('\n');
  expect(doubts[0]).toBe('item,problem,label,suggested,score');
  expect(doubts.slice(1).filter((line) => line.includes('label error'))).toHaveLength(3);
});

it('reads the probabilities of the file where there are no items', () => {
  const folder = folderWith({
    'labels.csv':
      'item,label,probability,p:a,p:b\n1,a,0.9,0.9,0.1\n2,a,0.8,0.8,0.2\n3,a,0.05,0.05,0.95\n4,b,0.9,0.1,0.9\n5,b,0.8,0.2,0.8\n6,b,0.9,0.1,0.9\n',
  });
  const { status, stdout } = labelwright(['audit', 'labels.csv'], folder);
  expect(status).toBe(0);
  expect(stdout).toContain('probably wrong: 1 flagged');
  expect(stdout).toContain('3: a, rather b (0.95)');
});

it('says what it needs where there is nothing to compare with', () => {
  const folder = folderWith({ 'labels.csv': 'item,label\n1,a\n', 'items.csv': 'id,text\nx,hello\n', 'empty.csv': 'item,label\n' });
  expect(labelwright(['audit', 'labels.csv'], folder)).toMatchObject({ status: 2, stderr: expect.stringMatching(/no --items/) });
  expect(labelwright(['audit', 'labels.csv', '--items', 'items.csv'], folder)).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/none of the labeled items/),
  });
  expect(labelwright(['audit', 'empty.csv'], folder)).toMatchObject({ status: 1, stderr: expect.stringMatching(/no label to audit/) });
});
