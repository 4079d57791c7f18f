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

/** By the error, which is easily worked out by hand, unless the options say otherwise. */
function plan(situation: Situation, options: Partial<ValueOfInformationOptions> = {}): readonly Assignment[] {
  return planner.plan(situation, checkOptions(planner, { risk: 'error', ...options }), createRandom(1));
}

const pairs = (assignments: readonly Assignment[]): [number, number][] => assignments.map(({ item, labeler: j }) => [item, j]);

test('one vote by hand: 0.6 becomes 0.48 + 0.32 = 0.8 right, 0.2 for 10 cents', () => {
  const [{ utility, reason }] = plan(situationOf([0.6], [labeler('anna', 0.8, 0.1)]));
  expect(utility).toBeCloseTo(0.2 / 0.1, 4);
  expect(reason).toBe('anna is expected to lower the risk from 0.400 to 0.200 for $0.1');
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

test('by the quadratic risk a vote counts that cannot change the label, but may be the first of two that do', () => {
  // 0.9 against skill 0.8: no single vote turns it (0.1 · 0.8 < 0.9 · 0.2), so that the error does not fall.
  const situation = situationOf([0.9], [labeler('anna', 0.8, 1)]);
  expect(plan(situation)[0].utility).toBe(0);
  // 1 − 0.81 − 0.01 = 0.18. "yes": 0.72 and 0.02 of 0.74, "no": 0.18 and 0.08 of 0.26.
  const after = 0.74 - (0.72 ** 2 + 0.02 ** 2) / 0.74 + 0.26 - (0.18 ** 2 + 0.08 ** 2) / 0.26;
  expect(plan(situation, { risk: 'quadratic' })[0].utility).toBeCloseTo(0.18 - after);
  const entropy = (p: number): number => -p * Math.log(p) - (1 - p) * Math.log(1 - p);
  const expected = 0.74 * entropy(0.72 / 0.74) + 0.26 * entropy(0.18 / 0.26);
  expect(plan(situation, { risk: 'log' })[0].utility).toBeCloseTo(entropy(0.9) - expected);
});

test('after a vote for "yes" a cheap second one is bought, where the error alone would buy the expert', () => {
  // Quadratic, 0.32 before. Crowd: 0.264 after, 2.8 per dollar. Expert: 0.071 after, 2.5 per dollar.
  const situation = situationOf([0.8], [labeler('expert', 0.96, 0.1), labeler('crowd', 0.75, 0.02)]);
  expect(pairs(plan(situation, { risk: 'quadratic' }))).toEqual([[0, 1]]);
  expect(pairs(plan(situation, { risk: 'error' }))).toEqual([[0, 0]]);
});

test('costs: the budget is kept, and nothing is bought that costs more than the error it is about', () => {
  const labelers = [labeler('anna', 0.9, 1), labeler('llm', 0.7, 0.1)];
  const first = [0.5, 0.55, 0.6, 0.65];
  const bought = plan(situationOf(first, labelers, { batchSize: 8, budgetUsd: 1.25 }));
  expect(bought.reduce((sum, { labeler: j }) => sum + labelers[j].costUsd, 0)).toBeLessThanOrEqual(1.25);
  // Half an error at a dollar is 50 cents: the LLM is worth asking, anna is not.
  expect(pairs(plan(situationOf([0.5], labelers), { errorCostUsd: 1 }))).toEqual([[0, 1]]);
  expect(plan(situationOf([0.5], labelers.slice(0, 1)), { errorCostUsd: 1 })).toEqual([]);
  // By the log, anna tells more per dollar, but costs more than the error there is.
  const dear = [labeler('anna', 0.99, 0.6), labeler('llm', 0.6, 0.4)];
  expect(pairs(plan(situationOf([0.5], dear), { risk: 'log' }))).toEqual([[0, 0]]);
  expect(pairs(plan(situationOf([0.5], dear), { risk: 'log', errorCostUsd: 1 }))).toEqual([[0, 1]]);
  expect(plan(situationOf([0.95], labelers), { errorCostUsd: 1 })).toEqual([]);
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
