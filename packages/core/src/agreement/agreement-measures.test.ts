import { describe, expect, it } from 'vitest';
import { createRandom } from '../math/random.ts';
import { checkOptions } from '../model/about.ts';
import { itemId, labelerId, labelId } from '../model/ids.ts';
import type { VoteTable } from '../model/vote-table.ts';
import type { Agreement, AgreementMeasure } from './agreement-measure.ts';
import cohenKappa from './cohen-kappa.ts';
import { pairTables } from './cross-tables.ts';
import fleissKappa from './fleiss-kappa.ts';
import gwetAc1 from './gwet-ac1.ts';
import krippendorffAlpha from './krippendorff-alpha.ts';
import percent from './percent.ts';
import { ratingsOf } from './ratings.ts';

/** One row per labeler, one column per item; null = not rated. */
function tableOf(rows: readonly (readonly (number | string | null)[])[]): VoteTable {
  const labels = [...new Set(rows.flat().filter((label) => label !== null))].sort((a, b) => (String(a) < String(b) ? -1 : 1));
  const cells = rows.flatMap((row, labeler) => row.flatMap((label, item) => (label === null ? [] : [{ labeler, item, label }])));
  return {
    items: rows[0].map((_, item) => itemId(item)),
    labelers: rows.map((_, labeler) => labelerId(`coder ${labeler}`)),
    labels: labels.map(labelId),
    item: Int32Array.from(cells, (cell) => cell.item),
    labeler: Int32Array.from(cells, (cell) => cell.labeler),
    label: Int32Array.from(cells, (cell) => labels.indexOf(cell.label)),
  };
}

function measure(by: AgreementMeasure, votes: VoteTable, options = {}): Agreement {
  return by.measure(ratingsOf(votes), checkOptions(by, { minOverlaps: 2, ...options }), createRandom(1));
}

function valueOf(by: AgreementMeasure, votes: VoteTable, options = {}): number {
  const agreement = measure(by, votes, options);
  if (agreement.kind !== 'measured') throw new Error(agreement.kind);
  return agreement.value;
}

// Krippendorff (2011), section D: four coders, twelve units, gaps.
const fourCoders = tableOf([
  [1, 2, 3, 3, 2, 1, 4, 1, 2, null, null, null],
  [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, null, 3],
  [null, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, null],
  [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, null],
]);

describe('the four coders of Krippendorff', () => {
  it('alpha is .743 nominal, .815 ordinal, .849 interval (krippendorff 0.9.0 has more digits)', () => {
    expect(valueOf(krippendorffAlpha, fourCoders)).toBeCloseTo(0.743421052631579, 12);
    expect(valueOf(krippendorffAlpha, fourCoders, { scale: 'ordinal' })).toBeCloseTo(0.8153875037548814, 12);
    expect(valueOf(krippendorffAlpha, fourCoders, { scale: 'interval' })).toBeCloseTo(0.8491071428571428, 12);
  });

  it('the others are those of irrCAC 0.4.4', () => {
    expect(valueOf(percent, fourCoders)).toBeCloseTo(0.81818, 5);
    expect(valueOf(fleissKappa, fourCoders)).toBeCloseTo(0.76117, 5);
    expect(valueOf(gwetAc1, fourCoders)).toBeCloseTo(0.77544, 5);
    expect(valueOf(cohenKappa, fourCoders)).toBeCloseTo(0.76207, 5);
    expect(valueOf(cohenKappa, fourCoders, { weights: 'linear' })).toBeCloseTo(0.81314, 5);
    expect(valueOf(cohenKappa, fourCoders, { weights: 'quadratic' })).toBeCloseTo(0.85717, 5);
  });
});

it("Fleiss' own example: 30 patients, 6 psychiatrists, 5 diagnoses, kappa .430", () => {
  const counts =
    '00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031 00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006';
  const patients = counts.split(' ').map((row) => row.split('').flatMap((count, label) => Array<number>(Number(count)).fill(label)));
  const votes = tableOf(Array.from({ length: 6 }, (_, rater) => patients.map((labels) => labels[rater])));
  expect(valueOf(fleissKappa, votes)).toBeCloseTo(0.43, 3);
});

describe('Cohen', () => {
  // sklearn 1.5.2: cohen_kappa_score(a, b, weights=None | 'linear' | 'quadratic')
  const a = [0, 1, 2, 2, 1, 0, 1, 2, 0, 1, 1, 2, 0, 0, 1];
  const b = [0, 1, 1, 2, 2, 0, 1, 2, 0, 0, 1, 2, 0, 1, 2];

  it('is scikit-learn’s, plain and weighted, over all and as a pair', () => {
    const votes = tableOf([a, b]);
    for (const [weights, wanted] of [
      ['none', 0.5],
      ['linear', 0.6153846153846154],
      ['quadratic', 0.736842105263158],
    ] as const) {
      expect(valueOf(cohenKappa, votes, { weights })).toBeCloseTo(wanted, 12);
      const ratings = ratingsOf(votes);
      const pair = cohenKappa.compare(pairTables(ratings, [1])[0], ratings, checkOptions(cohenKappa, { weights }), createRandom(1));
      expect(pair).toMatchObject({ kind: 'measured', overlaps: 15, value: expect.closeTo(wanted, 12) });
    }
  });

  it('weights follow the numbers, not the order of the table, and an order that the user gives', () => {
    const words = tableOf([a.map((label) => ['low', 'mid', 'high'][label]), b.map((label) => ['low', 'mid', 'high'][label])]);
    expect(valueOf(cohenKappa, words, { weights: 'linear', order: ['low', 'mid', 'high'] })).toBeCloseTo(0.6153846153846154, 12);
    expect(() => measure(cohenKappa, words, { weights: 'linear', order: ['low', 'high'] })).toThrow("'mid' is missing");
    const numbers = tableOf([a.map((label) => [2, 10, 30][label]), b.map((label) => [2, 10, 30][label])]);
    expect(numbers.labels).toEqual(['10', '2', '30'].map(labelId).sort());
    expect(valueOf(cohenKappa, numbers, { weights: 'linear' })).toBeCloseTo(0.6153846153846154, 12);
  });
});

describe('where there is little to measure', () => {
  const all = [percent, cohenKappa, fleissKappa, krippendorffAlpha, gwetAc1];

  it('no items, one labeler, no common items: too few to say', () => {
    for (const by of all) {
      expect(measure(by, tableOf([[]]))).toEqual({ kind: 'too-few', overlaps: 0, needed: 2 });
      expect(measure(by, tableOf([[1, 2, 1]]))).toMatchObject({ kind: 'too-few', overlaps: 0 });
      expect(
        measure(
          by,
          tableOf([
            [1, null],
            [null, 2],
          ]),
        ),
      ).toMatchObject({ kind: 'too-few', overlaps: 0 });
    }
  });

  it('one label only: coefficients with a chance of 1 say that they are undefined, AC1 and percent are 1', () => {
    const votes = tableOf([Array(20).fill('x'), Array(20).fill('x')]);
    for (const by of [cohenKappa, fleissKappa, krippendorffAlpha])
      expect(measure(by, votes)).toMatchObject({ kind: 'undefined', overlaps: 20 });
    for (const by of [percent, gwetAc1]) expect(measure(by, votes)).toMatchObject({ kind: 'measured', value: 1 });
  });

  it('twelve items without a disagreement do not prove perfection: the interval is Wilson’s', () => {
    const row = [1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2];
    const agreement = measure(percent, tableOf([row, row]));
    // scipy.stats.binomtest(12, 12).proportion_ci(.95, 'wilson').low
    expect(agreement).toEqual({ kind: 'measured', value: 1, low: expect.closeTo(0.7575, 4), high: 1, overlaps: 12 });
    // Chance is one half: the lack of agreement counts twice.
    expect(measure(fleissKappa, tableOf([row, row]))).toMatchObject({ value: 1, low: expect.closeTo(2 * 0.7575 - 1, 3), high: 1 });
  });
});

describe('the bootstrap interval has the width that theory gives', () => {
  function widthOf(n: number, coders: number): { width: number; value: number } {
    const random = createRandom(n);
    const first = Array.from({ length: n }, () => random.integer(4));
    const rows = Array.from({ length: coders - 1 }, () => first.map((label) => (random.next() < 0.8 ? label : (label + 1) % 4)));
    const agreement = measure(percent, tableOf([first, ...rows]));
    if (agreement.kind !== 'measured') throw new Error(agreement.kind);
    return { width: agreement.high - agreement.low, value: agreement.value };
  }

  it.each([60, 3000])('%i items of two labelers: that of a share', (n) => {
    const { width, value } = widthOf(n, 2);
    const ratio = width / (2 * 1.96 * Math.sqrt((value * (1 - value)) / n));
    expect(ratio).toBeGreaterThan(0.85);
    expect(ratio).toBeLessThan(1.15);
  });

  it('in blocks, where nearly every item has its own pattern: that of a mean', () => {
    const { width } = widthOf(12_000, 14);
    const { width: small } = widthOf(400, 14);
    expect(width / (small * Math.sqrt(400 / 12_000))).toBeGreaterThan(0.85);
    expect(width / (small * Math.sqrt(400 / 12_000))).toBeLessThan(1.15);
  });
});
