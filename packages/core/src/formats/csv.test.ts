import { describe, expect, test } from 'vitest';
import csv from './csv.ts';
import type { ReadOptions } from './format.ts';
import { allEvents, memoryFile } from './in-memory.ts';
import tsv from './tsv.ts';

/** Entries as `[line, id, fields]`, problems as `line key: message`. */
async function read(text: string | Uint8Array, options: ReadOptions = {}, format = csv): Promise<unknown[]> {
  const events = await allEvents(format.read(memoryFile('f.csv', text), options));
  return events.map((event) =>
    event.kind === 'entry'
      ? [event.entry.line, event.entry.id, event.entry.fields]
      : `${event.problem.fatal ? 'FATAL ' : ''}${event.problem.line ?? '-'}${event.problem.key === undefined ? '' : ` ${event.problem.key}`}: ${event.problem.message}`,
  );
}

test('BOM, CRLF and quoted line breaks: clean header, exact rows', async () => {
  expect(await read('\ufeffid,text\r\na,"one\r\ntwo"\r\n\r\nb,three')).toEqual([
    [2, 'a', { text: 'one\r\ntwo' }],
    [5, 'b', { text: 'three' }],
  ]);
});

test('one bad record never stops an import, and every problem has its line', async () => {
  const text = [
    'id,text,n',
    'a,ok,1',
    'b,too few',
    'c,"bad" quote,2',
    ',no id,3',
    'a,again,4',
    'd,too,many,5',
    'e,nul\0 inside,6',
    `${'x'.repeat(513)},long id,7`,
    'f,ok,8',
    'g,"never closed,9',
    'h,ok,10',
    '',
  ];
  expect(await read(text.join('\n'))).toEqual([
    [2, 'a', { text: 'ok', n: '1' }],
    '3: has 2 cells, but the header has 3 columns',
    '4 text: has text behind a closing quote: quotes inside quotes are written twice',
    '5 id: item id must be a non-empty text, got ""',
    "6 id: item 'a' is there already: this one is left out",
    '7: has 4 cells, but the header has 3 columns',
    [8, 'e', { text: 'nul\ufffd inside', n: '6' }],
    '8 text: holds NUL characters: they are replaced by U+FFFD',
    '9 id: item id must have at most 512 characters, got 513',
    [10, 'f', { text: 'ok', n: '8' }],
    '11 text: has a quote that is never closed',
    [12, 'h', { text: 'ok', n: '10' }],
  ]);
});

test('line 500,001 of a million is named', async () => {
  async function* bytes(): AsyncGenerator<Uint8Array> {
    const encoder = new TextEncoder();
    for (let block = 0; block < 100; block++) {
      const rows = Array.from({ length: 10_000 }, (_, row) => {
        const line = 1 + block * 10_000 + row;
        return line === 1 ? 'id,text' : line === 500_001 ? 'broken' : `item-${line},text`;
      });
      yield encoder.encode(`${rows.join('\n')}\n`);
    }
  }
  let entries = 0;
  const problems: unknown[] = [];
  for await (const event of csv.read({ path: 'f.csv', bytes }, {})) {
    if (event.kind === 'entry') entries++;
    else problems.push(event.problem);
  }
  expect(entries).toBe(999_998);
  expect(problems).toEqual([{ file: 'f.csv', line: 500_001, message: 'has 1 cell, but the header has 2 columns' }]);
});

describe('ids', () => {
  test('without an id column they are positions, of lost records too', async () => {
    expect(await read('text\none\n"x"y\nthree\n')).toEqual([
      [2, '1', { text: 'one' }],
      '3 text: has text behind a closing quote: quotes inside quotes are written twice',
      [4, '3', { text: 'three' }],
    ]);
  });

  test('from the column that the user names; which must be there', async () => {
    expect(await read('mail;id\nm1;7\n', { idField: 'mail' })).toEqual([[2, 'm1', { id: '7' }]]);
    expect(await read('id,text\na,b\n', { idField: 'mail' })).toEqual(["FATAL 1: there is no column 'mail'; the columns are id, text"]);
  });
});

describe('headers', () => {
  test('only a header: no items', async () => {
    expect(await read('id,text\n')).toEqual([]);
  });

  test('nothing at all, or blank lines only', async () => {
    expect(await read('')).toEqual(['FATAL -: is empty']);
    expect(await read('\n\r\n\n')).toEqual(['FATAL -: is empty']);
  });

  test('two columns of one name, and one of none', async () => {
    expect(await read(',text,text,text_2\n1,a,b,c\n')).toEqual([
      "1: there are two columns 'text': the second is called 'text_3' here",
      [2, '1', { column_1: '1', text: 'a', text_3: 'b', text_2: 'c' }],
    ]);
  });

  test('names of object members are names like others', async () => {
    const [entry] = await allEvents(csv.read(memoryFile('f.csv', 'id,__proto__,constructor,toString\na,x,y,z\n'), {}));
    expect(entry.kind === 'entry' && Object.entries(entry.entry.fields)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
      ['toString', 'z'],
    ]);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  test('more columns than anybody has', async () => {
    expect(await read(`id${',x'.repeat(20_000)}\n`)).toEqual(['FATAL 1: the header has 20001 columns, at most 16384 are read']);
  });

  test('a broken one ends it', async () => {
    expect(await read('id,"te"xt\na,b\n')).toEqual([
      'FATAL 1: the header has text behind a closing quote: quotes inside quotes are written twice',
    ]);
  });
});

test('semicolons, tabs and bars are found; a delimiter can be told', async () => {
  for (const delimiter of [';', '\t', '|'])
    expect(await read(`id${delimiter}text\na${delimiter}b,c\n`)).toEqual([[2, 'a', { text: 'b,c' }]]);
  expect(await read('id:te,xt\na:b\n', { delimiter: ':' })).toEqual([[2, 'a', { 'te,xt': 'b' }]]);
  await expect(read('id,text\n', { delimiter: ', ' })).rejects.toThrow('delimiter: must be one character');
  expect(await read('id\ttext,more\na\tb\n', {}, tsv)).toEqual([[2, 'a', { 'text,more': 'b' }]]);
});

test('UTF-16 by its mark; Latin-1 is refused with the line, and read by name', async () => {
  const utf16 = Uint8Array.from([0xff, 0xfe, ...Array.from('id,text\na,é\n', (char) => [char.charCodeAt(0), 0]).flat()]);
  expect(await read(utf16)).toEqual([[2, 'a', { text: 'é' }]]);
  const latin1 = Uint8Array.from(Array.from('id,text\na,ok\nb,é\nc,ok\n', (char) => char.charCodeAt(0)));
  expect(await read(latin1)).toEqual([[2, 'a', { text: 'ok' }], expect.stringMatching(/^FATAL 3: is not UTF-8: byte 0xE9/)]);
  expect(await read(latin1, { encoding: 'iso-8859-1' })).toEqual([
    [2, 'a', { text: 'ok' }],
    [3, 'b', { text: 'é' }],
    [4, 'c', { text: 'ok' }],
  ]);
});

test('a text of more than 5,000,000 characters is a problem, not an item', async () => {
  expect(await read(`id,text\na,${'x'.repeat(5_000_001)}\nb,${'x'.repeat(5_000_000)}\n`)).toEqual([
    '2 text: holds a text of more than 5,000,000 characters',
    [3, 'b', { text: expect.any(String) }],
  ]);
});

test('apostrophes before formulas come off, others stay', async () => {
  expect(await read("id,text\n'=1,'=1+1\nb,'tis\nc,''=x\n")).toEqual([
    [2, '=1', { text: '=1+1' }],
    [3, 'b', { text: "'tis" }],
    [4, 'c', { text: "'=x" }],
  ]);
});
