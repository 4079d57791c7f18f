import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { guardFormula, guardName, unguard } from './formula-guard.ts';

test.each(['=1+1', '+1+cmd|x', '-2+3', '@SUM(A1)', '\tx', '\rx', '\nx', '=', "=cmd|' /C calc'!A0", '+', '@'])(
  '%j is text in a spreadsheet',
  (text) => {
    expect(guardFormula(text)).toBe(`'${text}`);
  },
);

test.each(['5', '-5', '+5', '-5.5e-3', '.5', 'a=b', '', "'tis", ' =x'])('%j stays as it is', (text) => {
  expect(guardFormula(text)).toBe(text);
});

test('names: those that can call nothing stay, so that tables join', () => {
  for (const name of ['-dQw4w9', '@handle', '+49-30', '-']) expect(guardName(name)).toBe(name);
  for (const name of ['=x', '@sum(a)', "-2+3+cmd|' /C calc'!A0", '+a b']) expect(guardName(name)).toBe(`'${name}`);
});

test('reading restores whatever was written', () => {
  const text = fc.string({ unit: fc.constantFrom("'", '=', '+', '-', '@', '\t', '1', 'a', '.'), maxLength: 6 });
  fc.assert(
    fc.property(text, (given) => {
      expect(unguard(guardFormula(given))).toBe(given);
      expect(unguard(guardName(given))).toBe(given);
    }),
    { numRuns: 3000 },
  );
});
