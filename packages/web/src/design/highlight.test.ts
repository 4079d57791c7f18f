import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { segmentsOf } from './highlight.ts';

test('a place is given in code points, also behind characters that take two units', () => {
  expect(segmentsOf('🎉🎉 win 🎉', [{ start: 3, end: 6 }])).toEqual([
    { text: '🎉🎉 ', places: [] },
    { text: 'win', places: [0] },
    { text: ' 🎉', places: [] },
  ]);
});

test('places that overlap are cut where one begins or ends', () => {
  expect(
    segmentsOf('free money now', [
      { start: 0, end: 10 },
      { start: 5, end: 14 },
    ]),
  ).toEqual([
    { text: 'free ', places: [0] },
    { text: 'money', places: [0, 1] },
    { text: ' now', places: [1] },
  ]);
});

test('empty places and places beyond the end do no harm; a lone surrogate counts as one', () => {
  expect(segmentsOf('ab', [{ start: 1, end: 1 }])).toEqual([{ text: 'ab', places: [] }]);
  expect(segmentsOf('ab', [{ start: 1, end: 99 }])).toEqual([
    { text: 'a', places: [] },
    { text: 'b', places: [0] },
  ]);
  expect(segmentsOf('\ud83cab', [{ start: 1, end: 2 }]).map(({ text }) => text)).toEqual(['\ud83c', 'a', 'b']);
  expect(segmentsOf('', [{ start: 0, end: 3 }])).toEqual([]);
});

test('the pieces make up the text, and each place covers just its own code points', () => {
  const place = fc.tuple(fc.nat(30), fc.nat(30)).map(([a, b]) => ({ start: Math.min(a, b), end: Math.max(a, b) }));
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 30 }), fc.array(place, { maxLength: 6 }), (text, places) => {
      const segments = segmentsOf(text, places);
      expect(segments.map(({ text }) => text).join('')).toBe(text);
      for (const [index, { start, end }] of places.entries()) {
        const covered = segments.filter((segment) => segment.places.includes(index)).map((segment) => segment.text);
        expect(covered.join('')).toBe(Array.from(text).slice(start, end).join(''));
      }
    }),
  );
});
