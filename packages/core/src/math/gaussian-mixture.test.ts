import { describe, expect, it } from 'vitest';
import { gaussianMixture } from './gaussian-mixture.ts';
import type { DenseMatrix } from './matrix.ts';
import { createRandom } from './random.ts';

const column = (...values: number[]): DenseMatrix => ({
  kind: 'dense',
  rows: values.length,
  columns: 1,
  values: Float32Array.from(values),
});

describe('gaussianMixture', () => {
  it('finds what scikit-learn 1.9 finds', () => {
    const points = column(0.1, 0.3, -0.2, 0.5, 5.1, 4.2, 6.3, 5.5, 4.9, 2.4);
    const fit = gaussianMixture(points, 2, { tolerance: 1e-10, maxIterations: 1000 }, createRandom(1));
    const [low, high] = fit.means[0] < fit.means[1] ? [0, 1] : [1, 0];
    expect(fit.means[low]).toBeCloseTo(0.61987, 3);
    expect(fit.means[high]).toBeCloseTo(5.19876, 3);
    expect(fit.variances[low]).toBeCloseTo(0.84709, 3);
    expect(fit.variances[high]).toBeCloseTo(0.48373, 3);
    expect(fit.shares[low]).toBeCloseTo(0.49985, 3);
    expect(fit.logLikelihood).toBeCloseTo(-1.8863, 4);
    expect(fit.bic).toBeCloseTo(49.239, 2);
  });

  it('has rows that sum to 1 and no NaN, whatever the points', () => {
    for (const points of [column(1), column(2, 2, 2), column(0, 1e6, -1e6, 1e-6), column(0, 0, 0, 5)]) {
      const fit = gaussianMixture(points, 3, {}, createRandom(2));
      const k = fit.shares.length;
      for (let row = 0; row < points.rows; row++) {
        let sum = 0;
        for (let c = 0; c < k; c++) sum += fit.responsibilities[row * k + c];
        expect(sum).toBeCloseTo(1, 9);
      }
      expect(fit.bic).not.toBeNaN();
    }
  });

  it('tells by the BIC how many there are', () => {
    const random = createRandom(5);
    const points = column(...Array.from({ length: 300 }, (_, at) => random.normal() + 8 * (at % 3)));
    const bics = [1, 2, 3, 4, 5].map((k) => gaussianMixture(points, k, {}, createRandom(6)).bic);
    expect(bics.indexOf(Math.min(...bics)) + 1).toBe(3);
  });

  it('refuses nothing', () => {
    expect(() => gaussianMixture(column(), 2, {}, createRandom(1))).toThrow('at least one row');
  });
});
