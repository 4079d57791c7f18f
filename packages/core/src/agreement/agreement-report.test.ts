import { expect, it } from 'vitest';
import { createRandom } from '../math/random.ts';
import { itemId, labelerId, labelId } from '../model/ids.ts';
import type { VoteTable } from '../model/vote-table.ts';
import { agreementReport } from './agreement-report.ts';

/** Labelers a and b are right 9 times of 10, c is a coin, d votes on five items only. */
function votes(items: number): VoteTable {
  const random = createRandom(4);
  const rows: [number, number, number][] = [];
  for (let item = 0; item < items; item++) {
    const truth = random.integer(2);
    for (const labeler of [0, 1, 2]) {
      const right = random.next() < [0.9, 0.9, 0.5][labeler];
      rows.push([item, labeler, right ? truth : 1 - truth]);
    }
    if (item < 5) rows.push([item, 3, truth]);
  }
  return {
    items: Array.from({ length: items }, (_, item) => itemId(item)),
    labelers: ['a', 'b', 'c', 'd', 'e'].map(labelerId),
    labels: ['yes', 'no'].map(labelId),
    item: Int32Array.from(rows, (row) => row[0]),
    labeler: Int32Array.from(rows, (row) => row[1]),
    label: Int32Array.from(rows, (row) => row[2]),
  };
}

it('tells overall, each against the rest, and each pair; too few where it is', () => {
  const report = agreementReport(votes(5000), createRandom(1));
  expect(report).toMatchObject({
    items: 5000,
    labelers: 5,
    votes: 15005,
    ratedItems: 5000,
    overlaps: 5000,
    omitted: { pairs: 0, labelers: 0 },
  });
  const kappa = new Map(report.pairs.map((pair) => [pair.labelers.join(), pair.agreement['cohen-kappa']]));
  // Independent and right with .9: they agree with .82, chance .5: kappa .64.
  expect(kappa.get('a,b')).toMatchObject({ kind: 'measured', value: expect.closeTo(0.64, 1) });
  expect(kappa.get('a,c')).toMatchObject({ kind: 'measured', value: expect.closeTo(0, 1) });
  expect(kappa.get('a,d')).toEqual({ kind: 'too-few', overlaps: 5, needed: 10 });
  expect(report.perLabeler.map((one) => one.labeler)).toEqual(['a', 'b', 'c', 'd']);
  const [a, , c] = report.perLabeler.map((one) => one.withRest['cohen-kappa']);
  if (a.kind !== 'measured' || c.kind !== 'measured') throw new Error('measured expected');
  expect(a.low).toBeGreaterThan(c.high);
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  expect(agreementReport(votes(5000), createRandom(1))).toEqual(report);
});

it('limits say what they left out', () => {
  const report = agreementReport(votes(50), createRandom(1), { maxPairs: 2, maxLabelers: 1, replicates: 200 });
  expect(report.pairs).toHaveLength(2);
  expect(report.omitted).toEqual({ pairs: 4, labelers: 3 });
});

it('no votes at all', () => {
  const empty = { items: [], labelers: [], labels: [], item: new Int32Array(), labeler: new Int32Array(), label: new Int32Array() };
  const report = agreementReport(empty, createRandom(1));
  expect(report).toMatchObject({ votes: 0, overlaps: 0, pairs: [], perLabeler: [] });
  expect(Object.values(report.overall)).toEqual(Array.from({ length: 5 }, () => ({ kind: 'too-few', overlaps: 0, needed: 10 })));
});

it('a wrong option is named', () => {
  expect(() => agreementReport(votes(5), createRandom(1), { scale: 'ratio' })).toThrow('agreement: scale');
});
