import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Pool, PoolClient } from 'pg';
import type { Db } from '../context.ts';

/** Words of so many bytes take longer to be put in the index one after the other than to be read once more for a new one. */
const manyBytes = 20 << 20;
/** With more items that are there already, it is the other way round. */
const fewItems = 250_000;
const lockKey = 7_610_446;

/** Whether the words of a file are better put in a new search index after it. */
export async function isBetterBuiltLater(db: Db, fileBytes: number): Promise<boolean> {
  if (fileBytes < manyBytes) return false;
  const { rows } = await sql<{ items: number }>`select coalesce(sum(items), 0)::int as items from projects`.execute(db);
  return rows[0].items <= fewItems;
}

/** Until it is built anew, a search looks through the items. Where somebody uses it for longer than a few seconds, or builds it, it stays. */
export async function dropSearchIndex(pool: Pool): Promise<void> {
  await withLock(pool, 'if it is free', async (client) => {
    await client.query(`set statement_timeout = '5s'`);
    await client.query('drop index concurrently if exists items_search').catch(() => undefined);
  });
}

/** Builds the search index where there is none, or one whose building or dropping was broken off. Others read and write meanwhile. */
export async function ensureSearchIndex(pool: Pool): Promise<void> {
  await withLock(pool, 'wait', async (client) => {
    if (await hasSearchIndex(client)) return;
    await client.query(`set maintenance_work_mem = '128MB'`);
    await client.query('drop index concurrently if exists items_search');
    await client.query('create index concurrently items_search on items using gin (item_words(fields))');
  });
}

export async function hasSearchIndex(connection: Pool | PoolClient): Promise<boolean> {
  const { rows } = await connection.query<{ valid: boolean }>(
    `select indisvalid and indisready and indislive as valid from pg_index where indexrelid = to_regclass('items_search')`,
  );
  return rows[0]?.valid ?? false;
}

/** One at a time, of all servers. Not in a transaction: work beside others' cannot be. */
async function withLock(pool: Pool, mode: 'wait' | 'if it is free', work: (client: PoolClient) => Promise<void>): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('set lock_timeout = 0');
    await client.query('set statement_timeout = 0');
    // Asked for again and again: whoever has it would wait for the snapshot of one that waits.
    while (!(await tryLock(client))) {
      if (mode === 'if it is free') return;
      await sleep(250);
    }
    await work(client);
  } finally {
    // The lock and the settings end with the connection.
    client.release(true);
  }
}

async function tryLock(client: PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [lockKey]);
  return rows[0].locked;
}
