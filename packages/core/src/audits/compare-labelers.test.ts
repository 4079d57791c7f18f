import { expect, it } from 'vitest';
import { labelId } from '../model/ids.ts';
import { compareLabelers } from './compare-labelers.ts';

const labels = ['a', 'b'].map(labelId);
const column = (text: string) => Array.from(text, (sign) => (sign === '-' ? undefined : labelId(sign)));

it('by hand', () => {
  const report = compareLabelers({
    labels,
    first: column('aabb-aab'),
    second: column('abbaaab-'),
    truth: column('aabbaab-'),
    firstCostUsd: 0.7,
  });
  expect(report.items).toBe(8);
  expect(report.first).toMatchObject({ answered: 7, costUsd: 0.7, accuracy: { n: 6, estimate: 5 / 6 } });
  expect(report.first.costPerAnswerUsd).toBeCloseTo(0.1, 12);
  expect(report.second).toMatchObject({ answered: 7, accuracy: { estimate: 4 / 6 } });
  expect(report.second).not.toHaveProperty('costUsd');
  expect([...report.table]).toEqual([2, 2, 1, 1]);
  expect(report.disagreements).toEqual([
    { first: 'a', second: 'b', count: 2 },
    { first: 'b', second: 'a', count: 1 },
  ]);
  expect(report.agreement).toMatchObject({ estimate: 0.5, n: 6 });
  expect(report.judged).toMatchObject({ items: 6, onlyFirstRight: 2, onlySecondRight: 1, pValue: 1, verdict: 'not told apart' });
  expect(report.judged?.difference.estimate).toBeCloseTo(1 / 6, 12);
});

it('ten to nothing is told apart; without truth nothing is judged', () => {
  const first = column('a'.repeat(10));
  const second = column('b'.repeat(10));
  expect(compareLabelers({ labels, first, second, truth: second }).judged?.verdict).toBe('second is better');
  const blind = compareLabelers({ labels, first, second });
  expect(blind).not.toHaveProperty('judged');
  expect(blind.first.accuracy).toEqual({ estimate: 0.5, low: 0, high: 1, n: 0 });
});

it('columns must fit', () => {
  expect(() => compareLabelers({ labels, first: column('a'), second: column('ab') })).toThrow('second must have 1 rows, got 2');
  expect(() => compareLabelers({ labels, first: column('a'), second: column('c') })).toThrow("second has the label 'c'");
});
