import { rm } from 'node:fs/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exportPath } from '../exporting/make-export.ts';
import { exportJobs } from '../jobs/export.ts';
import { migrateJobs } from '../jobs/start-jobs.ts';
import { addColumn, addItems, addRun, submitOf, texts } from '../testing-content.ts';
import { startTestServer, type TestServer } from '../testing.ts';
import { randomUUID } from 'node:crypto';
import type { Db } from '../context.ts';
import { examine, examineIn } from './doctor.ts';

let server: TestServer;
let project: number;
let exported: number;
beforeAll(async () => {
  server = await startTestServer();
  await migrateJobs(server.context);
  const owner = await server.addPerson('Olga');
  const client = server.client(owner);
  project = await server.addProject(owner);
  await addItems(server.db, project, texts(30));
  const run = await addRun(server.db, project, owner.id, [{ answer: 'spam', probability: 0.7 }]);
  await addColumn(server.db, project, owner.id, run, { name: 'a', use: 'keywords', options: {}, votes: ['spam'] });
  const answer = submitOf(0, ['spam']);
  await client.submitAnswer({ params: { project }, body: answer });
  await client.submitAnswer({ params: { project }, body: submitOf(1, 'flag') });
  await client.undoAnswer({ params: { project, action: answer.action }, body: { action: randomUUID() } });
  await client.bulkAnswer({ params: { project }, body: { action: randomUUID(), filter: { ordinals: [2, 3, 4] }, labels: ['ham'] } });
  await client.nextItems({ params: { project }, body: {} });
  ({ id: exported } = await client.createExport({ params: { project }, body: { format: 'csv' } }));
  await exportJobs.export({ payload: { export: exported }, context: server.context, signal: new AbortController().signal, attempt: 1 });
});
afterAll(() => server.close());

const violated = async () => {
  const findings = await examine(server.db, server.context.files.dataDirectory);
  return findings.filter(({ violations }) => violations > 0).map(({ check, examples }) => [check, ...examples]);
};

test('nothing to say after work of every kind', async () => {
  expect(await violated()).toEqual([]);
});

test.each([
  ['I1', `delete from actions where kind = 'submit'`],
  ['I1', `update actions set result = '{"answered": 9}' where kind = 'bulk'`],
  ['I2', `update answers set overlap = 0 where ordinal = 2`],
  [
    'I3',
    `insert into leases select project_id, question, ordinal, p.id, now() + interval '1 hour', '' from leases, people p where ordinal = 0 on conflict do nothing`,
  ],
  ['I5', `update item_states set answered = 7 where ordinal = 2`],
  ['I5', `update projects set items = items + 1`],
  ['present', `delete from current_answers where ordinal = 3`],
  ['I7', `update current_answers set labels = '["spm"]' where ordinal = 2`],
  [
    'I8',
    `insert into runs (project_id, number, person_id, state, heartbeat_at) select project_id, 9, person_id, 'running', now() - interval '1 hour' from runs limit 1`,
  ],
  ['I9', `update item_states set version = version + 1 where ordinal = 2`],
  ['columns', `update answer_chunks set items = 7`],
  [
    'certificates',
    `with a as (insert into audits (project_id, number, question, run_id, held_run, person_id, target_error, confidence, seed, pool, drawn)
       select project_id, 1, 'kind', id, id, person_id, 0.05, 0.95, 1, 1, 0 from runs limit 1 returning *)
     insert into certificates (project_id, audit_id, run_id, question, text, pool, accepted, threshold, audited, wrong, bound, confidence, look, risk_spent, method, seed)
     select project_id, id, run_id, question, '', 1, 1, 0.5, 1, 0, 0.05, 0.95, 1, 0.05, 'none', 1 from a`,
  ],
  ['estimates', `update projects set current_run = 999999`],
] as const)('%s is found: %s', async (check, damage) => {
  const found = await server.db
    .transaction()
    .execute(async (db) => {
      if (damage.includes('people p')) await server.addPerson('Another');
      await sql.raw(damage).execute(db);
      throw Object.assign(new Error('undo'), { found: await findingsIn(db) });
    })
    .catch((error: { found?: string[] }) => error.found);
  expect(found).toContain(check);
});

async function findingsIn(db: Db): Promise<string[]> {
  const findings = await examineIn(db, server.context.files.dataDirectory);
  return findings.flatMap(({ check, violations }) => (violations > 0 ? [check] : []));
}

test('I6: a file of an export that is gone is found', async () => {
  await rm(exportPath(server.context.files.dataDirectory, exported));
  expect(await violated()).toEqual([['I6', `project ${project}, export 1: the file is gone`]]);
});
