import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { reliabilityOf } from './reliability.ts';
import { wilson } from './statistics.ts';

test('by hand: two at 0.9 of which one is right, two at 0.3 of which one is, one at 0.6 that is', () => {
  const { n, bins, expectedCalibrationError, accuracy, meanProbability, brier } = reliabilityOf(
    [0.92, 0.94, 0.3, 0.35, 0.6],
    [true, false, false, true, true],
  );
  expect(n).toBe(5);
  expect(bins.map(({ from, to, count }) => [from, to, count])).toEqual([
    [0.3, 0.4, 2],
    [0.6, 0.7, 1],
    [0.9, 1, 2],
  ]);
  expect(bins[2].meanProbability).toBeCloseTo(0.93, 12);
  expect(bins[2].accuracy).toBe(0.5);
  expect(bins[2].interval).toEqual(wilson(1, 2));
  expect(accuracy).toBeCloseTo(0.6, 12);
  expect(meanProbability).toBeCloseTo(0.622, 12);
  // |1 − 1.86| + |1 − 0.65| + |1 − 0.6|, over 5.
  expect(expectedCalibrationError).toBeCloseTo((0.86 + 0.35 + 0.4) / 5, 12);
  expect(brier).toBeCloseTo((0.08 ** 2 + 0.94 ** 2 + 0.3 ** 2 + 0.65 ** 2 + 0.4 ** 2) / 5, 12);
});

test('certainty is in the last bin; nothing, and what is not a probability, is left out', () => {
  expect(reliabilityOf([1], [1]).bins).toMatchObject([{ from: 0.9, to: 1, count: 1, accuracy: 1 }]);
  expect(reliabilityOf([], [])).toEqual({ n: 0, bins: [], accuracy: 0, meanProbability: 0, expectedCalibrationError: 0, brier: 0 });
  expect(reliabilityOf([Number.NaN, 0.5, 2], [1, 1, 1]).n).toBe(1);
});

test('counts add up, the order does not matter, and the error is at least that of the means', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean()), { minLength: 1, maxLength: 60 }), (rows) => {
      const of = (list: typeof rows) =>
        reliabilityOf(
          list.map(([p]) => p),
          list.map(([, held]) => held),
          7,
        );
      const report = of(rows);
      expect(report.bins.reduce((total, { count }) => total + count, 0)).toBe(rows.length);
      expect(report.expectedCalibrationError).toBeGreaterThanOrEqual(Math.abs(report.accuracy - report.meanProbability) - 1e-12);
      expect(of([...rows].reverse()).expectedCalibrationError).toBeCloseTo(report.expectedCalibrationError, 12);
    }),
  );
});
