import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectDatabase, type Database, faultOf, type Server } from './connect.ts';
import { withoutPassword } from './connection-faults.ts';
import { freshDatabase } from './testing.ts';

type Fresh = Awaited<ReturnType<typeof freshDatabase>>;

let fresh: Fresh;
beforeAll(async () => {
  fresh = await freshDatabase({ migrations: {} });
});
afterAll(() => fresh.close());

async function faultFor(url: string): Promise<{ code: string; message: string }> {
  return connectDatabase(url).then(
    () => expect.unreachable('it should not connect'),
    (error: unknown) => error as { code: string; message: string },
  );
}

describe('an address that does not work says what to do, never the password', () => {
  it('wrong password', async () => {
    const fault = await faultFor(fresh.url.replace(/:[^:@/]*@/, ':hunter2@'));
    expect(fault.code).toBe('database-unreachable');
    expect(fault.message).toMatch(/^database postgres:\/\/[a-z]+@.*: the user or the password is wrong: /);
    expect(JSON.stringify(fault) + fault.message).not.toContain('hunter2');
  });

  it('nobody listens', async () => {
    const fault = await faultFor('postgres://ada:hunter2@127.0.0.1:1/labels');
    expect(fault.message).toBe(
      'database postgres://ada@127.0.0.1:1/labels: nobody listens there: start PostgreSQL, or correct host and port',
    );
    expect((await faultFor('postgres://ada:hunter2@localhost:1/labels')).message).toContain('nobody listens there');
  });

  it('no such database', async () => {
    const fault = await faultFor(fresh.url.replace(/labelwright_test_[^?]*/, 'absent'));
    expect(fault.message).toContain('/absent: there is no such database: create it');
  });

  it('no address at all', async () => {
    for (const url of ['localhost/labels', 'mysql://ada:hunter2@localhost/labels', 'postgres://ada:hun ter2@:x/']) {
      const fault = await faultFor(url);
      expect(fault.message).toContain('postgres://user:password@host:5432/database');
      expect(fault.message).not.toContain('hun');
    }
    expect(withoutPassword('postgres://ada:hunter2@/labels?host=%2Frun%2Fpg&password=hunter2')).toBe('postgres://ada@/run/pg/labels');
  });
});

describe('a server that would lose labels is refused', () => {
  const good: Server = { version: '15.2', number: 150_002, encoding: 'UTF8', fsync: 'on', commit: 'on', pages: 'on', replica: false };

  it('by what it says of itself', () => {
    expect(faultOf(good)).toBeUndefined();
    expect(faultOf({ ...good, version: '14.9', number: 140_009 })?.text).toBe('it is PostgreSQL 14.9, Labelwright needs 15 or newer');
    expect(faultOf({ ...good, encoding: 'LATIN1' })?.code).toBe('database-unsafe');
    expect(faultOf({ ...good, commit: 'off' })?.code).toBe('database-unsafe');
    expect(faultOf({ ...good, replica: true })?.text).toContain('read-only replica');
  });

  it.skipIf(process.env.LABELWRIGHT_TEST_DATABASE)('asked for real', async () => {
    // The servers of tests do not wait for the disk.
    await expect(connectDatabase(fresh.url)).rejects.toMatchObject({ code: 'database-unsafe', message: expect.stringContaining('fsync') });
  });
});

describe('a connection', () => {
  let database: Database<unknown>;
  const logged: string[] = [];
  beforeAll(async () => {
    database = await connectDatabase(fresh.url, {
      unsafe: true,
      connections: 2,
      statementTimeoutMs: 200,
      log: (line) => logged.push(line),
    });
  });
  afterAll(() => database.close());

  const value = async (text: string) => (await database.pool.query<{ value: unknown }>(`select ${text} as value`)).rows[0].value;

  it('gives numbers for bigint and numeric, dates as written, JSON as it is', async () => {
    expect(await value('count(*)')).toBe(1);
    expect(await value('12.50::numeric')).toBe(12.5);
    expect(await value("date '2026-03-29'")).toBe('2026-03-29');
    expect(await value('array[1, null, 9007199254740991]::bigint[]')).toEqual([1, null, 9_007_199_254_740_991]);
    expect(await value("'{}'::numeric[]")).toEqual([]);
    expect(await value(`'{"a": [1.5, "ä"]}'::jsonb`)).toEqual({ a: [1.5, 'ä'] });
    expect(await value("timestamptz '2026-01-01T00:00:00Z'")).toEqual(new Date('2026-01-01T00:00:00Z'));
  });

  it('refuses a bigint that a number cannot hold', async () => {
    await expect(value('9007199254740993')).rejects.toMatchObject({ code: 'number-too-large' });
    expect(await value('9007199254740993::text')).toBe('9007199254740993');
  });

  it('ends statements and transactions that take too long', async () => {
    await expect(sql`select pg_sleep(5)`.execute(database.db)).rejects.toMatchObject({ code: '57014' });
    expect(await value("current_setting('lock_timeout')")).toBe('10s');
    expect(await value("current_setting('idle_in_transaction_session_timeout')")).toBe('1min');
  });

  it('lives on when the server ends a connection in the middle of a transaction', async () => {
    const broken = database.db.transaction().execute(async (transaction) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(transaction);
      await fresh.pool.query('select pg_terminate_backend($1)', [rows[0].pid]);
      await new Promise((resolve) => setTimeout(resolve, 50));
      await sql`select 1`.execute(transaction);
    });
    await expect(broken).rejects.toThrow(/connection/i);
    expect(await value('1')).toBe(1);
  });
});
