import { describe, expect, it } from 'vitest';
import { createRandom } from './random.ts';
import { holm, mcNemar, pairedDifference, shareDifference } from './share-differences.ts';

describe('independent shares', () => {
  it('Newcombe, example (a): 56/70 against 48/80', () => {
    const { estimate, low, high } = shareDifference(56, 70, 48, 80);
    expect(estimate).toBeCloseTo(0.2, 10);
    expect(low).toBeCloseTo(0.0524, 4);
    expect(high).toBeCloseTo(0.3339, 4);
  });

  it('nothing is known without observations', () => {
    expect(shareDifference(0, 0, 3, 4)).toEqual({ estimate: 0, low: -1, high: 1 });
  });
});

describe('shares on the same items', () => {
  it('uncorrelated answers are as independent ones; agreeing answers tell more', () => {
    const paired = pairedDifference(25, 25, 25, 25);
    expect(paired).toEqual(shareDifference(50, 100, 50, 100));
    const agreeing = pairedDifference(45, 5, 5, 45);
    expect(agreeing.high - agreeing.low).toBeLessThan(0.6 * (paired.high - paired.low));
  });

  it('holds the truth about as often as it says', () => {
    const random = createRandom(3);
    let held = 0;
    for (let run = 0; run < 1000; run++) {
      const counts = [0, 0, 0, 0];
      // P(both) 0.6, only first 0.2, only second 0.1, neither 0.1: the difference is 0.1.
      for (let i = 0; i < 60; i++) {
        const draw = random.next();
        counts[draw < 0.6 ? 0 : draw < 0.8 ? 1 : draw < 0.9 ? 2 : 3] += 1;
      }
      const { low, high } = pairedDifference(counts[0], counts[1], counts[2], counts[3]);
      if (low <= 0.1 && high >= 0.1) held += 1;
    }
    expect(held).toBeGreaterThan(930);
  });

  it('never leaves −1..1, wherever the counts are at the edge', () => {
    for (const counts of [
      [1, 0, 0, 0],
      [0, 5, 0, 0],
      [0, 0, 5, 0],
      [0, 0, 0, 3],
    ] as const) {
      const { low, high } = pairedDifference(...counts);
      expect(low >= -1 && low <= high && high <= 1).toBe(true);
    }
    expect(() => pairedDifference(-1, 0, 0, 0)).toThrow('0 or more');
  });
});

it('McNemar, exact, by hand: 1 against 5 of 6 coins is 2 · (1 + 6) / 64', () => {
  expect(mcNemar(1, 5)).toBeCloseTo(14 / 64, 12);
  expect(mcNemar(3, 3)).toBe(1);
  expect(mcNemar(0, 0)).toBe(1);
});

it('Holm, by hand', () => {
  expect(holm([0.01, 0.04, 0.03])).toEqual([0.03, 0.06, 0.06]);
  expect(holm([])).toEqual([]);
});
