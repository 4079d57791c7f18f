import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { itemId, labelId } from '../model/ids.ts';
import { checkVoteTable, type VoteTable } from '../model/vote-table.ts';
import { alignGold, readGold } from './gold.ts';
import { memoryFile, writtenBytes } from './in-memory.ts';
import { readVotes, type VoteReadOptions, type VotesRead } from './votes.ts';
import { writeVotes } from './votes-writing.ts';

const rowsOf = ({ items, labelers, labels, item, labeler, label, confidence }: VoteTable): string[] =>
  Array.from(item, (_, row) =>
    [items[item[row]], labelers[labeler[row]], labels[label[row]], ...(confidence ? [confidence[row]] : [])].join(' '),
  );

/** Rows as `item labeler label confidence`, problems as `line key: message`. */
async function read(
  text: string | Uint8Array,
  options: VoteReadOptions = {},
): Promise<Omit<VotesRead, 'votes' | 'problems'> & { rows: string[]; votes: VoteTable; problems: string[] }> {
  const result = await readVotes(memoryFile('votes.csv', text), options);
  checkVoteTable(result.votes);
  const problems = result.problems.map(
    (problem) =>
      `${problem.fatal ? 'FATAL ' : ''}${problem.line ?? '-'}${problem.key === undefined ? '' : ` ${problem.key}`}: ${problem.message}`,
  );
  return { ...result, problems, rows: rowsOf(result.votes) };
}

test('the contract: a header, a line a vote; names are numbered as they appear', async () => {
  const { votes, problems } = await read('item,labeler,label\na,r1,spam\na,r2,ham\nb,r1,ham\n');
  expect(problems).toEqual([]);
  expect(votes).toEqual({
    items: ['a', 'b'],
    labelers: ['r1', 'r2'],
    labels: ['spam', 'ham'],
    item: Int32Array.of(0, 0, 1),
    labeler: Int32Array.of(0, 1, 0),
    label: Int32Array.of(0, 1, 1),
  });
});

test('columns in any order, others passed over with a note, confidence where there is any', async () => {
  const { rows, notes, problems } = await read(
    '\ufeffLabel, confidence ,time,item,labeler\r\nspam,0.25,x,a,r1\r\nham,,é,a,r2\r\n\r\nham,1e-1,,b,r1',
  );
  expect(problems).toEqual([]);
  expect(rows).toEqual(['a r1 spam 0.25', 'a r2 ham NaN', 'b r1 ham 0.1']);
  expect(notes).toEqual(['a column is not read: time']);
});

test('semicolons and tabs; a delimiter that is told', async () => {
  expect((await read('item;labeler;label\na;r,1;spam\n')).rows).toEqual(['a r,1 spam']);
  expect((await read('item\tlabeler\tlabel\na\tr\tspam\n')).rows).toEqual(['a r spam']);
  expect((await read('item:labeler:label\na:r;1:spam\n', { delimiter: ':' })).rows).toEqual(['a r;1 spam']);
});

describe('one bad vote is a problem with its line, and the others are read', () => {
  const lines = [
    'item,labeler,label,confidence',
    'a,r1,spam,0.5',
    ',r1,spam,',
    'b,,spam,',
    'c,r1,,',
    'd,r1,spam,1.5',
    'e,r1,spam,high',
    'f,r1',
    'g,r1,spam,0.5,more',
    `${'x'.repeat(513)},r1,spam,`,
    'h\u0001,r1,spam,',
    'i,r1,ham,',
  ];
  const expected = [
    '3 item: is missing',
    '4 labeler: is missing',
    '5 label: is missing',
    "6 confidence: must be a number of 0..1, got '1.5'",
    "7 confidence: must be a number of 0..1, got 'high'",
    '8: has 2 cells, but the header has 4 columns',
    '9: has 5 cells, but the header has 4 columns',
    '10 item: item id must have at most 512 characters, got 513',
    '11 item: item id must not contain control characters, got "h\\u0001"',
  ];

  test.each([
    ['by bytes', {}],
    ['by the parser that knows everything', { encoding: 'utf-8' }],
  ])('%s', async (_, options) => {
    const { rows, problems, problemCount } = await read(`${lines.join('\n')}\n`, options);
    expect(rows).toEqual(['a r1 spam 0.5', 'i r1 ham NaN']);
    expect(problems).toEqual(expected);
    expect(problemCount).toBe(expected.length);
  });

  test('a million of them are counted, some are kept', async () => {
    const { problems, problemCount } = await read(`item,labeler,label\n${'a,b\n'.repeat(100_000)}`, { maxProblems: 10 });
    expect(problems).toHaveLength(10);
    expect(problemCount).toBe(100_000);
    const cut = await read(Uint8Array.from([...new TextEncoder().encode(`item,labeler,label\n${'a,b\n'.repeat(50)}`), 0xff]), {
      maxProblems: 10,
    });
    expect(cut.problems[10]).toMatch(/^FATAL 52: is not UTF-8/);
  });
});

test('a labeler that votes twice on an item: the same is merged, of different ones the first counts', async () => {
  const sorted = await read('item,labeler,label\na,r,spam\na,r,spam\na,r,ham\na,s,ham\nb,r,ham\n');
  expect(sorted.rows).toEqual(['a r spam', 'a s ham', 'b r ham']);
  expect(sorted.merged).toBe(1);
  expect(sorted.problems).toEqual(["4 label: 'r' votes 'ham' on item 'a', but 'spam' on line 2: the first vote counts"]);
  const mixed = await read('item,labeler,label\na,r,spam\nb,r,ham\n\na,r,ham\nb,s,ham\nb,r,ham\na,r,spam\n');
  expect(mixed.rows).toEqual(['a r spam', 'b r ham', 'b s ham']);
  expect(mixed.merged).toBe(2);
  expect(mixed.problems).toEqual(["5 label: 'r' votes 'ham' on item 'a', but 'spam' on line 2: the first vote counts"]);
});

test('known items and labels: the table has them all in their order, others are problems', async () => {
  const known = { knownItems: ['b', 'a', 'c'].map(itemId), knownLabels: ['ham', 'spam'].map(labelId) };
  for (const options of [known, { ...known, encoding: 'utf-8' }]) {
    const { votes, rows, problems } = await read('item,labeler,label\na,r,spam\nz,r,ham\nb,r,spm\n', options);
    expect(votes.items).toEqual(['b', 'a', 'c']);
    expect(votes.labels).toEqual(['ham', 'spam']);
    expect(rows).toEqual(['a r spam']);
    expect(problems).toEqual([
      "3 item: there is no item 'z' among the items",
      "4 label: there is no label 'spm', did you mean 'spam'? The labels are ham, spam",
    ]);
  }
});

test('headers that are none', async () => {
  expect((await read('item,labeller,label\na,r,spam\n')).problems).toEqual([
    "FATAL 1: there is no column 'labeler' (is it 'labeller'?): the header must be item,labeler,label,[confidence], got item,labeller,label",
  ]);
  expect((await read('item,labeler,label,label\n')).problems).toEqual(["FATAL 1: there are two columns 'label'"]);
  expect((await read('')).problems).toEqual(['FATAL -: is empty']);
  expect((await read('item,labeler,label\n')).rows).toEqual([]);
  expect((await read('item,labeler,label')).problems).toEqual([]);
});

test('JSON Lines with the same keys; spans are another file', async () => {
  const lines = [
    { item: 7, labeler: 'r', label: true, confidence: 0.5, note: 'x' },
    { item: 'a', labeler: 'r', label: 'spam' },
    { item: 'b', labeler: 'r', spans: [[0, 1, 'x']] },
    [],
    { item: 'c', label: 'spam' },
  ];
  const { rows, problems, notes } = await read(`${lines.map((line) => JSON.stringify(line)).join('\n')}\n{"item"`);
  expect(rows).toEqual(['7 r true 0.5', 'a r spam NaN']);
  expect(notes).toEqual(['a column is not read: note']);
  expect(problems).toEqual([
    '3 spans: votes on spans are not read here: this file is about labels of whole items',
    '4: must be an object with item, labeler and label',
    '5 labeler: is missing',
    expect.stringMatching(/^6: is not JSON/),
  ]);
});

test('quotes: simple ones by bytes, others by the parser, from that line on', async () => {
  const text =
    'item,labeler,label\n"a","r,1","spam"\r\nb,r,"say ""no"""\nc,r,"two\nlines"\n\n"d" ,r,ham\ne,r,"x"y\nf,r,ham\n"open,r,ham\ng,r,ham\n';
  const { rows, problems } = await read(text);
  expect(rows).toEqual(['a r,1 spam', 'b r say "no"', 'd r ham', 'f r ham', 'g r ham']);
  expect(problems).toEqual([
    '4 label: label id must not contain control characters, got "two\\nlines"',
    '8: has text behind a closing quote: quotes inside quotes are written twice',
    '10: has a quote that is never closed',
  ]);
});

test('bytes that are not UTF-8: what comes before counts, the line is named', async () => {
  const latin1 = Uint8Array.from(Array.from('item,labeler,label\na,r,ham\nb,r,é\nc,r,ham\n', (char) => char.charCodeAt(0)));
  const { rows, problems } = await read(latin1);
  expect(rows).toEqual(['a r ham']);
  expect(problems).toEqual([expect.stringMatching(/^FATAL 3: is not UTF-8: byte 0xE9/)]);
  expect((await read(latin1, { encoding: 'latin1' })).rows).toEqual(['a r ham', 'b r é', 'c r ham']);
});

test('UTF-16 and old Mac line ends are read too', async () => {
  const text = 'item,labeler,label\na,r,hé\n';
  const utf16 = Uint8Array.from([0xff, 0xfe, ...Array.from(text, (char) => [char.charCodeAt(0), 0]).flat()]);
  expect((await read(utf16)).rows).toEqual(['a r hé']);
  expect((await read(text.replaceAll('\n', '\r'))).rows).toEqual(['a r hé']);
});

const cell = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('a', 'b', 'item-1', 'item-2', 'é', '日本', '😀') },
  fc.constantFrom('', '"a"', '"b,c"', '"x""y"', '"', '5"', ' a', "'=x", '=x', "'a", '"a" ', '"\n"', '\r', '"a"b', '0.5', '1', '\ufeff'),
);
const line = fc.oneof(
  {
    weight: 10,
    arbitrary: fc
      .tuple(
        cell,
        cell,
        cell,
        fc.constantFrom('', '0.5', '.5', '1.', '1', '0', '2', 'x', '"0.25"', '1e-3', '0.1234567890123456', '.', ' 1 '),
      )
      .map((cells) => cells.join(',')),
  },
  fc.array(cell, { maxLength: 6 }).map((cells) => cells.join(',')),
);
const header = fc.constantFrom(
  'item,labeler,label,confidence',
  '"item","labeler",label,"confidence"',
  'label,item,labeler,x',
  'x,labeler,confidence,label,item',
  '\ufeffitem,labeler,label,confidence',
);
const file = fc
  .tuple(header, fc.array(fc.tuple(line, fc.constantFrom('\n', '\n', '\r\n', '\n\n')), { maxLength: 12 }), fc.boolean())
  .map(([head, lines, cut]) => {
    const text = `${head}\n${lines.flat().join('')}`;
    return cut ? text.trimEnd() : text;
  });

test('by bytes and by the parser: the same votes, problems, order, whatever the file and wherever it is cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      file,
      fc.array(fc.nat(), { maxLength: 6 }),
      fc.option(fc.tuple(fc.nat(), fc.integer({ min: 128, max: 255 })), { freq: 6 }),
      fc.boolean(),
      async (text, cuts, bad, known) => {
        const bytes = new TextEncoder().encode(text);
        if (bad) bytes[30 + (bad[0] % bytes.length)] = bad[1];
        const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((end, index) => bytes.slice(places[index], end));
        const options = known ? { knownItems: ['b', 'item-1', '=x'].map(itemId), knownLabels: ['a', 'item-2', 'é'].map(labelId) } : {};
        const fast = await readVotes(memoryFile('f', ...chunks), options);
        const slow = await readVotes(memoryFile('f', bytes), { ...options, encoding: 'utf-8' });
        const places2 = ({ problems }: VotesRead): unknown[] => problems.map((problem) => ({ ...problem, key: problem.key && 'a cell' }));
        expect({ ...fast, problems: places2(fast) }).toEqual({ ...slow, problems: places2(slow) });
      },
    ),
    { numRuns: 1500 },
  );
});

test('a table that is written reads back the same', async () => {
  const name = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }),
    fc.constantFrom('=x', "'=x", '-5', '-abc', '@me', '+1+1', 'a,b', '"', ' ', '\ufeff'),
  );
  const row = fc.tuple(name, name, name, fc.option(fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0)));
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(row, { selector: ([item, labeler]) => JSON.stringify([item, labeler]), maxLength: 10 }),
      async (rows) => {
        const number = new Map<string, Map<string, number>>();
        const numberOf = (kind: string, text: string): number => {
          const known = number.get(kind) ?? new Map<string, number>();
          number.set(kind, known);
          if (!known.has(text)) known.set(text, known.size);
          return known.get(text) ?? 0;
        };
        const clean = rows.filter((cells) => cells.slice(0, 3).every((text) => !/\p{Cc}/u.test(String(text))));
        const columns = [0, 1, 2].map((column) => Int32Array.from(clean, (cells) => numberOf(String(column), String(cells[column]))));
        const names = (column: string): never[] => [...(number.get(column)?.keys() ?? [])] as never[];
        const confidence = Float64Array.from(clean, (cells) => cells[3] ?? Number.NaN);
        const table: VoteTable = {
          items: names('0'),
          labelers: names('1'),
          labels: names('2'),
          item: columns[0],
          labeler: columns[1],
          label: columns[2],
          ...(confidence.some((value) => !Number.isNaN(value)) && { confidence }),
        };
        const chunks = (async function* () {
          yield* writeVotes(table);
        })();
        const { votes, problems } = await readVotes(memoryFile('f', await writtenBytes({ chunks })));
        expect(problems).toEqual([]);
        expect(votes).toEqual(table);
      },
    ),
    { numRuns: 500 },
  );
});

describe('gold', () => {
  test('CSV or JSON Lines; rows without a label are no gold', async () => {
    const { rows, problems } = await readGold(memoryFile('gold.csv', "item,label,who\na,spam,x\nb,,x\nc\n,ham,x\n'=d,ham,x\n"));
    expect(rows).toEqual([
      { item: 'a', label: 'spam', line: 2 },
      { item: '=d', label: 'ham', line: 6 },
    ]);
    expect(problems.map((problem) => problem.line)).toEqual([4, 5]);
    expect((await readGold(memoryFile('g.jsonl', '{"item":1,"label":["a","b"]}\n{"item":2}\n[]'))).rows).toEqual([
      { item: '1', label: 'a|b', line: 1 },
    ]);
    expect((await readGold(memoryFile('g.csv', 'id,label\n'))).problems).toMatchObject([
      { fatal: true, message: expect.stringContaining("there is no column 'item'") },
    ]);
  });

  test('beside votes: labels that nobody cast join, items without votes are counted', async () => {
    const { votes } = await read('item,labeler,label\na,r,ham\nb,r,ham\n');
    const rows = [
      { item: itemId('b'), label: labelId('spam'), line: 2 },
      { item: itemId('z'), label: labelId('ham'), line: 3 },
      { item: itemId('b'), label: labelId('ham'), line: 4 },
    ];
    const aligned = alignGold(votes, rows);
    expect(aligned.votes.labels).toEqual(['ham', 'spam']);
    expect(aligned.gold).toEqual({ item: Int32Array.of(1), label: Int32Array.of(1) });
    expect(aligned).toMatchObject({ unmatched: 1, contradicting: 1 });
  });
});
