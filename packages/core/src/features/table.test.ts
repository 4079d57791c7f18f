import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../model/json.ts';
import { daysOf, kindOfField, numberOf, profileFields } from './field-profile.ts';
import { createTable, fitTable, type Row, transformTable } from './table.ts';

const kindsOf = (rows: readonly Row[]): Record<string, string> =>
  Object.fromEntries(profileFields(rows).map((profile) => [profile.name, kindOfField(profile, 50)]));

const many = (make: (at: number) => Row, count = 60): Row[] => Array.from({ length: count }, (_, at) => make(at));

describe('kinds of fields, by their values', () => {
  test('numbers, dates, categories, texts, ids, nothing', () => {
    const rows = many((at) => ({
      id: `a${at}`,
      user_id: at % 3,
      orderId: 7,
      rowNumber: 1000 + at,
      token: `k${at * 7919}`,
      amount: at * 13.7,
      written: `${at}.50`,
      year: 1990 + (at % 30),
      stamp: 1_700_000_000_000 + at * 86_413_111,
      when: `2024-01-${String(1 + (at % 28)).padStart(2, '0')}`,
      colour: ['red', 'green', 'blue'][at % 3],
      flag: at % 2 === 0,
      zip: `0${1000 + (at % 5)}`,
      title: `the ${['old', 'new'][at % 2]} house number ${at}`,
      中文: ['我喜欢苹果', '今天天气很好'][at % 2] + '的'.repeat(at),
      same: 'always',
      empty: null,
      nested: { deep: { colour: at % 2 === 0 ? 'a' : 'b' } },
      tags: at % 2 === 0 ? ['x', 'y'] : ['y'],
      vector: [at, 0.5 + (at % 7)],
    }));
    expect(kindsOf(rows)).toEqual({
      id: 'id',
      user_id: 'id',
      orderId: 'nothing',
      rowNumber: 'id',
      token: 'id',
      amount: 'number',
      written: 'number',
      year: 'number',
      stamp: 'number',
      when: 'date',
      colour: 'category',
      flag: 'category',
      zip: 'category',
      title: 'text',
      中文: 'text',
      same: 'nothing',
      'nested.deep.colour': 'category',
      tags: 'category',
      'vector.0': 'number',
      'vector.1': 'number',
    });
  });

  test.each([
    ['12', 12],
    [' -1.5e3 ', -1500],
    ['1,234,567.5', 1234567.5],
    ['.5', 0.5],
    ['007', Number.NaN],
    ['12,34', Number.NaN],
    ['1.2.3', Number.NaN],
    ['', Number.NaN],
    ['e5', Number.NaN],
    ['1e999', Number.NaN],
    [true, Number.NaN],
  ])('numberOf(%j) is %d', (value, expected) => {
    expect(numberOf(value)).toBe(expected);
  });

  test('dates are days since 1970, in UTC where they name no zone', () => {
    expect(daysOf('1970-01-02')).toBe(1);
    expect(daysOf('1970-01-01 12:00')).toBe(0.5);
    expect(daysOf('1970-01-01T12:00:00.000+12:00')).toBe(0);
    expect(daysOf('1970-01-01T12:00+1200')).toBe(0);
    expect(daysOf('1970-13-01')).toBeNaN();
    expect(daysOf('last year')).toBeNaN();
  });
});

describe('table features', () => {
  test('by hand: centre 3, half the interquartile range 1, missing, categories and others', () => {
    const rows: Row[] = [
      { n: 1, c: 'a' },
      { n: 2, c: 'a' },
      { n: 3, c: 'b' },
      { n: 4, c: 'b' },
      { n: 5, c: 'a' },
      { n: null, c: 'a' },
    ];
    const model = fitTable(rows, { maxCategories: 1 });
    expect(fitTable(rows, { exclude: ['n'] }).columns.map(({ name }) => name)).toEqual(['c']);
    expect(model.columns).toEqual([
      { name: 'n', number: { of: 'number', centre: 3, scale: 1 }, missing: true, values: [], others: false },
      { name: 'c', number: null, missing: false, values: ['a'], others: true },
    ]);
    const two = fitTable(rows);
    expect(createTable(two).names).toEqual(['n', 'n is missing', 'c = a', 'c = b']);
    const { offsets, indices, values } = transformTable(two, [{ n: 5, c: 'b' }, { c: 'zzz' }, { n: 3 }]);
    expect([...offsets]).toEqual([0, 2, 3, 3]);
    expect([...indices]).toEqual([0, 3, 1]);
    expect([...values]).toEqual([Math.fround(Math.asinh(2)), 1, 1]);
  });

  test('mostly equal numbers are scaled by the others', () => {
    const { columns } = fitTable(many((at) => ({ n: at < 50 ? 0 : (at - 49) * 2.5 })));
    expect(columns[0].number).toEqual({ of: 'number', centre: 0, scale: 13.75 });
  });

  test('the most frequent values are kept, by text where they tie; values of once are not', () => {
    const values = ['b', 'b', 'a', 'a', 'c', 'c', 'c', 'd'];
    const { columns } = fitTable(
      values.map((v) => ({ v, w: v === 'd' ? 'a' : v })),
      { maxCategories: 3 },
    );
    expect(columns.find(({ name }) => name === 'w')).toMatchObject({ values: ['a', 'b', 'c'], others: false });
  });

  test('any rows: finite numbers, columns in range, JSON changes nothing', () => {
    const value = fc.oneof(
      fc.constantFrom<Json>(null, '', true, 'a', 'b', '12', '2020-01-01', 'some more words', ['a', 'b'], [1, 2], { a: 1 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.string({ maxLength: 5 }),
    );
    const row = fc.dictionary(fc.constantFrom('a', 'b', 'constructor', '__proto__', 'toString'), value, { noNullPrototype: true });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 30 }), (rows) => {
        const model = fitTable(rows);
        const matrix = transformTable(model, rows);
        expect(matrix.values.every(Number.isFinite)).toBe(true);
        expect(matrix.columns).toBe(createTable(model).names.length);
        expect(transformTable(JSON.parse(JSON.stringify(model)), rows)).toEqual(matrix);
      }),
    );
  });
});
