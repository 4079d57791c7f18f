import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Tables } from '../database/tables.ts';
import { freshDatabase } from '../database/testing.ts';
import { exportPath } from '../exporting/make-export.ts';
import { exportJobs } from '../jobs/export.ts';
import { migrateJobs } from '../jobs/start-jobs.ts';
import { addColumn, addItems, addRun, submitOf } from '../testing-content.ts';
import { startTestServer, type TestServer } from '../testing.ts';
import { backUp } from './backup.ts';
import { examine } from './doctor.ts';
import { checkBackup, restore } from './restore.ts';

let server: TestServer;
let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'labelwright-backup-'));
  file = join(folder, 'all.tar');
  server = await startTestServer();
  await migrateJobs(server.context);
  const owner = await server.addPerson('Olga');
  const client = server.client(owner);
  const project = await server.addProject(owner);
  await addItems(server.db, project, [{ text: 'tab\tline\nbreak \\ "quote" ü 漢' }, { text: 'x'.repeat(100_000), n: 1.5 }]);
  const run = await addRun(server.db, project, owner.id, [{ answer: 'spam', probability: 0.7 }]);
  await addColumn(server.db, project, owner.id, run, { name: 'a', use: 'keywords', options: {}, votes: ['spam'] });
  await client.submitAnswer({ params: { project }, body: submitOf(0, ['spam']) });
  await client.addComment({ params: { project, ordinal: 0 }, body: { action: randomUUID(), text: 'hm' } });
  const { id } = await client.createExport({ params: { project }, body: { format: 'csv' } });
  await exportJobs.export({ payload: { export: id }, context: server.context, signal: new AbortController().signal, attempt: 1 });
  await client.createExport({ params: { project }, body: { format: 'csv' } });
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const compared = [
  'people',
  'projects',
  'items',
  'item_states',
  'answers',
  'current_answers',
  'actions',
  'comments',
  'labelers',
  'answer_chunks',
  'estimates',
  'audit',
];

async function contentOf(db: TestServer['db']): Promise<unknown> {
  const tables: Record<string, unknown> = {};
  for (const table of compared) {
    const { rows } = await sql`select (to_jsonb(t) - 'changed')::text as row from ${sql.table(table)} t order by 1`.execute(db);
    tables[table] = rows;
  }
  return tables;
}

test('P77: backup, restore elsewhere: the same rows and files; the second restore is refused', async () => {
  const before = await contentOf(server.db);
  const made = await backUp(server.context.pool, server.context.files.dataDirectory, file, 'test');
  expect(made).toMatchObject({ files: 1 });
  const fresh = await freshDatabase<Tables>();
  const data = join(folder, 'restored');
  try {
    const restored = await restore(fresh.pool, data, await checkBackup(file));
    expect(restored).toMatchObject({ tables: made.tables, rows: made.rows, files: 1 });
    expect(await contentOf(fresh.db)).toEqual(before);
    expect(await readFile(exportPath(data, 1))).toEqual(await readFile(exportPath(server.context.files.dataDirectory, 1)));
    const findings = await examine(fresh.db, data);
    expect(findings.filter(({ violations }) => violations > 0)).toEqual([]);
    expect(await fresh.db.selectFrom('exports').select(['number', 'state']).orderBy('number').execute()).toEqual([
      { number: 1, state: 'done' },
      { number: 2, state: 'failed' },
    ]);
    expect(await fresh.db.selectFrom('sessions').selectAll().execute()).toEqual([]);
    // New rows take new numbers.
    const next = await fresh.db
      .insertInto('people')
      .values({ name: 'New', email: 'new@example.org' })
      .returning('id')
      .executeTakeFirstOrThrow();
    expect(next.id).toBeGreaterThan(1);
    await expect(restore(fresh.pool, data, await checkBackup(file))).rejects.toMatchObject({ code: 'not-empty' });
  } finally {
    await fresh.close();
  }
});

test('a damaged, cut or foreign file is refused before anything is touched', async () => {
  const bytes = await readFile(file);
  const fresh = await freshDatabase<Tables>();
  const attempt = async (content: Buffer) => {
    const path = join(folder, 'bad.tar');
    await writeFile(path, content);
    return restore(fresh.pool, join(folder, 'other'), await checkBackup(path));
  };
  const flipped = Buffer.from(bytes);
  flipped[Math.floor(bytes.length / 2)] ^= 1;
  try {
    await expect(attempt(flipped)).rejects.toMatchObject({ code: 'bad-backup' });
    await expect(attempt(bytes.subarray(0, bytes.length / 2))).rejects.toMatchObject({ code: 'bad-backup' });
    await expect(attempt(Buffer.from('id,text\n1,hello\n'))).rejects.toMatchObject({ code: 'bad-backup' });
    expect(await fresh.db.selectFrom('people').selectAll().execute()).toEqual([]);
  } finally {
    await fresh.close();
  }
});
