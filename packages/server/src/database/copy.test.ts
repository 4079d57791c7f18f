import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CopyValue, copyRows } from './copy.ts';
import { freshDatabase } from './testing.ts';

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  fresh = await freshDatabase({ migrations: {} });
  await fresh.pool.query(
    `create table loaded (n integer primary key, text text, json jsonb, bytes bytea, flag boolean, at timestamptz, labels text[], shares real[])`,
  );
});
afterAll(() => fresh.close());

const target = 'loaded (n, text, json, bytes, flag, at, labels, shares)';
async function load(rows: Iterable<readonly CopyValue[]>): Promise<number> {
  const client = await fresh.pool.connect();
  return copyRows(client, target, rows).finally(() => client.release());
}
const count = async () => (await fresh.pool.query<{ count: number }>('select count(*) from loaded')).rows[0].count;
const empty = (n: number | string): CopyValue[] => [n, null, null, null, null, null, null, null];

it('loads every kind of value as it is', async () => {
  const text = 'tab\tline\nreturn\r back\\slash \\N "quoted" {braces} 日本語 🎉';
  const at = new Date('2026-02-03T04:05:06.789Z');
  const row = [1, text, JSON.stringify({ text }), Buffer.from([0, 9, 10, 92, 255]), true, at, ['a,b', 'c"d', 'e\\f', '', 'NULL'], [0.5, 1]];
  expect(await load([row, empty(2)])).toBe(2);
  const { rows } = await fresh.pool.query('select * from loaded order by n');
  expect(rows[0]).toEqual({ n: 1, text, json: { text }, bytes: row[3], flag: true, at, labels: row[6], shares: [0.5, 1] });
  expect(rows[1]).toEqual({ n: 2, text: null, json: null, bytes: null, flag: null, at: null, labels: null, shares: null });
});

it('loads all or nothing, whoever fails, and leaves the connection usable', async () => {
  const before = await count();
  await expect(load([empty(10), empty('ten')])).rejects.toMatchObject({ code: '22P02' });
  await expect(load([empty(10), empty(1)])).rejects.toMatchObject({ code: '23505' });
  const ending = function* () {
    yield empty(10);
    throw new Error('the file ends here');
  };
  await expect(load(ending())).rejects.toThrow('the file ends here');
  await expect(
    load(
      Array.from({ length: 50_000 }, (_, i) =>
        i === 100 ? empty('early') : [i + 10, 'x'.repeat(100), null, null, null, null, null, null],
      ),
    ),
  ).rejects.toMatchObject({ code: '22P02' });
  expect(await count()).toBe(before);
  expect(await load([])).toBe(0);
  expect(await load([empty(10)])).toBe(1);
});
