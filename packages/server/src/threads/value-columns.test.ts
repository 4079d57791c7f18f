import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OrdinalSet } from '../columns/ordinal-set.ts';
import { fieldCondition, matchingOrdinals } from '../stores/text-conditions.ts';
import { addItems } from '../testing-content.ts';
import { startTestServer, type TestServer } from '../testing.ts';
import { plannedFields } from './planned-fields.ts';
import { type Compared, idOrder, ValueColumns } from './value-columns.ts';

let server: TestServer;
let project: number;
beforeAll(async () => {
  server = await startTestServer();
  project = await server.addProject(await server.addPerson());
});
afterAll(() => server.close());

const n = 600;
const odd = [
  '',
  ' ',
  'spam',
  'Spam',
  'ham',
  'ä',
  'z',
  'Ä',
  '💩',
  '10',
  ' 10 ',
  '1e3',
  '1e999',
  '.5',
  '5.',
  '-0',
  '+7',
  '0x10',
  'NaN',
  '2002-08-22',
  '٣',
  'x'.repeat(100),
  'x'.repeat(101),
];
const numbers = [0, -0.5, 3, 1e3, 1e-7, 123_456_789.125, -12];
let state = 11;
const random = (below: number) => (state = (state * 48_271) % 2_147_483_647) % below;
const oddValue = () => [odd[random(odd.length)], numbers[random(numbers.length)], random(40), true, null, ['a'], { b: 1 }][random(7)];
const items = () =>
  Array.from({ length: n / 2 }, (_, at) => ({
    // Too many different texts, some of which are numbers; few; numbers only; of all kinds; a text too long for a keyword.
    many: at % 3 === 0 ? `value ${at}` : at,
    few: ['spam', 'ham', '', null][random(4)],
    size: random(50) / 4,
    ...(at % 7 > 0 && { odd: oddValue() }),
    long: at === 250 ? 'y'.repeat(300) : ['a', 'b', '1'][random(3)],
  }));

const field = fc.constantFrom('many', 'few', 'size', 'odd', 'long', 'nowhere');
const is = fc.constantFrom<Compared['is']>('equals', 'above', 'below', 'empty');
const value = fc.oneof(
  fc.constantFrom(...odd, ...numbers.map(String), 'value 9', 'b', 'true', '["a"]', '7.5', '7.50', '3.0'),
  fc.integer({ min: -5, max: 60 }).map(String),
  fc.string({ maxLength: 3, unit: 'grapheme' }).filter((text) => !text.includes('\0')),
);

const ordinalsOf = (set: OrdinalSet) => Array.from({ length: set.n }, (_, ordinal) => ordinal).filter((ordinal) => set.has(ordinal));

test('finds what the database finds, for any comparison; what it does not know, it leaves to the database', async () => {
  const columns = new ValueColumns(server.context.pool, 1 << 20);
  await addItems(server.db, project, items());
  let known = 0;
  let asked = 0;
  const check = (below: number) =>
    fc.assert(
      fc.asyncProperty(field, is, value, async (name, comparison, wanted) => {
        asked++;
        const bits = await columns.compare({ project, field: name, is: comparison, value: wanted, n: below });
        if (!bits) return;
        known++;
        const found = new OrdinalSet(below);
        found.addBits(bits);
        const expected = new OrdinalSet(below);
        const condition = await fieldCondition(server.db, { name, is: comparison, value: wanted });
        expected.addPacked(await matchingOrdinals(server.db, project, condition, 0));
        expect(ordinalsOf(found), JSON.stringify([name, comparison, wanted])).toEqual(ordinalsOf(expected));
      }),
      { numRuns: 400, seed: 5 },
    );
  await check(n / 2);
  await addItems(server.db, project, items());
  await check(n);
  expect(known).toBeGreaterThan(asked / 2);
  // Of texts that are too long, only numbers are known.
  expect(await columns.compare({ project, field: 'long', is: 'equals', value: 'a', n })).toBeNull();
  expect(await columns.compare({ project, field: 'long', is: 'above', value: '0', n })).not.toBeNull();
});

test('more fields than there is room for are read again', async () => {
  const columns = new ValueColumns(server.context.pool, 100);
  const of = (name: string) => columns.compare({ project, field: name, is: 'above', value: '5', n });
  const first = await of('size');
  await of('odd');
  expect(await of('size')).toEqual(first);
});

test('the order by id is that of the database', async () => {
  const { rows } = await sql<{ ordinal: number }>`select ordinal from items where project_id = ${project} order by id`.execute(server.db);
  expect([...(await idOrder(server.context.pool, { project, n }))]).toEqual(rows.map(({ ordinal }) => ordinal));
  expect((await idOrder(server.context.pool, { project, n: 100 })).length).toBe(100);
});

test('short values are prepared for comparisons, the longest text for parts of words', async () => {
  const other = await server.addProject(await server.addPerson());
  await addItems(
    server.db,
    other,
    Array.from({ length: 5 }, (_, at) => ({ size: at, title: 't'.repeat(50), text: 'x'.repeat(80), group: 'spam' })),
  );
  expect(await plannedFields(server.context.pool, other)).toEqual([
    { kind: 'compare', field: 'group' },
    { kind: 'compare', field: 'size' },
    { kind: 'search', field: 'text' },
  ]);
});
