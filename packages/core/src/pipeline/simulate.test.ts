import { describe, expect, test } from 'vitest';
import type { Matrix } from '../math/matrix.ts';
import { createRandom } from '../math/random.ts';
import { itemId, labelerId, labelId } from '../model/ids.ts';
import type { VoteTable } from '../model/vote-table.ts';
import hybrid from '../planners/hybrid.ts';
import { type SimulationTask, simulate } from './simulate.ts';

/** Two clouds on a line, gold by cloud, and a model that is wrong where it is unsure. */
function sample(n: number, seed: number, withVotes: boolean): SimulationTask {
  const random = createRandom(seed);
  const gold = Int32Array.from({ length: n }, () => random.integer(2));
  const values = Float32Array.from(gold, (label) => 2 * label - 1 + 0.6 * random.normal());
  const features: Matrix = { kind: 'dense', rows: n, columns: 1, values };
  const confidence = Float64Array.from({ length: n }, () => 0.5 + 0.5 * random.next());
  const votes: VoteTable = {
    items: Array.from(gold, (_, item) => itemId(`i${item}`)),
    labelers: [labelerId('llm')],
    labels: [labelId('no'), labelId('yes')],
    item: Int32Array.from(gold.keys()),
    labeler: new Int32Array(n),
    label: gold.map((label, item) => (random.next() < confidence[item] ? label : 1 - label)),
    confidence,
  };
  return {
    items: votes.items,
    labels: votes.labels,
    gold,
    ...(withVotes ? { votes } : {}),
    features,
    planner: hybrid,
    targetError: 0.05,
    confidence: 0.95,
    random: createRandom(seed),
  };
}

describe('simulate', () => {
  test.each([true, false])('saves most of the work on easy items, within the promise (votes: %s)', (withVotes) => {
    const { report, routed } = simulate(sample(400, 1, withVotes));
    expect(report.peopleVotes + report.accepted).toBe(400);
    expect(report.saved).toBe(report.accepted / 400);
    expect(report.saved).toBeGreaterThan(0.5);
    expect(report.realisedError).toBeLessThanOrEqual(0.05);
    expect(report.certifiedError).toBe(0.05);
    expect(report.curve.at(-1)).toEqual({ peopleVotes: report.peopleVotes, accuracy: 1 - report.realisedError });
    expect(report.curve.every(({ peopleVotes }, at, all) => at === 0 || peopleVotes >= all[at - 1].peopleVotes)).toBe(true);
    const { start, learn, check, rest } = report.asked;
    expect(start + learn + check + rest).toBe(report.peopleVotes);
    expect(routed.by.filter((by) => by === 2).length).toBe(report.accepted);
  });

  test('same seed, same report', () => {
    expect(simulate(sample(300, 4, true)).report).toEqual(simulate(sample(300, 4, true)).report);
  });

  test('a budget too small for a certificate says so', () => {
    const { report } = simulate({ ...sample(300, 2, true), budget: 5 });
    expect(report).toMatchObject({ peopleVotes: 5, accepted: 0, undecided: 295, realisedError: 0 });
    expect(report.notes[0]).toMatch(/budget of 5 is too small/);
  });

  test('a budget: the promise is about the labels that are final', () => {
    const { report } = simulate({ ...sample(2000, 2, true), budget: 300 });
    expect(report.peopleVotes).toBe(300);
    expect(report.accepted).toBeGreaterThan(0);
    expect(report.undecided).toBe(2000 - 300 - report.accepted);
    expect(report.certifiedError).toBe(report.certificate.allowed / (300 + report.accepted));
  });

  test('neither votes nor features', () => {
    const { features: _features, ...bare } = sample(50, 1, false);
    expect(() => simulate(bare)).toThrow('neither votes nor features');
  });

  test.each([0, 1, 3])('%i items', (n) => {
    const { report } = simulate(sample(n, 1, true));
    expect(report.items).toBe(n);
    expect(report.realisedError).toBe(0);
    expect(JSON.stringify(report)).not.toContain('NaN');
  });
});
