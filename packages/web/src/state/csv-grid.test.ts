import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gridOf, textOfGrid } from './csv-grid.ts';

describe('CSV as a grid', () => {
  it('reads quotes, commas and line breaks in cells', () => {
    expect(gridOf('text,amount,label\r\n"a, ""b""\nc",> 5,spam\n')).toEqual([
      ['text', 'amount', 'label'],
      ['a, "b"\nc', '> 5', 'spam'],
    ]);
  });

  it('fills short rows up to the header, and keeps cells beyond it', () => {
    expect(gridOf('a,b\n1\n1,2,3')).toEqual([
      ['a', 'b'],
      ['1', ''],
      ['1', '2', '3'],
    ]);
  });

  it('reads what it wrote', () => {
    const cells = fc.string().map((text) => text.replaceAll('\r', ''));
    const grid = fc
      .integer({ min: 2, max: 4 })
      .chain((width) => fc.array(fc.array(cells, { minLength: width, maxLength: width }), { minLength: 1 }));
    fc.assert(
      fc.property(grid, (rows) => {
        expect(gridOf(textOfGrid(rows))).toEqual(rows);
      }),
    );
  });
});
