import { expect, it } from 'vitest';
import { createRandom } from '../math/random.ts';
import { labelDrift } from './label-drift.ts';

const labels = (...counts: number[]): Int32Array => Int32Array.from(counts.flatMap((count, label) => Array<number>(count).fill(label)));

it('sees the share that changed, with its interval', () => {
  // Newcombe (1998), table II, first row: 56/70 − 48/80 = 0.2, interval by method 10: 0.0524 to 0.3339.
  const { labels: rows, totalVariation } = labelDrift(labels(32, 48), labels(14, 56), 2);
  expect(rows[1].after - rows[1].before).toBeCloseTo(0.2, 12);
  expect(rows[1].low).toBeCloseTo(0.0524, 4);
  expect(rows[1].high).toBeCloseTo(0.3339, 4);
  expect(totalVariation).toBeCloseTo(0.2, 12);
});

it('names drifted labels only', () => {
  expect(labelDrift(labels(500, 300, 200), labels(500, 200, 300), 3).drifted).toEqual([1, 2]);
  expect(labelDrift(labels(50, 30, 20), labels(50, 29, 21), 3).drifted).toEqual([]);
  expect(labelDrift(labels(10), labels(10), 1)).toMatchObject({ totalVariation: 0, drifted: [] });
});

it('cries wolf in at most the stated share of runs', () => {
  const random = createRandom(11);
  const draw = (): Int32Array => Int32Array.from({ length: 400 }, () => Math.floor(random.next() ** 2 * 5));
  let alarms = 0;
  for (let run = 0; run < 400; run++) alarms += labelDrift(draw(), draw(), 5).drifted.length > 0 ? 1 : 0;
  // 20 are expected at most; 35 would be three standard deviations more.
  expect(alarms).toBeLessThan(35);
});

it('refuses nothing', () => {
  expect(() => labelDrift(labels(), labels(1), 1)).toThrow('before and after');
});
