import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addItems } from '../testing-content.ts';
import { startTestServer, type TestServer } from '../testing.ts';
import { tidySearch } from './imported-items.ts';
import { dropSearchIndex, ensureSearchIndex, hasSearchIndex, isBetterBuiltLater } from './search-index.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

test('without it, or with half of it, a search finds the same; it is built again, once', async () => {
  const { pool, db } = server.context;
  const owner = await server.addPerson();
  const project = await server.addProject(owner);
  await addItems(server.db, project, [{ text: 'free money' }, { text: 'lunch' }]);
  // Other words each time: what was found once is remembered.
  const found = async (search: string) => {
    const { rows } = await server.client(owner).queryItems({ params: { project }, body: { filter: { search } } });
    return rows.map(({ ordinal }) => ordinal);
  };
  expect(await hasSearchIndex(pool)).toBe(true);
  await dropSearchIndex(pool);
  expect(await hasSearchIndex(pool)).toBe(false);
  expect(await found('free')).toEqual([0]);
  await addItems(server.db, project, [{ text: 'money for nothing' }]);
  await tidySearch(db);
  expect(await found('money')).toEqual([0, 2]);
  await Promise.all([ensureSearchIndex(pool), ensureSearchIndex(pool)]);
  expect(await hasSearchIndex(pool)).toBe(true);
  expect(await found('money -free')).toEqual([2]);
  // As a kill leaves it.
  await sql`update pg_index set indisvalid = false where indexrelid = 'items_search'::regclass`.execute(db);
  expect(await hasSearchIndex(pool)).toBe(false);
  await tidySearch(db);
  await ensureSearchIndex(pool);
  expect(await hasSearchIndex(pool)).toBe(true);
  expect(await found('nothing')).toEqual([2]);
});

test('large files into small databases are imported without it', async () => {
  const { db } = server.context;
  expect(await isBetterBuiltLater(db, 1 << 20)).toBe(false);
  expect(await isBetterBuiltLater(db, 90 << 20)).toBe(true);
  await db.updateTable('projects').set({ items: 1_000_000 }).execute();
  expect(await isBetterBuiltLater(db, 90 << 20)).toBe(false);
});
