import { expect, test } from 'vitest';
import { createRandom } from '../math/random.ts';
import { checkOptions } from '../model/about.ts';
import { itemId, labelerId, labelId } from '../model/ids.ts';
import { type AskableLabeler, type Assignment, checkSituation, type Situation } from './planner.ts';
import planner, { type ValueOfInformationOptions } from './value-of-information.ts';

/** Two labels; right with probability `skill` whatever the truth. */
function labeler(id: string, skill: number, costUsd: number): AskableLabeler {
  return { id: labelerId(id), costUsd, confusion: Float64Array.from([skill, 1 - skill, 1 - skill, skill]) };
}

function situationOf(first: readonly number[], labelers: readonly AskableLabeler[], more: Partial<Situation> = {}): Situation {
  return checkSituation({
    items: first.map((_, i) => itemId(`item ${i}`)),
    labels: [labelId('yes'), labelId('no')],
    posterior: Float64Array.from(first.flatMap((p) => [p, 1 - p])),
    answered: new Int32Array(first.length).fill(-1),
    open: new Uint8Array(first.length).fill(1),
    labelers,
    batchSize: 1,
    round: 0,
    ...more,
  });
}

function plan(situation: Situation, options: Partial<ValueOfInformationOptions> = {}): readonly Assignment[] {
  return planner.plan(situation, checkOptions(planner, options), createRandom(1));
}

const pairs = (assignments: readonly Assignment[]): [number, number][] => assignments.map(({ item, labeler: j }) => [item, j]);

test('one vote by hand: 0.6 becomes 0.48 + 0.32 = 0.8 right, 0.2 for 10 cents', () => {
  const [{ utility, reason }] = plan(situationOf([0.6], [labeler('anna', 0.8, 0.1)]));
  expect(utility).toBeCloseTo(0.2 / 0.1, 4);
  expect(reason).toBe('anna is expected to save 20.00 points of error for $0.1');
});

test('the drop per dollar decides: who is twice as good for ten times the price is not asked', () => {
  // 0.5: a labeler of skill s brings s − 0.5. 0.25 for a cent, 0.45 for ten.
  expect(pairs(plan(situationOf([0.5], [labeler('expert', 0.95, 0.1), labeler('llm', 0.75, 0.01)])))).toEqual([[0, 1]]);
  expect(pairs(plan(situationOf([0.5], [labeler('expert', 0.95, 0.1), labeler('llm', 0.75, 0.09)])))).toEqual([[0, 0]]);
});

test('the same labeler is never asked twice about an item; the second one counts for what it adds', () => {
  const labelers = [labeler('anna', 0.8, 1), labeler('bert', 0.8, 1)];
  // On item 0 one vote brings 0.3 (0.5 → 0.8), a second as good brings nothing on average: two of equal skill that differ leave 0.5.
  // On item 1 the first brings 0.2 (0.6 → 0.8): more than the second of item 0.
  const plan2 = plan(situationOf([0.5, 0.6], labelers, { batchSize: 2 }));
  expect(plan2.map(({ item }) => item)).toEqual([0, 1]);
  const all = plan(situationOf([0.5, 0.6], labelers, { batchSize: 10 }));
  expect(pairs(all).map(String).sort()).toEqual(['0,0', '0,1', '1,0', '1,1']);
  for (let at = 1; at < all.length; at++) expect(all[at].utility).toBeLessThanOrEqual(all[at - 1].utility);
});

test('where one vote cannot change the label, two together may', () => {
  // 0.9 against skill 0.8: no single vote turns it (0.1 · 0.8 < 0.9 · 0.2). Two "no" do: 0.1 · 0.64 − 0.9 · 0.04 = 0.028, for two dollars.
  const labelers = [labeler('anna', 0.8, 1), labeler('bert', 0.8, 1)];
  const [{ utility, reason }] = plan(situationOf([0.9], labelers));
  expect(utility).toBeCloseTo(0.028 / 2, 6);
  expect(reason).toMatch(/and another are expected to save 2.80 points/);
  // Nobody to second it: what is left is information.
  expect(plan(situationOf([0.9], labelers.slice(0, 1)))[0].reason).toMatch(/no vote is expected to change the label/);
});

test('costs: the budget is kept, and votes that save less than they cost are not bought', () => {
  const labelers = [labeler('anna', 0.9, 1), labeler('llm', 0.7, 0.1)];
  const first = [0.5, 0.55, 0.6, 0.65];
  const bought = plan(situationOf(first, labelers, { batchSize: 8, budgetUsd: 1.25 }));
  expect(bought.reduce((sum, { labeler: j }) => sum + labelers[j].costUsd, 0)).toBeLessThanOrEqual(1.25);
  // 0.5 → 0.9 saves 0.4 errors: 80 cents at 2 dollars each, less than anna's dollar; the LLM's 0.2 are 40 cents for ten.
  expect(pairs(plan(situationOf([0.5], labelers, { batchSize: 1 }), { errorCostUsd: 2 }))).toEqual([[0, 1]]);
  expect(plan(situationOf([0.5], labelers.slice(0, 1)), { errorCostUsd: 2 })).toEqual([]);
  expect(plan(situationOf([0.999], labelers), { errorCostUsd: 2 })).toEqual([]);
});

test('a labeler that knows one label well is asked where that label is in doubt', () => {
  // Says "yes" to every yes and to half of the no: useless where no is nearly sure, good where yes is.
  const generous: AskableLabeler = { id: labelerId('generous'), costUsd: 1, confusion: Float64Array.from([1, 0, 0.5, 0.5]) };
  const even = labeler('even', 0.7, 1);
  // P(yes) = 0.6: generous 0.6 + 0.4 · 0.5 = 0.8; even 0.42 + 0.28 = 0.7.
  expect(pairs(plan(situationOf([0.6], [even, generous])))).toEqual([[0, 1]]);
});

test('the first vote is the best of all pairs, found by trying them', () => {
  const random = createRandom(8);
  let tried = 0;
  for (let trial = 0; trial < 50; trial++) {
    const k = 2 + random.integer(3);
    const rows = (count: number): Float64Array =>
      Float64Array.from(
        Array.from({ length: count }, () => {
          const mass = Array.from({ length: k }, () => random.next() ** 2);
          const total = mass.reduce((sum, value) => sum + value, 0);
          return mass.map((value) => value / total);
        }).flat(),
      );
    const labelers = [1, 2, 3].map((j) => ({ id: labelerId(`labeler ${j}`), costUsd: random.next(), confusion: rows(k) }));
    const n = 6;
    const posterior = rows(n);
    const situation = {
      ...situationOf(new Array<number>(n).fill(0.5), []),
      labels: Array.from({ length: k }, (_, c) => labelId(`label ${c}`)),
      posterior,
      labelers,
    };
    let best = 0;
    for (let i = 0; i < n; i++) {
      const p = [...posterior.subarray(i * k, (i + 1) * k)];
      for (const { costUsd, confusion } of labelers) {
        const right = p
          .map((_, l) => Math.max(...p.map((value, y) => value * confusion[y * k + l])))
          .reduce((sum, value) => sum + value, 0);
        best = Math.max(best, (right - Math.max(...p)) / costUsd);
      }
    }
    // Labelers drawn at random are often of no use at all.
    if (best < 1e-6) continue;
    tried += 1;
    expect(plan(checkSituation(situation))[0].utility).toBeCloseTo(best, 6);
  }
  expect(tried).toBeGreaterThan(20);
});
