import { describe, expect, test } from 'vitest';
import { createRandom, type Random } from '../math/random.ts';
import { clopperPearson } from '../math/statistics.ts';
import { itemId, labelId } from '../model/ids.ts';
import margin from '../planners/margin.ts';
import type { Judge } from './item-judge.ts';
import { type Ask, type Routed, routeToPeople } from './route-to-people.ts';

const labels = [labelId('a'), labelId('b')];

/** A machine that says `a` of everything; `scoreOf` may look at what people answered. Truth `b` makes it wrong. */
function machine(n: number, scoreOf: (item: number, answered: Int32Array) => number): Judge {
  return {
    hasVotes: true,
    judge(answered) {
      const probability = Float64Array.from({ length: n }, (_, item) => scoreOf(item, answered));
      const posterior = new Float64Array(2 * n);
      probability.forEach((p, item) => posterior.set([p, 1 - p], 2 * item));
      return { label: new Int32Array(n), probability, posterior, outcomes: 2, method: 'test' };
    },
  };
}

interface Run {
  readonly routed: Routed;
  readonly asks: readonly Ask[];
  readonly wrong: number;
}

function run(truth: Int32Array, judge: Judge, random: Random, given: { budget?: number; targetError?: number; risk?: number } = {}): Run {
  const items = Array.from(truth, (_, item) => itemId(`i${item}`));
  const loop = routeToPeople({ items, labels, judge, planner: margin, targetError: 0.1, risk: 0.1, random, ...given });
  const asks: Ask[] = [];
  let step = loop.next();
  while (!step.done) {
    asks.push(step.value);
    step = loop.next(Int32Array.from(step.value.items, (item) => truth[item]));
  }
  return { routed: step.value, asks, wrong: truth.reduce((sum, label, item) => sum + Number(step.value.label[item] !== label), 0) };
}

describe('the promise', () => {
  /** 400 runs on pools whose errors stand where the machine is surest, or everywhere, at several rates: each is broken at most at the risk. */
  test.each([
    ['a score that knows nothing', 0.14, (item: number) => 0.9 + 0.0001 * (item % 7)],
    ['a score that knows nothing, more errors', 0.3, (item: number) => 0.8 + 0.0001 * (item % 7)],
    // It moves items of answered neighbours up or down: order and what is asked depend on all that was found.
    [
      'a score that follows the findings',
      0.2,
      (item: number, answered: Int32Array) => 0.9 - 0.3 * Number(answered[(item + 1) % answered.length] === 1) - 0.0003 * (item % 100),
    ],
  ])('%s', (_, rate, scoreOf) => {
    const n = 150;
    const repetitions = 400;
    let broken = 0;
    for (let repetition = 0; repetition < repetitions; repetition++) {
      const random = createRandom(repetition);
      const truth = Int32Array.from({ length: n }, () => Number(random.next() < rate));
      if (run(truth, machine(n, scoreOf), random.fork('run')).wrong > 0.1 * n) broken++;
    }
    expect(clopperPearson(broken, repetitions, 0.998).low).toBeLessThanOrEqual(0.1);
  });

  test('is not kept by asking for everything: good labels are accepted', () => {
    const truth = Int32Array.from({ length: 1000 }, (_, item) => Number(item % 50 === 0));
    const { routed, wrong } = run(
      truth,
      machine(1000, () => 0.97),
      createRandom(1),
    );
    expect(routed.by.filter((by) => by === 2).length).toBeGreaterThan(600);
    expect(wrong).toBeLessThanOrEqual(100);
  });
});

describe('who labels what', () => {
  test('people get what the machine is least sure of, and every item has one label', () => {
    const n = 600;
    const truth = Int32Array.from({ length: n }, (_, item) => Number(item >= 300));
    const { routed, asks } = run(
      truth,
      machine(n, (item) => 1 - item / n),
      createRandom(3),
    );
    expect(routed.by).not.toContain(0);
    const seen = asks.flatMap(({ items }) => Array.from(items));
    expect(new Set(seen).size).toBe(seen.length);
    const accepted = Array.from(routed.by.keys()).filter((item) => routed.by[item] === 2);
    expect(accepted.length).toBeGreaterThan(100);
    expect(Math.max(...accepted)).toBeLessThan(450);
  });

  test('a budget is kept; one that proves nothing accepts nothing', () => {
    const truth = new Int32Array(500);
    const judge = machine(500, () => 0.5);
    const { routed } = run(truth, judge, createRandom(1), { budget: 20 });
    expect(routed.by.filter((by) => by === 1)).toHaveLength(20);
    const none = run(truth, judge, createRandom(1), { budget: 0 });
    expect(none.routed.by.every((by) => by === 0)).toBe(true);
    expect(none.asks).toEqual([]);
  });

  test('same seed and answers, same questions', () => {
    const truth = Int32Array.from({ length: 300 }, (_, item) => Number(item % 9 === 0));
    const judge = machine(300, (item) => 1 - (item % 100) / 200);
    const asked = (): number[][] => run(truth, judge, createRandom(5)).asks.map(({ items }) => Array.from(items));
    expect(asked()).toEqual(asked());
  });

  test('no items, no questions', () => {
    expect(
      run(
        new Int32Array(0),
        machine(0, () => 1),
        createRandom(0),
      ).asks,
    ).toEqual([]);
  });
});
