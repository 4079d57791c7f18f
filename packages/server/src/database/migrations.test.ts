import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { migrate, migrations, type Migrations } from './migrations.ts';
import { freshDatabase } from './testing.ts';

type Fresh = Awaited<ReturnType<typeof freshDatabase>>;

let held: Fresh;
let fresh: Fresh;
// One server for all of them, where none serves the whole run.
beforeAll(async () => {
  held = await freshDatabase({ migrations: {} });
});
afterAll(() => held.close());
beforeEach(async () => {
  fresh = await freshDatabase({ migrations: {} });
});
afterEach(() => fresh.close());

const make = (table: string) => ({
  up: (db: Fresh['db']) =>
    fresh.pool &&
    sql
      .raw(`create table ${table} (n integer)`)
      .execute(db)
      .then(() => undefined),
});
const tables = async () => {
  const { rows } = await fresh.pool.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'public' order by 1`,
  );
  return rows.map(({ name }) => name).filter((name) => !name.startsWith('migration'));
};
const meta = async (key: string) =>
  (await fresh.pool.query<{ value: unknown }>('select value from meta where key = $1', [key])).rows[0]?.value;
const run = (list: Migrations, appVersion = '1.0.0') => migrate(fresh.db, { migrations: list, appVersion });

it('runs what is new, in order, once, and notes who did', async () => {
  expect(await run({ '0002-a': make('a') })).toEqual(['0002-a']);
  expect(await run({ '0002-a': make('a') })).toEqual([]);
  expect(await run({ '0002-a': make('a'), '0003-b': make('b'), '0004-c': make('c') }, '1.1.0')).toEqual(['0003-b', '0004-c']);
  expect(await tables()).toEqual(['a', 'b', 'c', 'meta']);
  expect(await meta('schema')).toEqual({ version: '1.1.0' });
  expect(await meta('instance')).toMatch(/^[0-9a-f]{8}-/);
});

it('rolls a failing migration back whole and keeps those before it', async () => {
  const failing = { up: async (db: Fresh['db']) => void (await sql.raw('create table half (n integer); select 1 / 0').execute(db)) };
  await expect(run({ '0002-a': make('a'), '0003-bad': failing, '0004-c': make('c') })).rejects.toMatchObject({
    code: 'migration-failed',
    message: 'database: the migration 0003-bad failed and was rolled back: division by zero',
  });
  expect(await tables()).toEqual(['a', 'meta']);
  expect(await run({ '0002-a': make('a'), '0003-bad': make('b') })).toEqual(['0003-bad']);
});

it('lets one of several processes run them', async () => {
  const list = { '0002-a': make('a'), '0003-b': make('b') };
  const ran = await Promise.all([run(list), run(list), run(list)]);
  expect(ran.flat().sort()).toEqual(['0002-a', '0003-b']);
});

it('P78: refuses a schema that a newer program made, and changes nothing', async () => {
  await run({ '0002-a': make('a'), '0003-b': make('b') }, '2.0.0');
  await expect(run({ '0002-a': make('a') }, '1.0.0')).rejects.toMatchObject({
    code: 'newer-schema',
    message:
      'database: Labelwright 2.0.0 changed its tables (0003-b), this is 1.0.0: start the newer Labelwright, or restore a backup made before it',
  });
  expect(await meta('schema')).toEqual({ version: '2.0.0' });
});

it('does not change the tables under a running process, and is content where nothing is to do', async () => {
  const shared = (list: Migrations) => migrate(fresh.db, { migrations: list, appVersion: '1.1.0', shared: true });
  expect(await shared({})).toEqual([]);
  await expect(shared({ '0002-a': make('a') })).rejects.toMatchObject({
    code: 'older-schema',
    message: expect.stringContaining('stop it and start this one'),
  });
  expect(await tables()).toEqual(['meta']);
});

it('P78: is killed in the middle: the schema is the one before, and the next start brings it up', async () => {
  const script = fileURLToPath(new URL('testing-children/run.mjs', import.meta.url));
  const child = spawn('node', [script, './slow-migration.ts', fresh.url], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.kill('SIGKILL');
  expect(await tables()).toEqual(['first', 'meta']);
  expect(await run({ '0002-first': make('first'), '0003-second': make('second') })).toEqual(['0003-second']);
  expect(await tables()).toEqual(['first', 'meta', 'second']);
});

it('gives the connection back with the time limits it had', async () => {
  await run({ '0002-a': make('a') });
  await sleep(0);
  const limits = await Promise.all(
    Array.from(
      { length: 5 },
      async () => (await fresh.pool.query<{ limit: string }>(`select current_setting('statement_timeout') as limit`)).rows[0].limit,
    ),
  );
  expect(new Set(limits)).toEqual(new Set(['30s']));
});

it('has the product’s own in the order of their names', () => {
  const names = Object.keys(migrations);
  expect(names).toEqual([...names].sort());
  for (const [i, name] of names.entries()) expect(Number(name.slice(0, 4))).toBe(i + 1);
});
