import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from './random.ts';
import { hypergeometricCdf } from './special-functions.ts';
import * as statistics from './statistics.ts';

// scipy 1.12.0: stats.binomtest(k, n).proportion_ci(confidence, 'wilson' | 'exact').
const wilsonReference = [
  [0, 20, 0.95, 0, 0.16112515805281935],
  [7, 50, 0.9, 0.07772089782062996, 0.2392389959454846],
  [312, 312, 0.95, 0.9878373826063318, 1],
  [95000, 100000, 0.99, 0.9481946849720005, 0.951745604920294],
];
const exactReference = [
  [0, 20, 0.95, 0, 0.16843347098308548],
  [7, 50, 0.9, 0.06759669900316757, 0.24693520173120928],
  [312, 312, 0.95, 0.988246289347077, 1],
  [95000, 100000, 0.99, 0.9481982057434122, 0.951758818387829],
];
// The largest K with scipy's stats.hypergeom.cdf(k, N, K, n) > risk, by trying each: [k, n, N, risk, K].
const poolReference = [
  [0, 30, 100, 0.05, 8],
  [2, 50, 1000, 0.05, 118],
  [10, 200, 3000, 0.1, 225],
  [3, 10, 10, 0.05, 3],
];

describe('intervals of a share', () => {
  it('Wilson and Clopper–Pearson are scipy’s', () => {
    for (const [k, n, confidence, low, high] of wilsonReference) {
      const interval = statistics.wilson(k, n, confidence);
      expect(interval.low).toBeCloseTo(low, 11);
      expect(interval.high).toBeCloseTo(high, 11);
    }
    for (const [k, n, confidence, low, high] of exactReference) {
      const interval = statistics.clopperPearson(k, n, confidence);
      expect(interval.low).toBeCloseTo(low, 11);
      expect(interval.high).toBeCloseTo(high, 11);
      expect(interval.estimate).toBe(k / n);
    }
  });

  it('nothing seen is nothing known, never NaN', () => {
    for (const interval of [statistics.wilson(0, 0), statistics.clopperPearson(0, 0), statistics.hypergeometricInterval(0, 0, 0)]) {
      expect(interval).toEqual({ estimate: 0.5, low: 0, high: 1, n: 0 });
    }
    expect(statistics.binomialUpper(0, 0, 0.05)).toBe(1);
  });

  it('misuse says what came', () => {
    expect(() => statistics.wilson(3, 2)).toThrow('successes must be 0..n, got 3 of 2');
    expect(() => statistics.wilson(1, 2, 95)).toThrow('between 0 and 1, got 95');
    expect(() => statistics.hypergeometricUpper(1, 20, 10, 0.05)).toThrow('got 1, 20, 10');
  });

  it('finite pools: the largest count that is not ruled out', () => {
    for (const [k, n, population, risk, wanted] of poolReference) {
      expect(statistics.hypergeometricUpper(k, n, population, risk)).toBe(wanted);
    }
    // All seen: nothing left to doubt.
    expect(statistics.hypergeometricInterval(4, 10, 10)).toEqual({ estimate: 0.4, low: 0.4, high: 0.4, n: 10 });
  });

  it('the finite-pool bound is exact: coverage by enumeration, and not wider than the binomial one (but for rounding to a count)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(60), fc.nat(60), fc.constantFrom(0.05, 0.2), (population, a, b, risk) => {
        const marked = a % (population + 1);
        const n = b % (population + 1);
        let missed = 0;
        for (let k = 0; k <= n; k++) {
          const probability = hypergeometricCdf(k, population, marked, n) - hypergeometricCdf(k - 1, population, marked, n);
          if (probability <= 0) continue;
          const upper = statistics.hypergeometricUpper(k, n, population, risk);
          if (upper < marked) missed += probability;
          expect(upper / population).toBeLessThanOrEqual(statistics.binomialUpper(k, n, risk) + 1 / population);
          expect(statistics.hypergeometricLower(k, n, population, risk)).toBeLessThanOrEqual(upper);
        }
        expect(missed).toBeLessThanOrEqual(risk + 1e-12);
      }),
    );
  });
});

describe('means, quantiles, bootstrap', () => {
  it('mean ± standard error by hand', () => {
    expect(statistics.meanOf([1, 2, 3, 4])).toEqual({ mean: 2.5, standardError: Math.sqrt(5 / 3 / 4), n: 4 });
    expect(statistics.meanOf([7])).toEqual({ mean: 7, standardError: 0, n: 1 });
    expect(statistics.meanOf([])).toEqual({ mean: 0, standardError: 0, n: 0 });
  });

  it('quantiles are numpy’s', () => {
    // numpy.quantile([1, 2, 4, 8], [0, .1, .5, .9, 1])
    const wanted = [1, 1.3, 3, 6.8, 8];
    expect([0, 0.1, 0.5, 0.9, 1].map((share) => statistics.quantile([1, 2, 4, 8], share))).toEqual(
      wanted.map((value) => expect.closeTo(value, 12)),
    );
  });

  it('the bootstrap of a mean agrees with its standard error and repeats for a seed', () => {
    const random = createRandom(5);
    const values = Float64Array.from({ length: 400 }, () => random.normal());
    const mean = (drawn: Int32Array) => drawn.reduce((sum, index) => sum + values[index], 0) / drawn.length;
    const interval = statistics.bootstrap(400, mean, createRandom(1), { replicates: 2000 });
    const expected = statistics.meanOf(values);
    expect(interval.estimate).toBeCloseTo(expected.mean, 12);
    expect(interval.high - interval.low).toBeGreaterThan(2 * 1.96 * expected.standardError * 0.9);
    expect(interval.high - interval.low).toBeLessThan(2 * 1.96 * expected.standardError * 1.1);
    expect(statistics.bootstrap(400, mean, createRandom(1), { replicates: 2000 })).toEqual(interval);
    expect(statistics.bootstrap(0, mean, createRandom(1))).toEqual(statistics.nothingKnown);
    expect(statistics.bootstrap(3, () => undefined, createRandom(1))).toEqual({ estimate: 0.5, low: 0.5, high: 0.5, n: 3 });
  });
});
