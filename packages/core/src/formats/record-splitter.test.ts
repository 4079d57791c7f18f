import * as fc from 'fast-check';
import Papa from 'papaparse';
import { describe, expect, test } from 'vitest';
import { csvCell } from './csv-line.ts';
import { maxRecordLength } from './limits.ts';
import { type DelimitedRecord, type Dialect, RecordSplitter } from './record-splitter.ts';

function split(text: string, cuts: readonly number[] = [], dialect: Dialect = { delimiter: ',', lineBreak: '\n' }): DelimitedRecord[] {
  const splitter = new RecordSplitter(dialect);
  const places = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
  const records = places.slice(1).flatMap((end, index) => splitter.push(text.slice(places[index], end)));
  return [...records, ...splitter.end()];
}

test('lines are right behind quoted line breaks, CRLF and blank lines', () => {
  expect(split('id,text\r\n1,"two\r\nlines"\r\n\n\r\n2,"a ""b"" c" \n3,5" pipe\n4,""')).toEqual([
    { line: 1, cells: ['id', 'text'] },
    { line: 2, cells: ['1', 'two\r\nlines'] },
    { line: 6, cells: ['2', 'a "b" c'] },
    { line: 7, cells: ['3', '5" pipe'] },
    { line: 8, cells: ['4', ''] },
  ]);
});

test('a CR inside quotes at the end of a cell is kept, the one of the line break is not', () => {
  expect(split('a,"b\r"\r\nc,d\r\n')).toEqual([
    { line: 1, cells: ['a', 'b\r'] },
    { line: 2, cells: ['c', 'd'] },
  ]);
});

test('files of old Macs: CR alone ends lines', () => {
  expect(split('a,b\r1,"x\ry"\r2,"z"\r', [], { delimiter: ',', lineBreak: '\r' })).toEqual([
    { line: 1, cells: ['a', 'b'] },
    { line: 2, cells: ['1', 'x\ry'] },
    { line: 4, cells: ['2', 'z'] },
  ]);
});

describe('a quote gone wrong costs its record, and the next line starts anew', () => {
  test('text behind a closing quote', () => {
    expect(split('1,"a" b,c\n2,ok,ok\n3,"x"y"\n4,"fine",\n')).toEqual([
      { line: 1, column: 1, problem: expect.stringContaining('text behind a closing quote') },
      { line: 2, cells: ['2', 'ok', 'ok'] },
      { line: 3, column: 1, problem: expect.stringContaining('text behind a closing quote') },
      { line: 4, cells: ['4', 'fine', ''] },
    ]);
  });

  test('a quote that is never closed', () => {
    expect(split('1,ok\n2,"open\n3,ok\n4,ok\n')).toEqual([
      { line: 1, cells: ['1', 'ok'] },
      { line: 2, column: 1, problem: 'has a quote that is never closed' },
      { line: 3, cells: ['3', 'ok'] },
      { line: 4, cells: ['4', 'ok'] },
    ]);
  });

  test('every line of many, in linear time', () => {
    const records = split('"x\n'.repeat(200_000));
    expect(records).toHaveLength(200_000);
    expect(records.every((record) => 'problem' in record)).toBe(true);
  });
});

test('a record that is too long is dropped while it streams', () => {
  const splitter = new RecordSplitter({ delimiter: ',', lineBreak: '\n' });
  const records = splitter.push('1,ok\n2,');
  const part = 'x'.repeat(1 << 20);
  for (let count = 0; count < 40; count++) records.push(...splitter.push(part));
  records.push(...splitter.push('\n3,ok\n'), ...splitter.end());
  expect(records).toEqual([
    { line: 1, cells: ['1', 'ok'] },
    { line: 2, problem: 'is longer than 16 MiB: is a quote left open?' },
    { line: 3, cells: ['3', 'ok'] },
  ]);
  expect((splitter as unknown as { text: string }).text.length).toBeLessThan(2 * maxRecordLength);
});

test('an open quote and 17 MiB: the line is named, the lines behind it are read', () => {
  const rows = `${'x'.repeat(1000)},y\n`.repeat(17_000);
  const records = split(`1,"open\n${rows}`, [5_000_000, 12_000_000]);
  expect(records[0]).toEqual({ line: 1, problem: 'is longer than 16 MiB: is a quote left open?' });
  expect(records).toHaveLength(17_001);
  expect(records[17_000].line).toBe(17_001);
});

const garbage = fc.string({ unit: fc.constantFrom('"', '"', ',', '\n', '\r', 'a', ' ', '\t', '\ufeff', 'é'), maxLength: 60 });

test('the cuts between chunks make no difference, whatever the text', () => {
  fc.assert(
    fc.property(garbage, fc.array(fc.nat(), { maxLength: 12 }), fc.constantFrom('\n' as const, '\r' as const), (text, cuts, lineBreak) => {
      expect(split(text, cuts, { delimiter: ',', lineBreak })).toEqual(split(text, [], { delimiter: ',', lineBreak }));
    }),
    { numRuns: 2000 },
  );
});

test('what it takes for a record, Papa takes for one, with the same cells', () => {
  fc.assert(
    fc.property(garbage, (text) => {
      const lines = text.split('\n');
      for (const record of split(text)) {
        if ('problem' in record) continue;
        const { data } = Papa.parse<string[]>(`\n${lines.slice(record.line - 1).join('\n')}\n`, { delimiter: ',', newline: '\n' });
        const cells = data[1];
        expect([cells, [...cells.slice(0, -1), (cells.at(-1) ?? '').replace(/\r$/, '')]]).toContainEqual(record.cells);
      }
    }),
    { numRuns: 2000 },
  );
});

test('cells come back as they were written', () => {
  const cell = fc.string({ unit: fc.constantFrom('"', ',', ';', '\n', '\r', 'a', ' ', '\ufeff', '😀'), maxLength: 8 });
  fc.assert(
    fc.property(
      fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 5 }),
      fc.array(fc.nat(), { maxLength: 5 }),
      (rows, cuts) => {
        const text = rows.map((row) => `${row.map((given) => csvCell(given)).join(',')}\n`).join('');
        expect(split(text, cuts).map((record) => ('cells' in record ? record.cells : record))).toEqual(rows);
      },
    ),
    { numRuns: 1000 },
  );
});
