import { describe, expect, test } from 'vitest';
import { createRandom } from '../math/random.ts';
import { binomialCdf } from '../math/special-functions.ts';
import { clopperPearson } from '../math/statistics.ts';
import { bestCoinPlan, chanceFor, reach } from './coin-audit.ts';

describe('chanceFor', () => {
  test('nothing tolerated: (1 − chance)^(allowed + 1) = risk', () => {
    expect(chanceFor(0, 9, 0.05)).toBeCloseTo(1 - 0.05 ** 0.1, 10);
  });

  test('is the smallest chance whose tail is within the risk', () => {
    for (const [tolerated, allowed] of [
      [3, 40],
      [12, 114],
      [0, 0],
      [30, 500],
    ]) {
      const chance = chanceFor(tolerated, allowed, 0.05);
      expect(binomialCdf(tolerated, allowed + 1 + tolerated, chance)).toBeLessThanOrEqual(0.05);
      expect(binomialCdf(tolerated, allowed + 1 + tolerated, chance * 0.999)).toBeGreaterThan(0.05);
    }
  });
});

describe('bestCoinPlan', () => {
  test('fewer labels than may be wrong need no check', () => {
    expect(bestCoinPlan([0.9, 0.9, 0.9], 3, 0.05)).toEqual({ chance: 0, tolerated: Number.POSITIVE_INFINITY, accepted: 3 });
  });

  test('nothing allowed, nothing promised', () => {
    expect(bestCoinPlan(new Float64Array(50).fill(0.1), 0, 0.05)).toEqual({ chance: 1, tolerated: -1, accepted: 0 });
  });

  test('good labels want few checks and tolerate little; bad ones want more of both', () => {
    const good = bestCoinPlan(new Float64Array(2000).fill(0.005), 100, 0.05);
    const bad = bestCoinPlan(new Float64Array(2000).fill(0.2), 100, 0.05);
    expect(good.accepted).toBeGreaterThan(1800);
    expect(bad.accepted).toBeGreaterThan(200);
    expect(bad.accepted).toBeLessThan(500);
    expect(bad.chance).toBeGreaterThan(good.chance);
    expect(bad.tolerated).toBeGreaterThan(good.tolerated);
  });

  test('people who can check only so much bound what is accepted', () => {
    expect(bestCoinPlan(new Float64Array(2000).fill(0.005), 100, 0.05, 10).accepted).toBeLessThan(400);
  });
});

test('reach: as far as the errors last', () => {
  expect(reach([0.1, 0.2, 0.3, 0.4], 0.61)).toBe(3);
  expect(reach([], 1)).toBe(0);
});

/** What the adversary may do: look at everything that happened and choose whether the next label that comes to its coin is wrong. It accepts
 *  more than `allowed` wrong labels in at most the promised share of the runs, and nearly so often that the promise could not be a better one. */
test.each([
  ['only wrong labels', () => true],
  ['wrong ones for as long as few were found', (found: number) => found < 4],
  ['wrong ones after each that was found', (found: number, step: number) => (step + found) % 3 === 0],
])('the promise holds at the boundary: %s', (_, isWrong) => {
  const random = createRandom(11);
  const allowed = 20;
  const risk = 0.1;
  const tolerated = 4;
  const chance = chanceFor(tolerated, allowed, risk);
  const repetitions = 2000;
  let broken = 0;
  for (let repetition = 0; repetition < repetitions; repetition++) {
    let found = 0;
    let wrong = 0;
    for (let step = 0; step < 600 && found <= tolerated; step++) {
      const bad = isWrong(found, step);
      if (random.next() < chance) found += Number(bad);
      else wrong += Number(bad);
    }
    if (wrong > allowed) broken++;
  }
  const { low, high } = clopperPearson(broken, repetitions, 0.999);
  expect(low).toBeLessThanOrEqual(risk);
  expect(high).toBeGreaterThan(0.5 * risk);
});
