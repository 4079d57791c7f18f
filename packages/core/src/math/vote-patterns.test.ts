import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { itemId, labelerId, labelId } from '../model/ids.ts';
import type { VoteTable } from '../model/vote-table.ts';
import { codeCounts, everyNthPattern, spreadOverItems, votePatterns } from './vote-patterns.ts';

function tableOf(n: number, m: number, k: number, rows: readonly (readonly [number, number, number])[]): VoteTable {
  return {
    items: Array.from({ length: n }, (_, i) => itemId(`i${i}`)),
    labelers: Array.from({ length: m }, (_, j) => labelerId(`j${j}`)),
    labels: Array.from({ length: k }, (_, c) => labelId(`c${c}`)),
    item: Int32Array.from(rows, (row) => row[0]),
    labeler: Int32Array.from(rows, (row) => row[1]),
    label: Int32Array.from(rows, (row) => row[2]),
  };
}

test('rows in any order; equal rows are told once', () => {
  // items 0 and 2 both have (labeler 0: 1, labeler 1: 0); item 1 has nothing; item 3 has (labeler 1: 1)
  const votes = tableOf(4, 2, 2, [
    [2, 1, 0],
    [0, 0, 1],
    [3, 1, 1],
    [0, 1, 0],
    [2, 0, 1],
  ]);
  const patterns = votePatterns(votes);
  expect(patterns.size).toBe(3);
  expect([...(patterns.patternOf ?? [])]).toEqual([0, 1, 0, 2]);
  expect([...(patterns.count ?? [])]).toEqual([2, 1, 1]);
  expect([...patterns.offsets]).toEqual([0, 2, 2, 3]);
  expect([...patterns.codes]).toEqual([1, 2, 3]);
  expect([...codeCounts(patterns)]).toEqual([0, 2, 2, 1]);
  expect([...spreadOverItems(patterns, Float64Array.of(1, 0, 0.5, 0.5, 0, 1))]).toEqual([1, 0, 0.5, 0.5, 1, 0, 0, 1]);
});

test('gold parts items that share their votes', () => {
  const votes = tableOf(3, 1, 2, [
    [0, 0, 1],
    [1, 0, 1],
    [2, 0, 1],
  ]);
  const patterns = votePatterns(votes, { item: Int32Array.of(1), label: Int32Array.of(0) });
  expect(patterns.size).toBe(2);
  expect([...(patterns.gold ?? [])]).toEqual([-1, 0]);
});

test('more than 65,536 codes', () => {
  const votes = tableOf(2, 40_000, 2, [
    [0, 39_999, 1],
    [1, 3, 0],
  ]);
  expect([...votePatterns(votes).codes]).toEqual([79_999, 6]);
});

test('nothing at all', () => {
  expect(votePatterns(tableOf(0, 0, 1, [])).size).toBe(0);
  expect(votePatterns(tableOf(3, 2, 2, [])).size).toBe(1);
});

const manyRows = fc
  .tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3 }))
  .chain(([n, m, k]) =>
    fc.tuple(
      fc.constant([n, m, k] as const),
      fc.uniqueArray(fc.tuple(fc.nat(n - 1), fc.nat(m - 1), fc.nat(k - 1)), { selector: ([i, j]) => i * m + j, maxLength: 80 }),
    ),
  );

test('every item finds its own votes again', () => {
  fc.assert(
    fc.property(manyRows, ([[n, m, k], rows]) => {
      const { offsets, codes, patternOf, count, size } = votePatterns(tableOf(n, m, k, rows));
      for (let i = 0; i < n; i++) {
        const p = patternOf ? patternOf[i] : i;
        const wanted = rows.filter((row) => row[0] === i).map((row) => row[1] * k + row[2]);
        expect([...codes.subarray(offsets[p], offsets[p + 1])]).toEqual(wanted.sort((a, b) => a - b));
      }
      expect(count ? count.reduce((a, b) => a + b, 0) : size).toBe(n);
    }),
  );
});

test('every second pattern', () => {
  const votes = tableOf(3, 1, 4, [
    [0, 0, 1],
    [1, 0, 2],
    [2, 0, 3],
  ]);
  const half = everyNthPattern(votePatterns(votes), 2);
  expect([half.size, half.n, ...half.codes]).toEqual([2, 2, 1, 3]);
});
