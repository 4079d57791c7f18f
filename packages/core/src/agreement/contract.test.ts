import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../math/random.ts';
import { checkOptions } from '../model/about.ts';
import { itemId, labelerId, labelId } from '../model/ids.ts';
import type { VoteTable } from '../model/vote-table.ts';
import type { Agreement, AgreementMeasure } from './agreement-measure.ts';
import { pairTables, restTable } from './cross-tables.ts';
import { agreement as measures } from './index.ts';
import { ratingsOf } from './ratings.ts';

const n = 12;
const m = 4;
const k = 3;
/** A grid of n items × m labelers; 0 = no vote. */
const grids = fc.array(fc.array(fc.nat(k), { minLength: m, maxLength: m }), { minLength: n, maxLength: n });

function votesOf(grid: readonly (readonly number[])[], items = identity(n), labelers = identity(m), labels = identity(k)): VoteTable {
  const cells = grid.flatMap((row, item) => row.flatMap((said, labeler) => (said === 0 ? [] : [{ item, labeler, label: said - 1 }])));
  return {
    items: items.map((at) => itemId(`item ${at}`)),
    labelers: labelers.map((at) => labelerId(`labeler ${at}`)),
    labels: labels.map((at) => labelId(`label ${at}`)),
    item: Int32Array.from(cells, (cell) => items.indexOf(cell.item)),
    labeler: Int32Array.from(cells, (cell) => labelers.indexOf(cell.labeler)),
    label: Int32Array.from(cells, (cell) => labels.indexOf(cell.label)),
  };
}

function identity(length: number): number[] {
  return Array.from({ length }, (_, at) => at);
}

function shuffled(length: number, seed: number): number[] {
  return createRandom(seed).shuffle(identity(length));
}

function measured(measure: AgreementMeasure, votes: VoteTable, given = {}): Agreement {
  return measure.measure(ratingsOf(votes), checkOptions(measure, { minOverlaps: 2, replicates: 200, ...given }), createRandom(3));
}

/** Equal but for the interval, whose draws follow the order of the rows. */
function agree(one: Agreement, other: Agreement): boolean {
  if (one.kind !== 'measured' || other.kind !== 'measured') return JSON.stringify(one) === JSON.stringify(other);
  return Math.abs(one.value - other.value) < 1e-9 && one.overlaps === other.overlaps;
}

function isSound(agreement: Agreement): boolean {
  if (agreement.kind !== 'measured') return true;
  const { value, low, high } = agreement;
  return Number.isFinite(low) && Number.isFinite(value) && low <= high && high <= 1 + 1e-12 && value <= 1 + 1e-12;
}

it('there are the five', () => {
  expect(measures.map((measure) => measure.name)).toEqual(['cohen-kappa', 'fleiss-kappa', 'gwet-ac1', 'krippendorff-alpha', 'percent']);
});

describe.each(measures.map((measure) => [measure.name, measure] as const))('%s', (_, measure) => {
  it('permuting items, labelers or labels changes nothing', () => {
    fc.assert(
      fc.property(grids, fc.nat(), (grid, seed) => {
        const permuted = votesOf(grid, shuffled(n, seed), shuffled(m, seed + 1), shuffled(k, seed + 2));
        expect(agree(measured(measure, permuted), measured(measure, votesOf(grid)))).toBe(true);
      }),
    );
  });

  it('never NaN, never above 1, low ≤ high; for pairs and against the rest as well', () => {
    fc.assert(
      fc.property(grids, (grid) => {
        const ratings = ratingsOf(votesOf(grid));
        const options = checkOptions(measure, { minOverlaps: 2, replicates: 200 });
        expect(isSound(measured(measure, votesOf(grid)))).toBe(true);
        expect(isSound(measure.compare(pairTables(ratings, [1])[0], ratings, options, createRandom(2)))).toBe(true);
        expect(isSound(measure.compare(restTable(ratings, 2), ratings, options, createRandom(2)))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('perfect agreement on two labels is 1', () => {
    const grid = Array.from({ length: n }, (_, item) => Array<number>(m).fill(1 + (item % 2)));
    expect(measured(measure, votesOf(grid))).toMatchObject({ kind: 'measured', value: 1, high: 1, overlaps: n });
  });

  it('the same seed gives the same interval, at any size', () => {
    const random = createRandom(9);
    const grid = Array.from({ length: n }, () => Array.from({ length: m }, () => random.integer(k + 1)));
    expect(measured(measure, votesOf(grid))).toEqual(measured(measure, votesOf(grid)));
  });

  it('an item that nobody rated, a labeler that never votes: no difference', () => {
    const grid = Array.from({ length: n }, (_, item) => [1 + (item % 3), 1 + (item % 2), 0, 1]);
    const larger = votesOf([...grid, [0, 0, 0, 0]], identity(n + 1), identity(m + 1));
    expect(measured(measure, larger)).toEqual(measured(measure, votesOf(grid)));
  });

  it('too few common items is an outcome, with the number that is needed', () => {
    expect(measured(measure, votesOf([[1, 2, 0, 0]]), { minOverlaps: 10 })).toEqual({ kind: 'too-few', overlaps: 1, needed: 10 });
  });

  it('options are described and checked', () => {
    expect(() => checkOptions(measure, { replicate: 5 })).toThrow('replicate');
  });
});
