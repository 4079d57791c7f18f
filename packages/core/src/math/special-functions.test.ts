import { describe, expect, it } from 'vitest';
import * as special from './special-functions.ts';

// scipy 1.12.0: special.gammaln, digamma, erf, erfc, betainc, betaincinv; stats.norm.ppf, binom.logpmf/cdf/sf, hypergeom.logpmf/cdf.
const logGamma = [
  [0.1, 2.252712651734206],
  [0.5, 0.5723649429247],
  [1.5, -0.12078223763524526],
  [3.7, 1.428072326665388],
  [10, 12.801827480081469],
  [123.4, 469.3360974421906],
  [1e7, 151180949.36947393],
];
const digamma = [
  [0.1, -10.423754940411076],
  [0.5, -1.9635100260214235],
  [1, -0.5772156649015329],
  [3.7, 1.1671535393615113],
  [25, 3.198742512851974],
  [1000000.0, 13.81551005796419],
];
const erf = [
  [-3, -0.9999779095030014, 1.9999779095030015],
  [-0.2, -0.22270258921047845, 1.2227025892104784],
  [0.1, 0.1124629160182849, 0.8875370839817152],
  [0.4687, 0.49256818249964407, 0.5074318175003559],
  [0.6, 0.6038560908479258, 0.3961439091520742],
  [2, 0.9953222650189527, 0.004677734981047266],
  [4.5, 0.9999999998033839, 1.9661604415428878e-10],
  [10, 1.0, 2.0884875837625446e-45],
  [20, 1.0, 5.395865611607901e-176],
];
const normal = [
  [1e-300, -37.0470962993612],
  [1e-10, -6.361340902404056],
  [0.001, -3.090232306167813],
  [0.025, -1.9599639845400545],
  [0.3, -0.5244005127080409],
  [0.5, 0.0],
  [0.9, 1.2815515655446004],
  [0.975, 1.959963984540054],
  [0.9999, 3.719016485455709],
];
const beta = [
  [0.3, 2, 5, 0.5798250000000003],
  [0.9, 0.5, 0.5, 0.7951672353008665],
  [0.01, 1, 100, 0.6339676587267704],
  [0.5, 1000, 1000, 0.4999999999999999],
  [0.051, 50000, 950000, 0.9999974550620075],
  [1e-6, 3, 1e7, 0.9972306179052395],
  [0.999, 40, 2, 0.9992010191652443],
];
const betaInverse = [
  [0.025, 5, 96, 0.016431879182052155],
  [0.975, 1, 10, 0.3084971078187608],
  [0.5, 0.5, 0.5, 0.4999999999999999],
  [0.95, 50000, 950000, 0.05035899831758766],
  [1e-8, 3, 7, 0.0004922975191879924],
  [0.05, 1, 10000000, 5.129329425600042e-9],
];
const binomial = [
  [0, 45, 0.05, -2.308198247439774, 0.09944025698709247, 1.0],
  [3, 10, 0.5, -2.143980062817406, 0.171875, 0.9453125],
  [480, 10000, 0.05, -4.40789099790976, 0.1858244966427443, 0.8263563440349395],
  [499000, 10000000, 0.05, -8.506822399504017, 0.07346410840183887, 0.9267379765332298],
  [10, 10, 0.9, -1.053605156578263, 1.0, 0.34867844010000004],
  [7, 1000000, 1e-5, -2.407066711669696, 0.22021929541710497, 0.8698598402244326],
];
const hyper = [
  [0, 100, 5, 30, -1.8278598715243595, 0.16075724104074618],
  [3, 50, 10, 20, -1.4875317025512058, 0.3649682867768368],
  [9, 1000, 50, 200, -1.9717248605115287, 0.44085600416083104],
  [40, 10000, 500, 1000, -3.945645781132498, 0.0699661961986024],
  [4900, 10000000, 500000, 100000, -6.207379934572959, 0.07306045775801458],
  [18, 20, 19, 19, -0.05129329438755059, 0.95],
];

/** Relative error; 0 where both are 0. */
function errorOf(actual: number, wanted: number): number {
  return Math.abs(actual - wanted) / Math.max(Math.abs(wanted), 1e-290);
}

describe('special functions against scipy', () => {
  it('log-gamma and digamma', () => {
    for (const [x, wanted] of logGamma) expect(errorOf(special.logGamma(x), wanted)).toBeLessThan(1e-12);
    for (const [x, wanted] of digamma) expect(errorOf(special.digamma(x), wanted)).toBeLessThan(1e-12);
    expect(special.logGamma(0)).toBe(Number.POSITIVE_INFINITY);
  });

  it('error function and normal quantile', () => {
    for (const [x, whole, rest] of erf) {
      expect(errorOf(special.erf(x), whole)).toBeLessThan(1e-12);
      expect(errorOf(special.erfc(x), rest)).toBeLessThan(1e-12);
    }
    for (const [p, z] of normal) {
      expect(errorOf(special.normalQuantile(p), z)).toBeLessThan(1e-12);
      expect(errorOf(special.normalCdf(z), p)).toBeLessThan(1e-11);
    }
    expect(special.normalQuantile(0)).toBe(Number.NEGATIVE_INFINITY);
    expect(special.normalCdf(40)).toBe(1);
  });

  it('incomplete beta and its inverse', () => {
    for (const [x, a, b, wanted] of beta) expect(errorOf(special.incompleteBeta(x, a, b), wanted)).toBeLessThan(1e-11);
    for (const [p, a, b, wanted] of betaInverse) expect(errorOf(special.inverseIncompleteBeta(p, a, b), wanted)).toBeLessThan(1e-11);
    expect(special.incompleteBeta(0.4, 0, 3)).toBe(1);
    expect(special.incompleteBeta(0.4, 3, 0)).toBe(0);
    expect(special.inverseIncompleteBeta(0, 2, 2)).toBe(0);
    expect(special.inverseIncompleteBeta(1, 2, 2)).toBe(1);
  });

  it('binomial probabilities and tails', () => {
    for (const [k, n, p, log, below, above] of binomial) {
      expect(errorOf(special.logBinomial(k, n, p), log)).toBeLessThan(1e-8);
      expect(errorOf(special.binomialCdf(k, n, p), below)).toBeLessThan(1e-8);
      expect(errorOf(special.binomialUpperTail(k, n, p), above)).toBeLessThan(1e-8);
    }
    expect(special.logBinomial(0, 0, 0.3)).toBeCloseTo(0, 15);
    expect(special.binomialCdf(-1, 5, 0.5)).toBe(0);
    expect(special.binomialCdf(2, 5, 0)).toBe(1);
    expect(special.binomialUpperTail(1, 5, 1)).toBe(1);
  });

  it('binomial probabilities of 10^7 draws sum to 1 near the mean, where log-gammas would be off by 1e-8', () => {
    let sum = 0;
    for (let k = 490_000; k <= 510_000; k++) sum += Math.exp(special.logBinomial(k, 1e7, 0.05));
    expect(errorOf(sum, 1)).toBeLessThan(1e-12);
  });

  it('hypergeometric probabilities and tails', () => {
    for (const [k, population, marked, draws, log, below] of hyper) {
      expect(errorOf(special.logHypergeometric(k, population, marked, draws), log)).toBeLessThan(1e-8);
      expect(errorOf(special.hypergeometricCdf(k, population, marked, draws), below)).toBeLessThan(1e-8);
    }
  });

  it('hypergeometric of a whole or an empty draw is certain', () => {
    expect(special.hypergeometricCdf(3, 10, 3, 10)).toBe(1);
    expect(special.hypergeometricCdf(2, 10, 3, 10)).toBe(0);
    expect(special.hypergeometricCdf(0, 10, 3, 0)).toBe(1);
    // By hand: both of 2 marked among 4 in 2 draws: 1 of C(4, 2) = 6.
    expect(errorOf(special.logHypergeometric(2, 4, 2, 2), Math.log(1 / 6))).toBeLessThan(1e-14);
    expect(errorOf(special.hypergeometricCdf(1, 4, 2, 2), 5 / 6)).toBeLessThan(1e-14);
  });
});
