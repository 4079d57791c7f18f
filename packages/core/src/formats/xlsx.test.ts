import { expect, test } from 'vitest';
import type { ReadOptions } from './format.ts';
import { allEvents, memoryFile, writtenBytes } from './in-memory.ts';
import { itemId } from '../model/ids.ts';
import xlsx from './xlsx.ts';

/** A ZIP archive of stored parts, so that the workbooks here come from another writer than ours. */
function archive(parts: Readonly<Record<string, string>>, declaredSize?: number): Uint8Array {
  const encoder = new TextEncoder();
  const bytes: number[] = [];
  const directory: number[] = [];
  const number = (list: number[], value: number, width: number): void => {
    for (let byte = 0; byte < width; byte++) list.push(Math.floor(value / 256 ** byte) & 255);
  };
  for (const [name, text] of Object.entries(parts)) {
    const content = encoder.encode(text);
    const offset = bytes.length;
    const header = (list: number[]): void => {
      for (const [value, width] of [
        [20, 2],
        [0, 2],
        [0, 2],
        [0, 4],
        [crc32(content), 4],
        [content.length, 4],
        [declaredSize ?? content.length, 4],
        [name.length, 2],
        [0, 2],
      ])
        number(list, value, width);
    };
    number(bytes, 0x04034b50, 4);
    header(bytes);
    for (const byte of [encoder.encode(name), content].flatMap((piece) => Array.from(piece))) bytes.push(byte);
    number(directory, 0x02014b50, 4);
    number(directory, 20, 2);
    header(directory);
    for (const [value, width] of [
      [0, 2],
      [0, 2],
      [0, 2],
      [0, 4],
      [offset, 4],
    ])
      number(directory, value, width);
    directory.push(...encoder.encode(name));
  }
  const count = Object.keys(parts).length;
  const end: number[] = [];
  for (const [value, width] of [
    [0x06054b50, 4],
    [0, 4],
    [count, 2],
    [count, 2],
    [directory.length, 4],
    [bytes.length, 4],
    [0, 2],
  ])
    number(end, value, width);
  return Uint8Array.from([...bytes, ...directory, ...end]);
}

function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ -1) >>> 0;
}

const relationships = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';

function workbook(sheets: Readonly<Record<string, string>>, strings: readonly string[] = []): Record<string, string> {
  const names = Object.keys(sheets);
  const relation = (id: string, kind: string, target: string): string =>
    `<Relationship Id="${id}" Type="${relationships}/${kind}" Target="${target}"/>`;
  return {
    '[Content_Types].xml': '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
    '_rels/.rels': `<Relationships>${relation('rId1', 'officeDocument', 'xl/workbook.xml')}</Relationships>`,
    'xl/workbook.xml': `<workbook xmlns="${main}" xmlns:r="${relationships}"><sheets>${names.map((name, index) => `<sheet name="${name}" sheetId="${index + 1}" r:id="rId${index + 1}"/>`).join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships>${names.map((_, index) => relation(`rId${index + 1}`, 'worksheet', `worksheets/sheet${index + 1}.xml`)).join('')}${relation('rId90', 'sharedStrings', 'sharedStrings.xml')}${relation('rId91', 'styles', 'styles.xml')}</Relationships>`,
    ...Object.fromEntries(
      names.map((name, index) => [
        `xl/worksheets/sheet${index + 1}.xml`,
        `<worksheet xmlns="${main}"><sheetData>${sheets[name]}</sheetData></worksheet>`,
      ]),
    ),
    'xl/sharedStrings.xml': `<sst xmlns="${main}">${strings.map((text) => `<si><t>${text}</t></si>`).join('')}</sst>`,
    'xl/styles.xml': `<styleSheet xmlns="${main}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>`,
  };
}

async function read(bytes: Uint8Array, options: ReadOptions = {}): Promise<unknown[]> {
  const events = await allEvents(xlsx.read(memoryFile('f.xlsx', bytes), options));
  return events.map((event) =>
    event.kind === 'entry'
      ? [event.entry.line, event.entry.id, event.entry.fields]
      : `${event.problem.fatal ? 'FATAL ' : ''}${event.problem.line ?? '-'}: ${event.problem.message}`,
  );
}

const cell = (place: string, value: string | number, more = ''): string => `<c r="${place}"${more}><v>${value}</v></c>`;
const shared = (place: string, index: number): string => cell(place, index, ' t="s"');

test('a workbook as Excel writes it: shared strings behind the sheet, dates, formulas, gaps, another sheet', async () => {
  const rows = [
    `<row r="2">${shared('A2', 0)}${shared('B2', 1)}${shared('C2', 2)}${shared('D2', 3)}</row>`,
    `<row r="3">${cell('A3', 7)}${shared('B3', 4)}${cell('C3', 45_658, ' s="1"')}<c r="D3"><f>1+1</f><v>2</v></c></row>`,
    '<row r="4"></row>',
    `<row r="5">${shared('A5', 5)}${cell('D5', 1, ' t="b"')}<c r="F5"/></row>`,
    `<row r="6">${shared('A6', 5)}</row>`,
    `<row r="7">${shared('A7', 6)}${cell('F7', 1)}</row>`,
    `<row r="8">${shared('B8', 4)}</row>`,
  ];
  const parts = workbook({ Mails: rows.join(''), Other: `<row r="1">${shared('A1', 4)}</row><row r="2">${cell('A2', 5)}</row>` }, [
    'id',
    'text',
    'day',
    'n',
    'Tom &amp; Jerry',
    'b',
    'c',
  ]);
  expect(await read(archive(parts))).toEqual([
    [3, '7', { text: 'Tom & Jerry', day: '2025-01-01', n: 2 }],
    [5, 'b', { n: true }],
    "6: item 'b' is there already: this one is left out",
    '7: has 6 cells, but the header has 4 columns',
    '8: item id must be a non-empty text, got ""',
  ]);
  expect(await read(archive(parts), { sheet: 'Other' })).toEqual([[2, '1', { 'Tom & Jerry': 5 }]]);
  expect(await read(archive(parts), { sheet: 'None' })).toEqual(['FATAL -: the sheet is empty, or is not there']);
});

test('what is no workbook says so', async () => {
  const text = (given: string): Uint8Array => new TextEncoder().encode(given);
  expect(await read(text('id,text\n'))).toEqual(['FATAL -: is not a workbook: it is no complete ZIP archive']);
  expect(await read(archive({ 'a.txt': 'x' }))).toEqual([expect.stringMatching(/^FATAL -: cannot be read as a workbook: /)]);
  expect(await read(Uint8Array.from([0xd0, 0xcf, 0x11, 0xe0]))).toEqual([expect.stringContaining('old .xls workbook')]);
  const whole = archive(workbook({ A: '<row r="1"></row>' }));
  expect(await read(whole.slice(0, -30))).toEqual([expect.stringMatching(/^FATAL/)]);
});

test('archives that unpack to far more than they are, are not unpacked', async () => {
  const parts = workbook({ A: '' });
  expect(await read(archive(parts, 3_000_000_000))).toEqual([expect.stringContaining('unpacks to more than')]);
  expect(await read(archive(parts, 300_000_000))).toEqual([expect.stringContaining('unpacks to more than 200 times its size')]);
  expect(await read(archive(parts, 0))).toEqual([expect.stringContaining('unpacks to more than 200 times its size')]);
});

test('more different texts than fit into memory are not unpacked', async () => {
  const parts = { ...workbook({ A: '' }), 'xl/sharedStrings.xml': `<sst>${'<si/>'.repeat(2_500_000)}</sst>` };
  const stored = archive({ ...parts, 'xl/sharedStrings.xml': parts['xl/sharedStrings.xml'].slice(0, 5_000_000) });
  expect(await read(stored)).not.toEqual([expect.stringContaining('elements')]);
  expect(await read(archive(parts))).toEqual([
    expect.stringContaining('has more than 1,000,000 elements (too many different texts?): save it as CSV'),
  ]);
});

test('losses: texts longer than a cell, nulls, nested values', async () => {
  const writing = xlsx.write?.({
    schema: { questions: [] },
    entries: (async function* () {
      yield { id: itemId('a'), fields: { text: 'x'.repeat(40_000), none: null, nested: [1, 'two'] }, votes: [] };
    })(),
  });
  if (!writing) throw new Error('does not write');
  const bytes = await writtenBytes(writing);
  expect(writing.losses()).toEqual([
    { what: "field 'text': 1 text is cut to 32767 characters: a cell holds no more", count: 1 },
    { what: "field 'none': 1 null is left out", count: 1 },
    { what: "field 'nested': 1 nested value becomes JSON text", count: 1 },
  ]);
  expect(await read(bytes)).toEqual([[2, 'a', { text: 'x'.repeat(32_767), nested: '[1,"two"]' }]]);
});
