import { describe, expect, test } from 'vitest';
import type { DenseMatrix } from '../math/matrix.ts';
import { createRandom } from '../math/random.ts';
import { checkOptions } from '../model/about.ts';
import { itemId, labelerId, labelId } from '../model/ids.ts';
import badge from './badge.ts';
import classBalancing from './class-balancing.ts';
import committee from './committee.ts';
import coreSet from './core-set.ts';
import densityWeighted from './density-weighted.ts';
import diversifiedMargin from './diversified-margin.ts';
import entropy from './entropy.ts';
import expectedGradientLength from './expected-gradient-length.ts';
import hybrid from './hybrid.ts';
import leastConfidence from './least-confidence.ts';
import margin from './margin.ts';
import { type AnyPlanner, type Assignment, checkSituation, type Situation } from './planner.ts';
import probCover from './prob-cover.ts';
import typiclust from './typiclust.ts';

const labels = ['a', 'b', 'c'].map(labelId);

function situationOf(posterior: readonly (readonly number[])[], more: Partial<Situation> = {}): Situation {
  const n = posterior.length;
  return checkSituation({
    items: posterior.map((_, i) => itemId(`item ${i}`)),
    labels: labels.slice(0, posterior[0].length),
    posterior: Float64Array.from(posterior.flat()),
    answered: new Int32Array(n).fill(-1),
    open: new Uint8Array(n).fill(1),
    labelers: [{ id: labelerId('anna'), costUsd: 0 }],
    batchSize: 1,
    round: 0,
    ...more,
  });
}

/** Numbers on a line. */
function line(values: readonly number[]): DenseMatrix {
  return { kind: 'dense', rows: values.length, columns: 1, values: Float32Array.from(values) };
}

function plan(planner: AnyPlanner, situation: Situation, options: object = {}): readonly Assignment[] {
  return planner.plan(situation, checkOptions(planner, options), createRandom(1));
}
const ascending = (a: number, b: number): number => a - b;
const items = (assignments: readonly Assignment[]): number[] => assignments.map(({ item }) => item);

describe('uncertainty', () => {
  // Least confident: 2 (0.4). Smallest margin: 1 (0.02). Largest entropy: 0 is sure; 2 is spread.
  const situation = situationOf([
    [0.98, 0.01, 0.01],
    [0.5, 0.48, 0.02],
    [0.4, 0.3, 0.3],
  ]);
  test('each measure by hand', () => {
    expect(plan(leastConfidence, situation)[0]).toMatchObject({ item: 2, utility: 0.6 });
    expect(plan(margin, situation)[0]).toMatchObject({ item: 1, reason: "torn between 'a' 0.50 and 'b' 0.48" });
    expect(plan(margin, situation)[0].utility).toBeCloseTo(0.98);
    const [asked] = plan(entropy, situation);
    expect(asked.item).toBe(2);
    expect(asked.utility).toBeCloseTo(-0.4 * Math.log(0.4) - 0.6 * Math.log(0.3));
  });

  test('the classifier is believed before the votes', () => {
    const probabilities = Float64Array.from([0.5, 0.5, 0, 1, 0, 0, 1, 0, 0]);
    expect(items(plan(margin, { ...situation, probabilities }))).toEqual([0]);
  });

  test('a batch asks one of two copies, the other one when nothing else is left', () => {
    const torn = situationOf([
      [0.5, 0.5],
      [0.5, 0.5],
      [0.6, 0.4],
      [0.9, 0.1],
    ]);
    const features = line([3, 3, 8, 20]);
    expect(new Set(items(plan(margin, { ...torn, features, batchSize: 2 })).map((item) => Math.max(item, 1)))).toEqual(new Set([1, 2]));
    expect(items(plan(margin, { ...torn, features, batchSize: 2 }, { duplicates: 0 })).sort(ascending)).toEqual([0, 1]);
    expect(items(plan(margin, { ...torn, features, batchSize: 4 })).sort(ascending)).toEqual([0, 1, 2, 3]);
  });

  test('an item is asked twice at most, and of somebody else', () => {
    const asked = { item: Int32Array.from([0, 0, 1]), labeler: Int32Array.from([0, 1, 0]) };
    const labelers = ['anna', 'bert', 'cleo'].map((id) => ({ id: labelerId(id), costUsd: 0 }));
    const torn = situationOf([[0.5, 0.5], [0.5, 0.5]], { asked, labelers, batchSize: 5 }); // biome-ignore format: two items
    expect(plan(margin, torn)).toMatchObject([{ item: 1, labeler: 1 }]);
    expect(plan(margin, torn, { maxAsks: 3 })).toHaveLength(2);
  });
});

test('diversified margin: of three heaps of unsure items one each', () => {
  const at = [0, 0.1, 0.2, 10, 10.1, 10.2, 20, 20.1, 20.2, 5, 15];
  const situation = situationOf(
    at.map((_, i) => (i < 9 ? [0.5, 0.5] : [1, 0])),
    { features: line(at), batchSize: 3 },
  );
  expect(
    items(plan(diversifiedMargin, situation, { preselect: 3 }))
      .map((item) => Math.floor(item / 3))
      .sort(ascending),
  ).toEqual([0, 1, 2]);
});

test('TypiClust: the middle of each heap, the largest heap first; a heap with an answer waits', () => {
  const at = [0, 1, 2, 3, 4, 5, 6, 100, 101, 102, 103, 104, 200, 201, 202, 203, 204, 205];
  const situation = situationOf(at.map(() => [0.5, 0.5]), { features: line(at), batchSize: 2 }); // biome-ignore format: short
  const answered = situation.answered.map((label, i) => (i === 0 ? 1 : label));
  const open = situation.open.map((flag, i) => (i === 0 ? 0 : flag));
  const found = items(plan(typiclust, { ...situation, answered, open })).map((item) => at[item]);
  expect(found).toHaveLength(2);
  expect(found[0]).toBeGreaterThan(200);
  expect(found[0]).toBeLessThan(205);
  expect(found[1]).toBeGreaterThan(100);
  expect(found[1]).toBeLessThan(104);
});

test('hybrid: typical items until there are three answers per label, then unsure ones', () => {
  const at = Array.from({ length: 30 }, (_, i) => (i < 15 ? i / 10 : 50 + i / 10));
  const situation = situationOf(
    at.map((_, i) => (i === 29 ? [0.5, 0.5] : [0.9, 0.1])),
    { features: line(at) },
  );
  expect(plan(hybrid, situation)[0].reason).toMatch(/typical/);
  const answered = situation.answered.map((label, i) => (i < 6 ? i % 2 : label));
  expect(items(plan(hybrid, { ...situation, answered }))).toEqual([29]);
  const { features: _, ...blind } = situation;
  expect(items(plan(hybrid, blind))).toEqual([29]);
});

describe('committee', () => {
  const members = [
    [0.9, 0.1, 0.6, 0.4, 0.6, 0.4],
    [0.8, 0.2, 0.4, 0.6, 0.9, 0.1],
  ].map((rows) => Float64Array.from(rows));
  const situation = situationOf([[0.5, 0.5], [0.5, 0.5], [0.5, 0.5]], { committee: () => members }); // biome-ignore format: three items

  test('asks where the votes are split', () => {
    const [{ item, utility, reason }] = plan(committee, situation, { members: 2 });
    expect(item).toBe(1);
    // One vote each: log 2, and a hundredth for the mean, which is undecided too.
    expect(utility).toBeCloseTo(Math.log(2) + 0.01);
    expect(reason).toBe("the committee is split: 1 say 'a', 1 'b'");
  });

  test('divergence: the entropy of the mean less the mean entropy', () => {
    const h = (p: number): number => -p * Math.log(p) - (1 - p) * Math.log(1 - p);
    const [{ item, utility }] = plan(committee, situation, { members: 2, measure: 'kl' });
    expect(item).toBe(2);
    expect(utility).toBeCloseTo(h(0.75) - (h(0.6) + h(0.9)) / 2);
  });

  test('trains itself from what is answered', () => {
    const at = [-3, -2, -1, 1, 2, 3, 0, 5];
    const own = situationOf(at.map(() => [0.5, 0.5]), { features: line(at) }); // biome-ignore format: short
    const answered = Int32Array.from([0, 0, 0, 1, 1, 1, -1, -1]);
    const open = answered.map((label) => Number(label < 0));
    expect(items(plan(committee, { ...own, answered, open: Uint8Array.from(open) }, { measure: 'kl' }))).toEqual([6]);
  });
});

test('expected gradient length: the closed form is what gradients give', () => {
  const p = [0.2, 0.5, 0.3];
  const x = 3;
  let expected = 0;
  p.forEach((weight, c) => {
    const gradient = p.flatMap((value, l) => [(value - Number(l === c)) * x, value - Number(l === c)]);
    expected += weight * Math.hypot(...gradient);
  });
  expect(plan(expectedGradientLength, situationOf([p], { features: line([x]) }))[0].utility).toBeCloseTo(expected, 6);
});

test('core-set: the farthest from what is answered, then the farthest from both', () => {
  const situation = situationOf([0, 1, 5, 10].map(() => [1, 0]), { features: line([0, 1, 5, 10]), batchSize: 2 }); // biome-ignore format: short
  const answered = Int32Array.from([0, -1, -1, -1]);
  const assignments = plan(coreSet, { ...situation, answered, open: Uint8Array.from([0, 1, 1, 1]) });
  expect(items(assignments)).toEqual([3, 2]);
  expect(assignments.map(({ utility }) => utility)).toEqual([10, 5]);
});

test('BADGE: begins with the longest gradient, and never draws its copy', () => {
  const situation = situationOf([[0.5, 0.5], [0.5, 0.5], [0.8, 0.2], [1, 0]], { features: line([2, 2, 1, 9]), batchSize: 2 }); // biome-ignore format: short
  const asked = items(plan(badge, situation));
  // ‖a‖²‖x‖²: 0.5 · 4 = 2 twice, 0.08 · 1, and 0 for the sure one, however long its row is.
  expect([0, 1]).toContain(asked[0]);
  expect(asked[1]).toBe(2);
});

test('ProbCover: the middle of the largest heap', () => {
  const at = [0, 1, 2, 3, 4, 100, 101, 102];
  const situation = situationOf(at.map(() => [0.5, 0.5]), { features: line(at), batchSize: 2 }); // biome-ignore format: short
  const assignments = plan(probCover, situation);
  expect(assignments[0].utility).toBe(5);
  expect(assignments[1].utility).toBe(3);
});

test('density: of two equally uncertain items the one that is like the others', () => {
  const values = Float32Array.from([1, 0, 1, 0.1, 1, -0.1, 0, 1]);
  const features: DenseMatrix = { kind: 'dense', rows: 4, columns: 2, values };
  const situation = situationOf([[0.5, 0.5], [0.9, 0.1], [0.9, 0.1], [0.5, 0.5]], { features }); // biome-ignore format: short
  expect(items(plan(densityWeighted, situation))).toEqual([0]);
});

test('class balancing: the rare label is looked for, and after it the next', () => {
  const posterior = [
    [0.9, 0.05, 0.05],
    [0.2, 0.7, 0.1],
    [0.3, 0.1, 0.6],
    [0.5, 0.3, 0.2],
    [1, 0, 0],
    [0, 1, 0],
  ];
  const answered = Int32Array.from([-1, -1, -1, -1, 0, 1]);
  const situation = { ...situationOf(posterior, { batchSize: 2 }), answered, open: Uint8Array.from([1, 1, 1, 1, 0, 0]) };
  const assignments = plan(classBalancing, situation);
  expect(items(assignments)).toEqual([2, 3]);
  expect(assignments[0].reason).toBe("'c' 0.60, a label with few answers");
});

test('misuse is told', () => {
  expect(() => situationOf([[1, 0]], { open: new Uint8Array(2) })).toThrow('planner: the length of open must be 1, got 2');
  expect(() => situationOf([[1, 0]], { labelers: [{ id: labelerId('anna'), costUsd: Number.NaN }] })).toThrow(/costUsd of anna/);
  expect(() => plan(coreSet, situationOf([[1, 0]]))).toThrow(/core-set: needs features/);
  expect(() => checkOptions(hybrid, { labelsPerClas: 2 })).toThrow(/labelsPerClas/);
});
