import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Matrix } from '../math/matrix.ts';
import { createRandom } from '../math/random.ts';
import { pickRows } from '../math/sparse.ts';
import { checkOptions } from '../model/about.ts';
import { itemId, labelerId, labelId } from '../model/ids.ts';
import { planners } from './index.ts';
import { type AnyPlanner, type Assignment, checkSituation, type Situation } from './planner.ts';

/** k×k: right with probability `skill`, else any other label. */
function confusionOf(k: number, skill: number): Float64Array {
  return Float64Array.from({ length: k * k }, (_, at) => (k === 1 ? 1 : at % (k + 1) === 0 ? skill : (1 - skill) / (k - 1)));
}

interface Shape {
  readonly n: number;
  readonly k: number;
  readonly columns: number;
  readonly batchSize: number;
  readonly answeredShare: number;
  readonly openShare: number;
  readonly seed: number;
  /** All rows of the features and of the posterior are the same. */
  readonly equal?: boolean;
  readonly budgetUsd?: number;
}

function situationOf({ n, k, columns, batchSize, answeredShare, openShare, seed, equal, budgetUsd }: Shape): Situation {
  const random = createRandom(seed);
  const posterior = new Float64Array(n * k);
  const answered = new Int32Array(n).fill(-1);
  const open = new Uint8Array(n);
  const asked: [number, number][] = [];
  for (let i = 0; i < n; i++) {
    const mass = Array.from({ length: k }, () => (equal ? 1 : random.next() ** 3 + 1e-6));
    const total = mass.reduce((sum, value) => sum + value, 0);
    mass.forEach((value, c) => {
      posterior[i * k + c] = value / total;
    });
    if (random.next() < answeredShare) {
      answered[i] = random.integer(k);
      asked.push([i, random.integer(3)]);
    }
    open[i] = Number(random.next() < openShare);
  }
  const values = new Float32Array(n * columns);
  for (let at = 0; at < values.length; at++) values[at] = equal ? 1 : random.normal();
  return checkSituation({
    items: Array.from({ length: n }, (_, i) => itemId(`item ${i}`)),
    labels: Array.from({ length: k }, (_, c) => labelId(`label ${c}`)),
    posterior,
    features: { kind: 'dense', rows: n, columns, values },
    answered,
    open,
    labelers: [0.95, 0.8, 0.6].map((skill, j) => ({
      id: labelerId(`labeler ${j}`),
      costUsd: [0.1, 0.01, 0][j],
      confusion: confusionOf(k, skill),
    })),
    asked: { item: Int32Array.from(asked, ([item]) => item), labeler: Int32Array.from(asked, ([, labeler]) => labeler) },
    batchSize,
    round: 1,
    ...(budgetUsd !== undefined && { budgetUsd }),
  });
}

const usual: Shape = { n: 80, k: 3, columns: 4, batchSize: 6, answeredShare: 0.2, openShare: 0.7, seed: 1 };

function plan(planner: AnyPlanner, situation: Situation, seed = 1): readonly Assignment[] {
  return planner.plan(situation, checkOptions(planner, {}), createRandom(seed));
}

/** What is wrong with a plan: nothing, it is hoped. */
function faultsOf(assignments: readonly Assignment[], situation: Situation): string[] {
  const { items, labelers, open, asked, batchSize, budgetUsd = Number.POSITIVE_INFINITY } = situation;
  const faults: string[] = [];
  const seen = new Set<string>();
  if (asked) asked.item.forEach((item, at) => seen.add(`${item} ${asked.labeler[at]}`));
  let costUsd = 0;
  assignments.forEach(({ item, labeler, utility, reason }, at) => {
    if (!(item >= 0 && item < items.length && Number.isInteger(item))) faults.push(`no such item: ${item}`);
    if (!labelers[labeler]) faults.push(`no such labeler: ${labeler}`);
    if (open[item] !== 1) faults.push(`item ${item} is closed`);
    if (seen.has(`${item} ${labeler}`)) faults.push(`labeler ${labeler} was asked about item ${item} already`);
    seen.add(`${item} ${labeler}`);
    if (!Number.isFinite(utility)) faults.push(`utility ${utility}`);
    if (at > 0 && utility > assignments[at - 1].utility) faults.push('not best first');
    if (reason === '' || reason.includes('NaN') || reason.includes('undefined')) faults.push(`reason '${reason}'`);
    costUsd += labelers[labeler].costUsd;
  });
  if (assignments.length > batchSize) faults.push(`${assignments.length} assignments, ${batchSize} wanted`);
  if (costUsd > budgetUsd + 1e-9) faults.push(`costs ${costUsd}`);
  return faults;
}

function permuted(situation: Situation, order: readonly number[]): Situation {
  const { items, labels, posterior, features, answered, open, asked } = situation;
  const k = labels.length;
  const placeOf = new Int32Array(order.length);
  order.forEach((old, place) => {
    placeOf[old] = place;
  });
  return checkSituation({
    ...situation,
    items: order.map((old) => items[old]),
    posterior: Float64Array.from(order.flatMap((old) => [...posterior.subarray(old * k, (old + 1) * k)])),
    ...(features && { features: pickRows(features, order) }),
    answered: Int32Array.from(order, (old) => answered[old]),
    open: Uint8Array.from(order, (old) => open[old]),
    ...(asked && { asked: { item: asked.item.map((old) => placeOf[old]), labeler: asked.labeler } }),
  });
}

const named = (situation: Situation, assignments: readonly Assignment[]): string[] =>
  assignments.map(({ item, labeler }) => `${situation.items[item]} ${situation.labelers[labeler].id}`);

const shapes = fc.record({
  n: fc.integer({ min: 1, max: 40 }),
  k: fc.integer({ min: 1, max: 4 }),
  columns: fc.integer({ min: 1, max: 3 }),
  batchSize: fc.integer({ min: 0, max: 12 }),
  answeredShare: fc.constantFrom(0, 0.3, 0.9),
  openShare: fc.constantFrom(0, 0.5, 1),
  seed: fc.integer(),
  equal: fc.boolean(),
});

/** The queue goes by the order of the items: that is what it is for. */
const hangOnTheOrder = new Set(['oldest']);

describe.each(planners.map((planner) => [planner.name, planner] as const))('%s', (_name, planner) => {
  test('any situation gives a sound plan, the same each time, and is left alone', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const situation = situationOf(shape);
        const before = JSON.stringify(situation);
        const assignments = plan(planner, situation, shape.seed);
        expect(faultsOf(assignments, situation)).toEqual([]);
        expect(plan(planner, situation, shape.seed)).toEqual(assignments);
        expect(JSON.stringify(situation)).toBe(before);
      }),
      { numRuns: 60 },
    );
  });

  test('asks a whole batch where it can, and all that is open where that is less', () => {
    expect(plan(planner, situationOf(usual))).toHaveLength(6);
    const few = {
      ...situationOf({ ...usual, n: 4, answeredShare: 0, openShare: 1, batchSize: 30 }),
      labelers: situationOf(usual).labelers.slice(0, 1),
    };
    expect(new Set(plan(planner, few).map(({ item }) => item))).toEqual(new Set([0, 1, 2, 3]));
  });

  test('nothing open, nobody to ask, no items: nothing', () => {
    expect(plan(planner, situationOf({ ...usual, openShare: 0 }))).toEqual([]);
    expect(plan(planner, { ...situationOf({ ...usual, answeredShare: 0 }), labelers: [] })).toEqual([]);
    expect(plan(planner, situationOf({ ...usual, n: 0 }))).toEqual([]);
  });

  test('everybody has answered everything: nothing', () => {
    const situation = situationOf({ ...usual, n: 5, openShare: 1 });
    const item = Int32Array.from({ length: 15 }, (_, at) => at % 5);
    const labeler = Int32Array.from({ length: 15 }, (_, at) => Math.floor(at / 5));
    expect(plan(planner, { ...situation, asked: { item, labeler } })).toEqual([]);
  });

  test('all features equal, and one label', () => {
    const equal = situationOf({ ...usual, equal: true });
    expect(faultsOf(plan(planner, equal), equal)).toEqual([]);
    expect(plan(planner, equal)).toHaveLength(6);
    const one = situationOf({ ...usual, k: 1 });
    expect(faultsOf(plan(planner, one), one)).toEqual([]);
  });

  test('keeps to the budget', () => {
    const situation = situationOf({ ...usual, answeredShare: 0, openShare: 1, budgetUsd: 0.35 });
    const assignments = plan(planner, situation);
    expect(faultsOf(assignments, situation)).toEqual([]);
    expect(assignments.length).toBeGreaterThanOrEqual(3);
  });

  test.skipIf(hangOnTheOrder.has(planner.name))('permuting the items changes their numbers only', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), fc.boolean(), (seed, equal) => {
        const situation = situationOf({ ...usual, seed, equal });
        const order = createRandom(seed + 1).shuffle(situation.items.map((_, i) => i));
        const other = permuted(situation, order);
        expect(named(other, plan(planner, other, seed)).sort()).toEqual(named(situation, plan(planner, situation, seed)).sort());
      }),
      { numRuns: 10 },
    );
  });

  test.skipIf(planner.needs.includes('features'))('plans without features', () => {
    const { features: _, ...rest } = situationOf(usual);
    expect(faultsOf(plan(planner, rest), rest)).toEqual([]);
    expect(plan(planner, rest)).toHaveLength(6);
  });

  test.runIf(planner.needs.includes('features'))('says that it needs features', () => {
    const { features: _, ...rest } = situationOf(usual);
    expect(() => plan(planner, rest)).toThrow(expect.objectContaining({ code: 'missing-features' }));
  });

  test('sparse features are as good as dense ones', () => {
    const situation = situationOf(usual);
    const { rows, columns, values } = situation.features as Extract<Matrix, { kind: 'dense' }>;
    const offsets = Int32Array.from({ length: rows + 1 }, (_, row) => row * columns);
    const indices = Int32Array.from({ length: rows * columns }, (_, at) => at % columns);
    const sparse: Situation = { ...situation, features: { kind: 'sparse', rows, columns, offsets, indices, values } };
    expect(named(sparse, plan(planner, sparse))).toEqual(named(situation, plan(planner, situation)));
  });
});
