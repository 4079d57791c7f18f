import { expect, it } from 'vitest';
import { isWordBoundary } from './word-boundary.ts';

/** The text with a bar at every boundary inside it. */
function bars(text: string): string {
  return Array.from(text, (_, at) => text.slice(at, at + 1)).reduce(
    (sofar, unit, at) => sofar + (at > 0 && isWordBoundary(text, at) ? '|' : '') + unit,
    '',
  );
}

it('lies where words of letters, digits, marks and _ begin and end', () => {
  expect(bars('ab_1, c')).toBe('ab_1|,| |c');
  expect(bars('naïve नमस्ते שָׁ')).toBe('naïve| |नमस्ते| |שָׁ');
  expect(bars('')).toBe('');
});

it('lies between all characters of scripts without spaces, and beside them', () => {
  expect(bars('東京tower')).toBe('東|京|tower');
  expect(bars('한국어')).toBe('한국어');
});

it('never lies inside of what a reader sees as one character', () => {
  expect(bars('か\u3099き')).toBe('か\u3099|き');
  expect(isWordBoundary('👍🏽', 2)).toBe(false);
  expect(isWordBoundary('👩\u200d👧', 2)).toBe(false);
  expect(isWordBoundary('👍🏽ok', 4)).toBe(true);
  expect(isWordBoundary('e\u0301x', 2)).toBe(false);
});

it('takes long runs of marks once', () => {
  const text = `a${'\u0301'.repeat(100_000)}b`;
  expect(isWordBoundary(text, text.length - 1)).toBe(false);
  expect(isWordBoundary(text, 50_000)).toBe(false);
});
