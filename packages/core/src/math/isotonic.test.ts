import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitIsotonic, isotonicAt } from './isotonic.ts';

test('by hand: the third and fourth change places and are pooled', () => {
  const fit = fitIsotonic([1, 2, 3, 4, 5], [1, 2, 6, 4, 8]);
  expect([...fit.scores]).toEqual([1, 2, 3, 4, 5]);
  expect([...fit.values]).toEqual([1, 2, 5, 5, 8]);
  expect(isotonicAt(fit, 4.5)).toBe(6.5);
  expect(isotonicAt(fit, -7)).toBe(1);
  expect(isotonicAt(fit, 9)).toBe(8);
});

test('scikit-learn 1.9.1: IsotonicRegression, weights and equal scores', () => {
  // IsotonicRegression(out_of_bounds='clip').fit([.1,.4,.35,.8,.8,.6,.2], [0,1,0,1,0,1,1], [1,2,1,1,3,1,2])
  const fit = fitIsotonic([0.1, 0.4, 0.35, 0.8, 0.8, 0.6, 0.2], [0, 1, 0, 1, 0, 1, 1], [1, 2, 1, 1, 3, 1, 2]);
  const at = [0, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 0.8, 1].map((score) => isotonicAt(fit, score));
  const wanted = [0, 0, 0.3, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6];
  at.forEach((value, index) => expect(value).toBeCloseTo(wanted[index], 12));
});

test('nothing, and one', () => {
  expect(isotonicAt(fitIsotonic([], []), 0.5)).toBe(0);
  expect(isotonicAt(fitIsotonic([0.3], [0.7]), 0.9)).toBe(0.7);
});

test('never falls, keeps the mean, and no constant or line is nearer', () => {
  const rows = fc.array(fc.tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 1 })), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(rows, (list) => {
      const scores = list.map(([score]) => score / 12);
      const targets = list.map(([, target]) => target);
      const fit = fitIsotonic(scores, targets);
      fit.values.forEach((value, index) => expect(value).toBeGreaterThanOrEqual(index > 0 ? fit.values[index - 1] : 0));
      const fitted = scores.map((score) => isotonicAt(fit, score));
      const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
      expect(mean(fitted)).toBeCloseTo(mean(targets), 9);
      const squares = (of: (score: number, row: number) => number): number =>
        mean(scores.map((score, row) => (of(score, row) - targets[row]) ** 2));
      const own = squares((_, row) => fitted[row]);
      expect(own).toBeLessThanOrEqual(squares(() => mean(targets)) + 1e-12);
      expect(own).toBeLessThanOrEqual(squares((score) => score) + 1e-12);
    }),
  );
});
