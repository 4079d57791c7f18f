import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addItems } from '../testing-content.ts';
import { startTestServer, type TestServer } from '../testing.ts';
import { TextColumns } from './text-columns.ts';

let server: TestServer;
let project: number;
beforeAll(async () => {
  server = await startTestServer();
  project = await server.addProject(await server.addPerson());
});
afterAll(() => server.close());

const words = ['Free', 'money', 'ÄRGER', 'naïve', '💩', 'İstanbul', 'ΣΑΣ', 'a', '', '\n', '100%', 'under_score', 'back\\slash'];
const random = (() => {
  let state = 7;
  return (below: number) => (state = (state * 48_271) % 2_147_483_647) % below;
})();
const text = () => Array.from({ length: random(12) }, () => words[random(words.length)]).join([' ', ''][random(2)]);

function ordinalsIn(packed: Buffer): number[] {
  return Array.from({ length: packed.length / 4 }, (_, at) => packed.readInt32BE(at * 4)).sort((a, b) => a - b);
}

const byDatabase = async (wanted: string, from = 0) => {
  const { rows } = await sql<{ ordinal: number }>`
    select ordinal from items where project_id = ${project} and ordinal >= ${from}
      and lower(fields ->> 'text') like '%' || regexp_replace(lower(${wanted}), '([\\\\%_])', '\\\\\\1', 'g') || '%' order by ordinal`.execute(
    server.db,
  );
  return rows.map(({ ordinal }) => ordinal);
};

test('finds what the database finds, in texts of all kinds, also in items that came later', async () => {
  const columns = new TextColumns(server.context.pool, 1 << 20);
  const fields = () => Array.from({ length: 400 }, (_, n) => (n % 9 === 0 ? { other: 'money' } : { text: n % 10 === 0 ? '' : text() }));
  await addItems(server.db, project, fields());
  const search = async (wanted: string, n: number, from = 0) =>
    ordinalsIn(await columns.search({ project, field: 'text', text: wanted, from, n }));
  const needles = [...words.filter((word) => word !== ''), 'FREE MONEY', 'oney', 'nowhere', '💩 ', 'e', ' ', 'ärger', '%', '_', '\\'];
  for (const needle of needles) expect(await search(needle, 400), needle).toEqual(await byDatabase(needle));
  expect((await search('money', 400)).length).toBeGreaterThan(50);
  await addItems(server.db, project, fields());
  for (const needle of needles) expect(await search(needle, 800), needle).toEqual(await byDatabase(needle));
  expect(await search('money', 800, 400)).toEqual(await byDatabase('money', 400));
});

test('more text than there is room for is refused, not kept', async () => {
  const columns = new TextColumns(server.context.pool, 100);
  const call = columns.search({ project, field: 'text', text: 'money', from: 0, n: 400 });
  await expect(call).rejects.toMatchObject({ code: 'too-large' });
});
