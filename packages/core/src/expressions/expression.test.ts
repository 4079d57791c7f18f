import { array, assert, constantFrom, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CoreError } from '../model/errors.ts';
import type { Json } from '../model/json.ts';
import { compileCondition, compileExpression, ExpressionFault, longestExpression } from './expression.ts';
import { Scope } from './scope.ts';

const fields: Record<string, Json> = {
  amount: '250',
  empty: '',
  flag: 'TRUE',
  n: 5,
  nothing: null,
  tags: ['a', 'b'],
  nested: { deep: { x: 2 } },
  type: 'bug',
  map: 'm',
  'odd name': 'x',
  constructor: 'own',
};
const text = 'Hello foo world, hello';

function scope(facts = new Map<string, unknown>()): Scope {
  return new Scope({ fields, text: () => text, fact: (name) => facts.get(name), facts });
}
const value = (source: string): unknown => compileExpression(source, 'test', 'when').evaluate(scope());
const fault = (source: string): string => {
  try {
    return `value ${String(value(source))}`;
  } catch (error) {
    if (error instanceof ExpressionFault) return error.message;
    throw error;
  }
};

describe('values', () => {
  test.each([
    ['amount > 100', true],
    ['100 < amount', true],
    ['amount == 250', true],
    ['amount != 250', false],
    ['amount == "250"', true],
    ['empty == 0', false],
    ['flag == true', true],
    ['n == 5 && n in [4, 5]', true],
    ['n * 2 + 0.5', 10.5],
    ['num(amount) / 2', 125],
    ['num(amount) == 250 && size(text) == num("22")', true],
    ['num(empty, -1)', -1n],
    ['lower(text).startsWith("hello")', true],
    ['size(words(text))', 4n],
    ['words("Hello, 你好！")', ['Hello', '你好']],
    ['count(lower(text), "hello")', 2n],
    ['words(text).filter(w, w.matches("^[a-z]+$")).join(" ")', 'foo world hello'],
    ['text.matches("(?i)HELLO.*hello$")', true],
    ['text.matches(r"\\bworld\\b")', true],
    ['has(item.amount) && !has(item.price)', true],
    ['item["odd name"] + field("odd name")', 'xx'],
    ['field("price", 3)', 3n],
    ['type == "bug"', true],
    ['item.map == "m"', true],
    ['tags.exists(type, type == "b")', true],
    ['nested.deep.x == 2', true],
    ['nothing == null', true],
    ['date("2024-03-01") - date("2024-02-28") == duration("48h")', true],
    ['date("2024-03-01 10:30").getHours()', 10n],
    ['amuont > 1 || true', true],
  ])('%s', (source, expected) => {
    expect(value(source)).toEqual(expected);
  });

  test('a fact goes before a field of its name; facts.x asks for the fact alone', () => {
    const facts = new Map<string, unknown>([['n', 7]]);
    expect(compileExpression('[n, item.n, facts.n]', 'test', 'when').evaluate(scope(facts))).toEqual([7, 5, 7]);
  });

  test('the size of a text is in code points', () => {
    const ask = compileExpression('size(text)', 'test', 'when');
    expect(ask.evaluate(new Scope({ fields: {}, text: () => 'a😀é' }))).toBe(3n);
  });
});

test('says what it reads', () => {
  const { reads } = compileExpression(
    'amount > 1 && has(item.x) && facts.y && field("odd name") == w && tags.all(t, t != type)',
    'test',
    'when',
  );
  expect(reads.map(({ name, entry }) => (entry === undefined ? name : `${name}.${entry}`)).sort()).toEqual(
    ['amount', 'facts.y', 'item.odd name', 'item.x', 'tags', 'type', 'w'].sort(),
  );
});

describe('faults on an item', () => {
  test.each([
    ['amuont > 1', "the item has no field 'amuont'; did you mean 'amount'?"],
    ['item.price', "the item has no field 'price'; the fields are amount, empty, flag, n, nothing, tags, nested, type …"],
    ['field("price")', "the item has no field 'price'; the fields are amount, empty, flag, n, nothing, tags, nested, type …"],
    ['facts.score', "the fact 'score' is not set"],
    ['empty > 3', '"" is not a number (num(x, 0) would take 0 instead)'],
    ['amount + 5', 'no such overload: string + int (num(x) makes a number of a text)'],
    ['num("1,234")', '"1,234" is not a number (num(x, 0) would take 0 instead)'],
    ['date("31.12.2024")', 'date("31.12.2024"): expected a date like 2024-12-31 or 2024-12-31T23:59:00Z'],
    ['n.matches("a")', "found no matching overload for 'double.matches(string)'"],
    ['count(text, "")', "count(text, part): the part to count is '', which is everywhere"],
  ])('%s', (source, message) => {
    expect(fault(source)).toBe(message);
  });

  test('a missing field is named, so that rules can tell it from other faults', () => {
    expect(() => value('price > 1')).toThrow(expect.objectContaining({ missing: 'price' }));
  });

  test('a condition must be true or false', () => {
    expect(() => compileCondition('n', 'test', 'when').holds(scope())).toThrow('it gives 5, but must be true or false');
  });
});

describe('faults of the expression', () => {
  test.each([
    ['size(text) <', 'test: rules.0.when: the expression ends too early (column 13 of ', 13],
    ['size(txt', 'test: rules.0.when: Expected RPAREN, got the end of the expression (column 9 of ', 9],
    ['n > 1 && lowr(text) == "a"', "test: rules.0.when: there is no function 'lowr', did you mean 'lower'? (column 10 of ", 10],
    ['map == "m"', 'test: rules.0.when: no such overload: type == string (a field named like a type of CEL is item.map', 1],
    ['text.matches("(fo")', "test: rules.0.when: missing closing ) '(fo' at character 1 (column 14", 14],
    ['text.matches("(?=x)")', "test: rules.0.when: invalid or unsupported Perl syntax '(?=' at character 1: RE2 has no look-around", 14],
    ['text.matches(amount)', 'test: rules.0.when: matches takes one pattern, written out as a text', 1],
    ['cel.bind(a, text + text, a)', 'test: rules.0.when: cel.bind is not available', 1],
    ['size(text)', 'test: rules.0.when: it gives a value of type int, but must be true or false', 1],
  ])('%s', (source, message, column) => {
    expect(() => compileCondition(source, 'test', 'rules.0.when')).toThrow(
      expect.objectContaining({
        code: 'bad-options',
        message: expect.stringContaining(message),
        details: expect.objectContaining({ path: 'rules.0.when', line: 1, column }),
      }),
    );
  });

  test('a long line is cut around the fault, a fault further down names its line', () => {
    const long = `${'n == 1 || '.repeat(20)}n >`;
    expect(() => value(long)).toThrow("(column 204 of '…= 1 || n == 1 || n == 1 || n >')");
    expect(() => value('n > 1 &&\n  size(')).toThrow("(line 2, column 8 of 'size(')");
  });

  test('length, nesting and number of nodes are limited', () => {
    expect(() => value('1'.repeat(longestExpression + 1))).toThrow('an expression has at most 1,000 characters, got 1,001');
    expect(() => value(`${'('.repeat(40)}1${')'.repeat(40)}`)).toThrow('maxDepth');
    expect(() => value(`${'!'.repeat(600)}true`)).toThrow('maxAstNodes');
  });
});

describe('nothing of the host is in reach (P49)', () => {
  test.each([
    'text.constructor',
    'text.constructor.constructor("return process")()',
    'item.__proto__',
    'item.constructor == "own" ? nested.constructor : 1',
    'nested["__proto__"]',
    'nested["constructor"]',
    '[].constructor',
    '{}.constructor',
    'constructor.constructor',
    'tags.constructor',
    'tags["length"]',
    'date("2024-01-01").constructor',
    'date("2024-01-01").getTime',
    'process.env',
    'globalThis',
    'this.process',
    'require("fs")',
    'fetch("http://127.0.0.1/")',
    'eval("1")',
    'Function("return 1")()',
    'import("fs")',
    'google.protobuf',
    'cel.constructor',
    'dyn(b"x").buffer',
  ])('%s', (source) => {
    let outcome: unknown;
    try {
      outcome = value(source);
    } catch (error) {
      outcome = error;
    }
    expect(outcome instanceof ExpressionFault || (outcome instanceof CoreError && outcome.code === 'bad-options')).toBe(true);
  });

  test('whatever is written: a value of CEL, a fault on the item, or bad options', () => {
    const words = [
      'text',
      'item',
      'n',
      'tags',
      'nested',
      'w',
      'constructor',
      '__proto__',
      'prototype',
      'size',
      'matches',
      'exists',
      'map',
      'num',
      'field',
      'type',
    ];
    const token = constantFrom(
      ...words,
      '.',
      '.',
      '(',
      ')',
      '[',
      ']',
      ',',
      '&&',
      '||',
      '==',
      '+',
      '!',
      '?',
      ':',
      '1',
      '2.5',
      '"a"',
      'b"x"',
      '"(a+)+$"',
      'null',
      'true',
    );
    assert(
      property(array(token, { maxLength: 12 }), (tokens) => {
        let outcome: unknown;
        try {
          outcome = value(tokens.join(''));
        } catch (error) {
          if (error instanceof ExpressionFault || error instanceof CoreError) return;
          throw error;
        }
        expect(typeof outcome).not.toBe('function');
        expect(outcome).not.toBeUndefined();
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('work is bounded (P50)', () => {
  test('regular expressions take linear time, wherever they stand', () => {
    const evil = new Scope({ fields: { tags: [`${'a'.repeat(50_000)}!`] }, text: () => `${'a'.repeat(50_000)}!` });
    const sources = [
      'text.matches("(a+)+$")',
      '[text].exists(t, t.matches("(a+)+$"))',
      '[text].map(t, t.matches("(a+)+$"))[0]',
      '[text].filter(t, t.matches("(a+)+$")).size() > 0',
      'tags.exists(t, true && !!t.matches("(a+)+$"))',
      '{"k": text.matches("(a+)+$")}.k',
      'num(text.matches("(a+)+$") ? 1 : 0) == 1',
      'field("none", text.matches("(a+)+$"))',
      'item["tags"][0].matches("(a+)+$")',
    ];
    expect(sources.filter((source) => compileCondition(source, 'test', 'when').holds(evil))).toEqual([]);
  });

  const eight = '[1,2,3,4,5,6,7,8]';
  test.each([
    `${eight}.all(a, ${eight}.all(b, ${eight}.all(c, ${eight}.all(d, ${eight}.all(e, ${eight}.all(f, ${eight}.all(g, true)))))))`,
    'words(text).exists(a, words(text).exists(b, words(text).exists(c, a + b == c + "!")))',
    'words(text).map(w, text).join("").size() > 0',
    'words(item.text).map(w, item.text).size() > 0',
    'words(text).map(w, field("text")).size() > 0',
    '[text, text].all(t, words(t).all(w, count(t, w) > 0))',
    'words(text).all(w, words(text).all(v, w != v + "x") || true)',
  ])('%s', (source) => {
    const long = 'foo bar '.repeat(10_000);
    const ask = compileCondition(source, 'test', 'when');
    expect(() => ask.holds(new Scope({ fields: { text: long }, text: () => long }))).toThrow('its loops do too much work on this item');
  });

  test('a plain loop over the words of a long text is well inside the limit', () => {
    const long = 'foo bar '.repeat(50_000);
    expect(compileCondition('words(text).exists(w, w == "baz")', 'test', 'when').holds(new Scope({ fields: {}, text: () => long }))).toBe(
      false,
    );
  });
});
