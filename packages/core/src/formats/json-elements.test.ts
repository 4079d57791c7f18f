import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ElementSplitter } from './json-elements.ts';
import { type JsonPiece, LineSplitter } from './json-lines.ts';

function split(text: string, cuts: readonly number[] = []): JsonPiece[] | string {
  const splitter = new ElementSplitter();
  const places = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
  const pieces: JsonPiece[] = [];
  try {
    for (let index = 1; index < places.length; index++) splitter.push(text.slice(places[index - 1], places[index]), pieces);
    splitter.end();
  } catch (error) {
    return `${pieces.length} then ${(error as Error).message}`;
  }
  return pieces;
}

test('elements with the lines on which they start', () => {
  expect(split('[\n {"a": "],[{\\"}"},\n\n [1,\n2], 3,"x"]\n')).toEqual([
    { line: 2, text: '\n {"a": "],[{\\"}"}' },
    { line: 4, text: '\n\n [1,\n2]' },
    { line: 5, text: ' 3' },
    { line: 5, text: '"x"' },
  ]);
  expect(split('[]')).toEqual([]);
});

test('a broken element costs itself only', () => {
  expect(split('[{"id":1},\n{"id":2,"a":[1},\n{"id":3,"t":"open\n},\n{"id":4},,\n{"id":5}]')).toEqual([
    { line: 1, text: '{"id":1}' },
    { line: 2, problem: 'is not JSON: a bracket is closed by one of the other kind' },
    { line: 3, text: '\n{"id":3,"t":"open\n}' },
    { line: 5, text: '\n{"id":4}' },
    { line: 5, problem: 'is not JSON: there is nothing between two commas' },
    { line: 6, text: '\n{"id":5}' },
  ]);
});

test('what is no list, or ends too early or too late', () => {
  expect(split('{"id":1}')).toContain("expected a list of objects [ … ], got '{'");
  expect(split('  \n')).toBe('0 then is empty');
  expect(split('[{"id":1},')).toBe('1 then the file ends before the list does: is it cut off?');
  expect(split('[{"id":1},{"id":2')).toBe('1 then the record that starts here never ends');
  expect(split('[{"id":1}] x')).toBe("1 then there is more behind the end of the list: 'x'");
});

test('a depth bomb is refused, and the next element is read', () => {
  expect(split(`[${'['.repeat(100_000)}${']'.repeat(100_000)},2]`)).toEqual([
    { line: 1, problem: 'is nested more than 64 levels deep' },
    { line: 1, text: '2' },
  ]);
});

test('any list splits into its elements, wherever it is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), fc.nat(3), fc.array(fc.nat(), { maxLength: 10 }), (list, indent, cuts) => {
      const pieces = split(JSON.stringify(list, null, indent), cuts);
      expect(Array.isArray(pieces) && pieces.map((piece) => ('text' in piece ? JSON.parse(piece.text) : piece))).toEqual(
        JSON.parse(JSON.stringify(list)),
      );
    }),
  );
});

test('the cuts make no difference, whatever the text', () => {
  const garbage = fc.string({ unit: fc.constantFrom('[', ']', '{', '}', '"', '\\', ',', '\n', 'a', ' '), maxLength: 40 });
  fc.assert(
    fc.property(garbage, fc.array(fc.nat(), { maxLength: 8 }), (text, cuts) => {
      expect(split(`[${text}`, cuts)).toEqual(split(`[${text}`));
    }),
    { numRuns: 2000 },
  );
});

test('lines: blank ones left out, CRLF, no line break at the end, one too long', () => {
  const splitter = new LineSplitter();
  const pieces = [...splitter.push('{"a":1}\r\n\n  \n{"b"'), ...splitter.push(':2}')];
  pieces.push(...splitter.push('\n'));
  for (let count = 0; count < 20; count++) pieces.push(...splitter.push('x'.repeat(1 << 20)));
  pieces.push(...splitter.push('\n{"c":3}'), ...splitter.end());
  expect(pieces).toEqual([
    { line: 1, text: '{"a":1}\r' },
    { line: 4, text: '{"b":2}' },
    { line: 5, problem: 'is longer than 16 MiB' },
    { line: 6, text: '{"c":3}' },
  ]);
});
