import { assert, constantFrom, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { covers, parseCell, passes } from './decision-cell.ts';

const holds = (cell: string, value: unknown): boolean => passes(parseCell(cell), value);

describe('a cell and a value', () => {
  test.each<[string, unknown, boolean]>([
    ['', 'anything', true],
    ['-', null, true],
    ['NG', 'NG', true],
    ['NG', 'ng', false],
    ['5', '5.0', true],
    ['5', 5n, true],
    ['"5"', '5', true],
    ['"5"', '5.0', false],
    ['""', null, true],
    ['"say ""hi"""', 'say "hi"', true],
    ['-5', -5, true],
    ['> 5', '5', false],
    ['> 5', ' 5.5 ', true],
    ['<= 3', 3, true],
    ['= 3', '3', true],
    ['!= 3', '3', false],
    ['> 5', '', false],
    ['> 5', null, false],
    ['[1..5]', 1, true],
    ['(1..5)', 1, false],
    [']1..5[', 5, false],
    ['(1..5]', 5, true],
    ['[-1e2 .. -.5)', '-100', true],
    ['a, b', 'b', true],
    ['"a, b"', 'a, b', true],
    ['< 1, [10..20], x', 15, true],
    ['not(a, b)', 'a', false],
    ['not(a, b)', 'c', true],
    ['not(> 5)', '', true],
    ['not(not(a))', 'a', true],
    ['~ ^a{1,2}$', 'aa', true],
    ['~ (?i)FREE, money', 'free, money!', true],
    ['~ "^a$", "b"', 'b', true],
    ['contains money', 'free money', true],
    ['contains "a, b"', 'x a, b', true],
    ['contains', 'contains', true],
    ['true', true, true],
    ['(none)', '(none)', true],
    ['urgent', ['new', 'urgent'], true],
    ['not(urgent)', ['new', 'urgent'], false],
    ['> 3', [], false],
  ])('%s with %s: %s', (cell, value, expected) => {
    expect(holds(cell, value)).toBe(expected);
  });

  test('a text that is no number cannot be compared as one, a map not at all', () => {
    expect(() => holds('> 5', 'many')).toThrow('"many" is not a number');
    expect(() => holds('a', { x: 1 })).toThrow('a map of 1 cannot be compared with a cell');
  });

  test('patterns take linear time', () => {
    expect(holds('~ (a+)+$', `${'a'.repeat(50_000)}!`)).toBe(false);
  });
});

test.each([
  ['> x', "'>' compares with a number, got 'x'"],
  ['[1..]', 'a range is two numbers like [1..5]'],
  ['[5..1]', "the range '[5..1]' is empty"],
  ['~ (', 'missing closing )'],
  ['~', '~ needs a value'],
  ['"a', 'a quote that opens is never closed'],
  ['"a" b', 'text after the closing quote'],
  ['a,,b', 'nothing between two commas'],
  ['not(> x)', "'>' compares with a number"],
])('%s cannot be read', (cell, message) => {
  expect(() => parseCell(cell)).toThrow(message);
});

describe('covering', () => {
  test.each([
    ['-', '> 5'],
    ['> 5', '[6..7]'],
    ['>= 5', '> 5'],
    ['a, b, c', 'c, a'],
    ['[1..5]', '1, 2, 3'],
    ['5', '5.0'],
    ['contains mon', 'contains money'],
    ['~ ^a', '"abc"'],
    ['not(a)', 'not(a, b)'],
  ])('%s covers %s', (wide, narrow) => {
    expect(covers(parseCell(wide), parseCell(narrow))).toBe(true);
  });

  const cells = [
    '-',
    '5',
    '"5"',
    '5.0',
    'a',
    'ab',
    'a, 5',
    '> 4',
    '>= 5',
    '(4..6)',
    '[5..5]',
    'not(5)',
    'not(a, 5)',
    '!= 4',
    '~ ^a',
    '~ 5',
    'contains a',
    'contains ab',
    'contains 5',
  ];
  const values = ['5', '5.0', ' 5', 5, 5n, 4, '4', '', null, ['5'], []];
  test('never claims what a value refutes', () => {
    assert(
      property(constantFrom(...cells), constantFrom(...cells), constantFrom<unknown>(...values), (wide, narrow, value) => {
        return !(covers(parseCell(wide), parseCell(narrow)) && holds(narrow, value)) || holds(wide, value);
      }),
      { numRuns: 5_000 },
    );
  });
});
