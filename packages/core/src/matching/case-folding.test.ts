import { expect, it } from 'vitest';
import { caseVariants } from './case-folding.ts';

it('knows letters with more than two cases, and those without', () => {
  const letters = (letter: string): string => String.fromCodePoint(...caseVariants(letter.codePointAt(0) as number));
  expect(letters('k')).toBe('Kk\u212a');
  expect(letters('ſ')).toBe('Ssſ');
  expect(letters('ς')).toBe('Σςσ');
  expect(letters('ǆ')).toBe('Ǆǅǆ');
  expect(letters('𐐀')).toBe('𐐀𐐨');
  expect(letters('İ')).toBe('İ');
  expect(letters('東')).toBe('東');
  expect(letters('\ud800')).toBe('\ud800');
  expect(letters('\u{10ffff}')).toBe('\u{10ffff}');
});

it('agrees with JavaScript on every letter that has one other case there', () => {
  for (let codePoint = 0; codePoint < 0x2c80; codePoint++) {
    const letter = String.fromCodePoint(codePoint);
    const variants = caseVariants(codePoint);
    expect(variants).toContain(codePoint);
    for (const other of [letter.toLowerCase(), letter.toUpperCase()]) {
      if (other.length !== 1 || other === letter) continue;
      const isFolded = new RegExp(`^${letter}$`, 'iu').test(other);
      expect(variants.includes(other.charCodeAt(0)), `${letter} ${other}`).toBe(isFolded);
    }
  }
});
