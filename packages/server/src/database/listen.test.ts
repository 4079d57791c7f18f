import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { onNotify } from './listen.ts';
import { freshDatabase } from './testing.ts';

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  fresh = await freshDatabase({ migrations: {} });
});
afterAll(() => fresh.close());

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(10);
}

it('hears its channels, and says when it may have missed something', async () => {
  const heard: string[] = [];
  let gaps = 0;
  const connection = { ...fresh.connection, application_name: 'ears' };
  const handlers = {
    run: (payload: string) => heard.push(payload),
    broken: () => {
      throw new Error('a handler’s fault is its own');
    },
  };
  const listening = await onNotify(connection, handlers, { onGap: () => (gaps += 1) });
  await fresh.pool.query(`select pg_notify('other', 'no'), pg_notify('broken', ''), pg_notify('run', '1')`);
  await until(() => heard.length === 1);
  await fresh.pool.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'ears'`);
  await until(() => gaps === 1);
  await fresh.pool.query(`select pg_notify('run', '2')`);
  await until(() => heard.length === 2);
  expect(heard).toEqual(['1', '2']);

  await listening.stop();
  await sleep(100);
  const { rows } = await fresh.pool.query(`select from pg_stat_activity where application_name = 'ears'`);
  expect(rows).toEqual([]);
});

it('fails at once where there is nobody to listen to', async () => {
  await expect(onNotify({ ...fresh.connection, connectionString: undefined, host: '127.0.0.1', port: 1, ssl: false }, {})).rejects.toThrow(
    'ECONNREFUSED',
  );
});
