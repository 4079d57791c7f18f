import { describe, expect, it } from 'vitest';
import { createRandom } from '../math/random.ts';
import type { Interval } from '../math/statistics.ts';
import { auditsNeeded, bestAudit, minimumAudit } from './audit-plan.ts';
import { drawAudit } from './audit-sample.ts';
import { auditChances, drawByChance, importanceAccuracy } from './importance-accuracy.ts';
import { observedTarget, trueErrorUpper } from './noisy-auditors.ts';
import { predictionPoweredAccuracy, predictionPoweredMean } from './prediction-powered-accuracy.ts';
import { sampleAccuracy } from './sample-accuracy.ts';
import { neymanAllocation, stratifiedAccuracy } from './stratified-accuracy.ts';

it('the three intervals of a simple sample: exact ones are wider than Wilson, finite ones vanish', () => {
  const width = ({ low, high }: Interval) => high - low;
  const [finite, exact, wilson] = (['hypergeometric', 'clopper-pearson', 'wilson'] as const).map((method) =>
    sampleAccuracy(90, 100, 400, { method }),
  );
  expect(width(exact)).toBeGreaterThan(width(wilson));
  expect(width(finite)).toBeLessThan(width(exact));
  expect(sampleAccuracy(360, 400, 400)).toEqual({ estimate: 0.9, low: 0.9, high: 0.9, n: 400 });
});

it('strata by hand: weights .75 and .25', () => {
  const estimate = stratifiedAccuracy([
    { population: 300, audited: 20, right: 20 },
    { population: 100, audited: 10, right: 5 },
  ]);
  expect(estimate.estimate).toBeCloseTo(0.75 + 0.125, 12);
  const variance = (0.75 ** 2 * (1 - 20 / 300) * (21 / 22) * (1 / 22)) / 20 + (0.25 ** 2 * 0.9 * 0.25) / 10;
  expect(estimate.high - estimate.estimate).toBeCloseTo(1.959963984540054 * Math.sqrt(variance), 12);
  // All seen: no doubt left. None seen: all doubt left.
  expect(stratifiedAccuracy([{ population: 4, audited: 4, right: 3 }])).toEqual({ estimate: 0.75, low: 0.75, high: 0.75, n: 4 });
  expect(stratifiedAccuracy([{ population: 4, audited: 0, right: 0 }])).toEqual({ estimate: 0.5, low: 0, high: 1, n: 0 });
});

it('Neyman: audits go where size times doubt is', () => {
  expect(
    neymanAllocation(
      [
        { population: 1000, accuracy: 0.5 },
        { population: 1000, accuracy: 0.9 },
      ],
      160,
    ),
  ).toEqual([100, 60]);
  expect(
    neymanAllocation(
      [
        { population: 3, accuracy: 0.5 },
        { population: 100, accuracy: 0.99 },
      ],
      20,
    ),
  ).toEqual([2, 18]);
  expect(neymanAllocation([{ population: 3, accuracy: 0.5 }], 20)).toEqual([3]);
});

it('PPI++ is ppi_py’s (0.2.3): ppi_mean_pointestimate and ppi_mean_ci', () => {
  const f = Float64Array.from({ length: 60 }, (_, i) => ((i * 7) % 10) / 10);
  const y = Float64Array.from({ length: 60 }, (_, i) => Number(((i * 7) % 10) + ((i * 3) % 5) >= 5));
  const pool = Float64Array.from({ length: 300 }, (_, i) => ((i * 11) % 13) / 13);
  const { estimate, low, high } = predictionPoweredMean(pool, f, y);
  expect(estimate).toBeCloseTo(0.90449701, 7);
  // Theirs divides by n, ours by n − 1: 0.8 % wider.
  expect(low).toBeCloseTo(0.83775312, 2);
  expect(high).toBeCloseTo(0.97124091, 2);
  expect(predictionPoweredAccuracy(pool, new Float64Array(0), new Uint8Array(0))).toEqual({ estimate: 0.5, low: 0, high: 1, n: 0 });
});

describe('coverage and width over 1,000 audits of 200 from 5,000, nominal 95 %', () => {
  const random = createRandom(8);
  const believed = Float64Array.from({ length: 5000 }, () => 0.5 + 0.5 * random.next() ** 0.4);
  // The model is a little too sure.
  const right = Uint8Array.from(believed, (m) => Number(random.next() < m - 0.04));
  const truth = right.reduce((sum, one) => sum + one, 0) / 5000;
  const runs = 1000;

  function coverage(estimate: () => Interval): { covered: number; width: number } {
    let covered = 0;
    let width = 0;
    for (let run = 0; run < runs; run++) {
      const { low, high } = estimate();
      covered += Number(low <= truth && truth <= high) / runs;
      width += (high - low) / runs;
    }
    return { covered, width };
  }
  const simple = coverage(() => {
    const found = drawAudit(5000, 200, random).reduce((sum, at) => sum + right[at], 0);
    return sampleAccuracy(found, 200, 5000);
  });
  // 95 % less three standard errors of a share over 1,000 runs.
  const least = 0.95 - 3 * Math.sqrt((0.95 * 0.05) / runs);

  it('simple random, exact', () => {
    expect(simple.covered).toBeGreaterThan(least);
  });

  it('stratified by belief', () => {
    const bins = [0, 1, 2, 3].map((bin) => [...believed.keys()].filter((at) => Math.min(3, Math.floor((believed[at] - 0.5) * 8)) === bin));
    const mean = (items: readonly number[]) => items.reduce((sum, at) => sum + believed[at] / items.length, 0);
    const sizes = neymanAllocation(
      bins.map((items) => ({ population: items.length, accuracy: mean(items) })),
      200,
    );
    const { covered, width } = coverage(() =>
      stratifiedAccuracy(
        bins.map((items, bin) => {
          const drawn = drawAudit(items.length, sizes[bin], random);
          return { population: items.length, audited: sizes[bin], right: drawn.reduce((sum, at) => sum + right[items[at]], 0) };
        }),
      ),
    );
    expect(covered).toBeGreaterThan(least - 0.01);
    expect(width).toBeLessThan(simple.width);
  });

  it('importance sampling with differences', () => {
    const chances = auditChances(believed);
    expect(chances.reduce((sum, chance) => sum + chance, 0)).toBeCloseTo(1, 9);
    const { covered, width } = coverage(() => {
      const drawn = drawByChance(chances, 200, random);
      return importanceAccuracy(
        believed,
        chances,
        drawn,
        Uint8Array.from(drawn, (at) => right[at]),
      );
    });
    expect(covered).toBeGreaterThan(least - 0.01);
    expect(width).toBeLessThan(simple.width);
  });

  it('PPI++', () => {
    const { covered, width } = coverage(() => {
      const drawn = drawAudit(5000, 200, random);
      const seen = new Set(drawn);
      return predictionPoweredAccuracy(
        believed.filter((_, at) => !seen.has(at)),
        Float64Array.from(drawn, (at) => believed[at]),
        Uint8Array.from(drawn, (at) => right[at]),
      );
    });
    expect(covered).toBeGreaterThan(least - 0.015);
    expect(width).toBeLessThan(simple.width);
  });
});

describe('noisy auditors', () => {
  const auditors = { falseAlarms: { count: 20, of: 1000 }, misses: { count: 50, of: 500 } };

  it('perfect and endlessly tested auditors change nothing; hopeless ones prove nothing', () => {
    const perfect = { falseAlarms: { count: 0, of: 1e7 }, misses: { count: 0, of: 1e7 } };
    expect(trueErrorUpper(10, 200, perfect, 0.15)).toBeCloseTo(trueErrorUpper(10, 200, perfect, 0.15), 12);
    expect(observedTarget(0.05, perfect, 0.05)).toBeCloseTo(0.05, 5);
    const untested = { falseAlarms: { count: 0, of: 0 }, misses: { count: 0, of: 0 } };
    expect(trueErrorUpper(0, 200, untested, 0.05)).toBe(1);
    expect(observedTarget(0.05, untested, 0.05)).toBe(0);
  });

  it('the corrected bound holds where the plain one would not', () => {
    // True error 6 %; auditors miss a tenth and raise 2 % false alarms: they flag .02 · .94 + .9 · .06 = 7.3 %.
    const random = createRandom(4);
    let broken = 0;
    for (let run = 0; run < 400; run++) {
      let flagged = 0;
      for (let at = 0; at < 500; at++) flagged += Number(random.next() < 0.0728);
      if (trueErrorUpper(flagged, 500, auditors, 0.1) < 0.06) broken++;
    }
    expect(broken).toBeLessThanOrEqual(40);
  });
});

describe('planning', () => {
  it('the fewest audits are those of the table: 45, 114, 230', () => {
    expect([minimumAudit(0.05, 0.1), minimumAudit(0.02, 0.1), minimumAudit(0.01, 0.1)]).toEqual([45, 114, 230]);
    expect(minimumAudit(0.05, 0.1, 100)).toBeLessThan(45);
    expect(minimumAudit(0, 0.1)).toBe(Number.POSITIVE_INFINITY);
    // The one wrong label is among the 5 unseen of 50 with probability .1.
    expect(minimumAudit(0, 0.11, 50)).toBe(45);
  });

  it('more where errors are expected; none will do where the labels are not good enough', () => {
    const needed = [0, 0.01, 0.02, 0.03].map((expectedError) => auditsNeeded({ targetError: 0.05, risk: 0.05, expectedError }) ?? -1);
    expect(needed[0]).toBe(59);
    for (let at = 1; at < 4; at++) expect(needed[at]).toBeGreaterThan(needed[at - 1]);
    expect(auditsNeeded({ targetError: 0.05, risk: 0.05, expectedError: 0.06 })).toBeUndefined();
  });

  it('the best audit is a part of what remains, and better models save more', () => {
    const model = (scale: number) => Float64Array.from({ length: 1000 }, (_, at) => scale * (at / 1000) ** 2);
    const good = bestAudit(model(0.4), 50, 0.05);
    const poor = bestAudit(model(0.9), 50, 0.05);
    expect(good.audit).toBeGreaterThan(0);
    expect(good.pool).toBeLessThanOrEqual(1000);
    expect(good.expectedAccepted).toBeGreaterThan(poor.expectedAccepted);
    expect(bestAudit(new Float64Array(0), 5, 0.05)).toEqual({ pool: 0, audit: 0, expectedAccepted: 0 });
  });
});
