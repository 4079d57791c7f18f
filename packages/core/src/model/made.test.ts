import { expect, it } from 'vitest';
import type { Item } from './item.ts';
import { foundRows, isMade, type Made, madeField, madeOf } from './made.ts';

const mark = { kind: 'paraphrase', parents: ['7'], prompt: 'abc', by: 'model-1' } as unknown as Made;
const fieldsOf = (value: unknown): Pick<Item, 'fields'> => ({ fields: { [madeField]: value } as Item['fields'] });

it('the mark is read as JSON and as text, as files without types carry it', () => {
  expect(madeOf(fieldsOf(mark))).toEqual(mark);
  expect(madeOf(fieldsOf(JSON.stringify(mark)))).toEqual(mark);
});

it('a damaged mark is a mark still: doubtful items count as made', () => {
  for (const damaged of ['yes', '{"kind":', 1, {}, { ...mark, kind: 'stolen' }]) {
    expect(isMade(fieldsOf(damaged))).toBe(true);
    expect(madeOf(fieldsOf(damaged))).toBeUndefined();
  }
});

it('empty cells of a table are no mark', () => {
  for (const empty of ['', null]) expect(isMade(fieldsOf(empty))).toBe(false);
  expect(isMade({ fields: {} })).toBe(false);
  expect([...foundRows([{ fields: {} }, fieldsOf(mark), fieldsOf(null)])]).toEqual([0, 2]);
});
