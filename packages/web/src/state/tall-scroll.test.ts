import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { pagesFor, tallScroll } from './tall-scroll.ts';

test('what fits is not scaled', () => {
  expect(tallScroll(32_000_000, 600, 33_000_000)).toEqual({ barHeight: 32_000_000, scale: 1 });
});

test('what does not fit: the end of the bar is the end of the rows', () => {
  fc.assert(
    fc.property(fc.integer({ min: 20_000_001, max: 1e9 }), fc.integer({ min: 100, max: 2_000 }), (rows, view) => {
      const { barHeight, scale } = tallScroll(rows, view, 20_000_000);
      expect((barHeight - view) * scale).toBeCloseTo(rows - view, 3);
    }),
  );
});

test('the pages of a view, and one on either side', () => {
  expect(pagesFor(0, 20, 1_000_000, 100)).toEqual([0, 1]);
  expect(pagesFor(350, 410, 1_000_000, 100)).toEqual([2, 3, 4, 5]);
  expect(pagesFor(990, 999, 1_000, 100)).toEqual([8, 9]);
  expect(pagesFor(0, 0, 0, 100)).toEqual([]);
  expect(pagesFor(5_000, 5_020, 40, 100)).toEqual([]);
});
