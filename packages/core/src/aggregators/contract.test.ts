import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DenseMatrix } from '../math/matrix.ts';
import { createRandom } from '../math/random.ts';
import { checkOptions } from '../model/about.ts';
import type { Estimate } from '../model/estimate.ts';
import { itemId, labelerId, labelId } from '../model/ids.ts';
import type { Silence } from '../model/vote.ts';
import { checkVoteTable, type Gold, type VoteTable } from '../model/vote-table.ts';
import type { AggregationContext, AnyAggregator } from './aggregator.ts';
import { aggregators } from './index.ts';

type Row = readonly [item: number, labeler: number, label: number];

function tableOf(n: number, m: number, k: number, rows: readonly Row[], silence?: readonly Silence[]): VoteTable {
  return checkVoteTable({
    items: Array.from({ length: n }, (_, i) => itemId(`item ${i}`)),
    labelers: Array.from({ length: m }, (_, j) => labelerId(`labeler ${j}`)),
    labels: Array.from({ length: k }, (_, c) => labelId(`label ${c}`)),
    item: Int32Array.from(rows, (row) => row[0]),
    labeler: Int32Array.from(rows, (row) => row[1]),
    label: Int32Array.from(rows, (row) => row[2]),
    ...(silence ? { silence } : {}),
  });
}

function run(aggregator: AnyAggregator, votes: VoteTable, context: Partial<AggregationContext> = {}): Estimate {
  return aggregator.aggregate(votes, checkOptions(aggregator, {}), { random: createRandom(1), ...context });
}

/** What is wrong with an estimate: nothing, it is hoped. */
function faultsOf(estimate: Estimate, votes: VoteTable): string[] {
  const k = votes.labels.length;
  const faults: string[] = [];
  const check = (name: string, matrix: Float64Array, rows: number): void => {
    if (matrix.length !== rows * k) faults.push(`${name} has ${matrix.length} numbers`);
    for (let first = 0; first < matrix.length; first += k) {
      const row = matrix.subarray(first, first + k);
      const sum = row.reduce((total, value) => total + value, 0);
      if (!(Math.abs(sum - 1) < 1e-9) || row.some((value) => !(value >= 0))) faults.push(`${name}: ${row.join(' ')}`);
    }
  };
  check('posterior', estimate.posterior, votes.items.length);
  check('shares', estimate.shares, 1);
  for (const [labeler, confusion] of estimate.confusion) check(labeler, confusion, k);
  if (estimate.items !== votes.items || estimate.labels !== votes.labels) faults.push('other items or labels');
  if ([...estimate.confusion.keys()].join() !== votes.labelers.join()) faults.push('other labelers');
  return faults;
}

function distance(one: Float64Array, other: Float64Array): number {
  if (one.length !== other.length) return Number.POSITIVE_INFINITY;
  return one.reduce((most, value, at) => Math.max(most, Math.abs(value - other[at])), 0);
}

const top = ({ posterior, labels: { length: k } }: Estimate, i: number): number => {
  const row = [...posterior.subarray(i * k, i * k + k)];
  return row.indexOf(Math.max(...row));
};

const shapes = fc.tuple(fc.integer({ min: 1, max: 25 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 4 }));
const tables = shapes.chain(([n, m, k]) =>
  fc
    .tuple(
      fc.uniqueArray(fc.tuple(fc.nat(n - 1), fc.nat(m - 1), fc.nat(k - 1)), { selector: ([i, j]) => i * m + j, maxLength: 70 }),
      fc.array(fc.constantFrom<Silence>('abstained', 'unasked'), { minLength: m, maxLength: m }),
    )
    .map(([rows, silence]) => ({ n, m, k, rows: rows as Row[], silence })),
);

/** Ten labelers of known skill on 300 items, three labels; `silence` as given. */
function simulated(silence: Silence, seed = 3): { votes: VoteTable; truth: number[] } {
  const random = createRandom(seed);
  const rows: Row[] = [];
  const truth: number[] = [];
  for (let i = 0; i < 300; i++) {
    truth.push(random.integer(3));
    for (let j = 0; j < 10; j++) {
      if (random.next() < 0.4) continue;
      rows.push([i, j, random.next() < 0.5 + 0.04 * j ? truth[i] : random.integer(3)]);
    }
  }
  return {
    votes: tableOf(
      300,
      10,
      3,
      rows,
      Array.from({ length: 10 }, () => silence),
    ),
    truth,
  };
}

describe.each(aggregators.map((aggregator) => [aggregator.name, aggregator] as const))('%s', (_name, aggregator) => {
  test('any table gives a sound estimate, the same each time, and leaves the votes alone', () => {
    fc.assert(
      fc.property(tables, ({ n, m, k, rows, silence }) => {
        const votes = tableOf(n, m, k, rows, silence);
        const before = [...votes.item, ...votes.labeler, ...votes.label];
        const estimate = run(aggregator, votes);
        expect(faultsOf(estimate, votes)).toEqual([]);
        expect([...votes.item, ...votes.labeler, ...votes.label]).toEqual(before);
        expect([...run(aggregator, votes).posterior]).toEqual([...estimate.posterior]);
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    ['no items', tableOf(0, 2, 2, [])],
    ['no items, no labelers', tableOf(0, 0, 2, [])],
    ['no votes', tableOf(3, 2, 2, [])],
    ['no votes of rules', tableOf(3, 2, 2, [], ['abstained', 'abstained'])],
    ['one label', tableOf(3, 2, 1, [[0, 0, 0]])],
    ['one label, of rules', tableOf(3, 2, 1, [[0, 0, 0]], ['abstained', 'abstained'])],
    [
      'one labeler',
      tableOf(3, 1, 3, [
        [0, 0, 2],
        [1, 0, 1],
      ]),
    ],
  ])('%s', (_what, votes) => {
    const estimate = run(aggregator, votes);
    expect(faultsOf(estimate, votes)).toEqual([]);
    const k = votes.labels.length;
    const untouched = votes.items.flatMap((_, i) => (votes.item.includes(i) ? [] : [i]));
    for (const i of untouched) expect(distance(estimate.posterior.subarray(i * k, i * k + k), estimate.shares)).toBeLessThan(1e-9);
  });

  test.each(['unasked', 'abstained'] as const)('unanimous (%s): everybody is believed', (silence) => {
    const rows = Array.from({ length: 60 }, (_, r): Row => [r % 20, Math.floor(r / 20), (r % 20) % 2]);
    const estimate = run(aggregator, tableOf(20, 3, 2, rows, [silence, silence, silence]));
    for (let i = 0; i < 20; i++) {
      expect(top(estimate, i)).toBe(i % 2);
      expect(estimate.posterior[i * 2 + (i % 2)]).toBeGreaterThan(0.6);
    }
  });

  test.each(['unasked', 'abstained'] as const)('two labelers that always contradict (%s): nobody is right', (silence) => {
    const rows = Array.from({ length: 40 }, (_, r): Row => [r % 20, Math.floor(r / 20), ((r % 20) + Math.floor(r / 20)) % 2]);
    const votes = tableOf(20, 2, 2, rows, [silence, silence]);
    const estimate = run(aggregator, votes);
    expect(faultsOf(estimate, votes)).toEqual([]);
    for (let i = 0; i < 20; i++) expect(estimate.posterior[i * 2]).toBeCloseTo(0.5, 6);
  });

  test('a labeler that never votes changes nothing', () => {
    const { votes } = simulated('unasked');
    const more = { ...votes, labelers: [...votes.labelers, labelerId('silent')], silence: [...(votes.silence ?? []), 'unasked' as const] };
    const estimate = run(aggregator, more);
    expect(faultsOf(estimate, more)).toEqual([]);
    expect(distance(estimate.posterior, run(aggregator, votes).posterior)).toBeLessThan(1e-9);
  });

  test.each(['unasked', 'abstained'] as const)('finds the truth where it can be found (%s)', (silence) => {
    const { votes, truth } = simulated(silence);
    const estimate = run(aggregator, votes);
    expect(truth.filter((label, i) => top(estimate, i) === label).length).toBeGreaterThan(0.9 * 300);
  });

  test.each(['unasked', 'abstained'] as const)('permuting items, labelers and labels permutes the output (%s)', (silence) => {
    const { votes } = simulated(silence);
    const estimate = run(aggregator, votes);
    const shuffled = (length: number, seed: number): number[] => createRandom(seed).shuffle(Array.from({ length }, (_, at) => at));
    const items = shuffled(300, 1);
    const labelers = shuffled(10, 2);
    const labels = [2, 0, 1];
    const order = shuffled(votes.item.length, 4);
    const permuted: VoteTable = {
      ...votes,
      items: items.map((_, at) => votes.items[items.indexOf(at)]),
      labelers: labelers.map((_, at) => votes.labelers[labelers.indexOf(at)]),
      labels: labels.map((_, at) => votes.labels[labels.indexOf(at)]),
      item: Int32Array.from(order, (r) => items[votes.item[r]]),
      labeler: Int32Array.from(order, (r) => labelers[votes.labeler[r]]),
      label: Int32Array.from(order, (r) => labels[votes.label[r]]),
    };
    const other = run(aggregator, permuted);
    const back = new Float64Array(900);
    for (let i = 0; i < 300; i++) for (let y = 0; y < 3; y++) back[i * 3 + y] = other.posterior[items[i] * 3 + labels[y]];
    expect(distance(back, estimate.posterior)).toBeLessThan(1e-6);
    for (const labeler of votes.labelers) {
      const confusion = other.confusion.get(labeler) ?? new Float64Array(0);
      const wanted = estimate.confusion.get(labeler) ?? new Float64Array(0);
      for (let y = 0; y < 3; y++)
        for (let l = 0; l < 3; l++) expect(confusion[labels[y] * 3 + labels[l]]).toBeCloseTo(wanted[y * 3 + l], 6);
    }
  });

  test.each(['unasked', 'abstained'] as const)('gold items get their label, all of them or some (%s)', (silence) => {
    const { votes, truth } = simulated(silence);
    for (const size of [300, 100, 30, 3]) {
      const gold: Gold = { item: Int32Array.from({ length: size }, (_, i) => i), label: Int32Array.from(truth.slice(0, size)) };
      const estimate = run(aggregator, votes, { gold });
      expect(faultsOf(estimate, votes)).toEqual([]);
      for (let i = 0; i < size; i++) expect(estimate.posterior[i * 3 + truth[i]]).toBe(1);
      expect(truth.filter((label, i) => top(estimate, i) === label).length).toBeGreaterThan(0.9 * 300);
    }
  });

  test('gold on items that nobody voted on, and of one label only', () => {
    const votes = tableOf(30, 2, 3, [], ['abstained', 'unasked']);
    const gold: Gold = { item: Int32Array.from({ length: 25 }, (_, i) => i), label: new Int32Array(25).fill(1) };
    expect(faultsOf(run(aggregator, votes, { gold }), votes)).toEqual([]);
  });

  test('shares that the user knows are held', () => {
    const { votes } = simulated('unasked');
    const shares = Float64Array.of(0.7, 0.2, 0.1);
    expect([...run(aggregator, votes, { shares }).shares]).toEqual([...shares]);
  });

  test('a share of nothing is possible', () => {
    const { votes } = simulated('abstained');
    for (const gold of [undefined, { item: Int32Array.of(0), label: Int32Array.of(2) }]) {
      expect(faultsOf(run(aggregator, votes, { shares: Float64Array.of(0.6, 0.4, 0), ...(gold ? { gold } : {}) }), votes)).toEqual([]);
    }
  });

  test('features are taken or left', () => {
    const { votes, truth } = simulated('unasked');
    const features: DenseMatrix = {
      kind: 'dense',
      rows: 300,
      columns: 2,
      values: Float32Array.from(truth.flatMap((label) => [label, label === 1 ? 1 : 0])),
    };
    const gold: Gold = { item: Int32Array.from({ length: 60 }, (_, i) => i), label: Int32Array.from(truth.slice(0, 60)) };
    expect(faultsOf(run(aggregator, votes, { features }), votes)).toEqual([]);
    expect(faultsOf(run(aggregator, votes, { features, gold }), votes)).toEqual([]);
  });

  test('options: typos and wrong values are told', () => {
    expect(() => checkOptions(aggregator, { nosuchoption: 1 })).toThrow('nosuchoption');
    expect(checkOptions(aggregator, undefined)).toEqual(checkOptions(aggregator, {}));
  });
});

// Plain counting and the textbook models count every labeler; those that look for copies count a copy once.
describe.each(['auto', 'labeling-functions'])('%s', (name) => {
  const aggregator = aggregators.find((one) => one.name === name) as AnyAggregator;
  test.each(['unasked', 'abstained'] as const)('a labeler said twice does not count twice (%s)', (silence) => {
    for (const copied of [0, 5, 9]) {
      const { votes } = simulated(silence);
      const rows = Array.from(votes.item, (item, r): Row => [item, votes.labeler[r], votes.label[r]]);
      const twice = rows.flatMap(([item, labeler, label]): Row[] =>
        labeler === copied
          ? [
              [item, labeler, label],
              [item, 10, label],
            ]
          : [[item, labeler, label]],
      );
      const more = tableOf(
        300,
        11,
        3,
        twice,
        Array.from({ length: 11 }, () => silence),
      );
      const estimate = run(aggregator, more);
      expect(distance(estimate.posterior, run(aggregator, votes).posterior)).toBeLessThan(1e-5);
      expect(estimate.warnings.join()).toContain(`'labeler 10' is a copy of 'labeler ${copied}'`);
    }
  });
});
