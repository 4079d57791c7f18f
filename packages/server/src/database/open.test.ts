import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { databaseUrl, openDatabase } from './open.ts';
import type { Tables } from './tables.ts';

let dataDirectory: string;
beforeAll(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), 'lw-open-'));
});
afterAll(() => rm(dataDirectory, { recursive: true, force: true }));

it('opens the product’s tables in a data folder, for a server and a command beside it', async () => {
  const log: string[] = [];
  const options = { dataDirectory, appVersion: '1.0.0', log: (line: string) => log.push(line) };
  const server = await openDatabase<Tables>(options);
  await server.db.insertInto('people').values({ name: 'Ada', email: 'ada@example.org', password_hash: null, disabled_at: null }).execute();
  const command = await openDatabase<Tables>({ ...options, attach: true });
  expect(await command.db.selectFrom('people').select('name').execute()).toEqual([{ name: 'Ada' }]);
  await command.close();
  expect(await server.db.selectFrom('people').select('name').execute()).toEqual([{ name: 'Ada' }]);
  await server.close();
  expect(log.every((line) => /migrated to \d{4}-/.test(line))).toBe(true);
});

it('takes the address from the flag, else from the environment', () => {
  const environment = { DATABASE_URL: 'postgres://b' };
  expect(databaseUrl('postgres://a', environment)).toBe('postgres://a');
  expect(databaseUrl(undefined, environment)).toBe('postgres://b');
  expect(databaseUrl(undefined, { DATABASE_URL: '' })).toBeUndefined();
});
