import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { spamSchema, startTestServer, type TestPerson, type TestServer } from '../testing.ts';
import { audit, verifyAudit } from './audit.ts';

let server: TestServer;
let admin: TestPerson;
beforeAll(async () => {
  server = await startTestServer();
  admin = await server.addPerson('Admin', { admin: true });
});
afterAll(() => server.close());

const unguarded = (statement: string) =>
  server.db.transaction().execute(async (db) => {
    await sql`alter table audit disable trigger audit_is_append_only`.execute(db);
    await sql.raw(statement).execute(db);
    await sql`alter table audit enable trigger audit_is_append_only`.execute(db);
  });
beforeEach(() => unguarded('truncate audit'));

test('P81: who signed in or failed to, gave roles, made tokens, archived, was refused', async () => {
  const client = server.client(admin);
  await server
    .client()
    .login({ body: { email: 'nobody@example.org', password: 'x' } })
    .catch(() => undefined);
  const { id: project } = await client.createProject({ body: { name: 'Mail', schema: spamSchema } });
  const bob = await client.createPerson({ body: { name: 'Bob', email: 'bob@example.org', password: 'a-long-quiet-evening' } });
  const { person } = await server.client().login({ body: { email: 'bob@example.org', password: 'a-long-quiet-evening' } });
  await client.setMember({ params: { project, person: person.id }, body: { role: 'viewer' } });
  const { id: token } = await client.createToken({ body: { name: 'CI', scope: 'read' } });
  await client.deleteToken({ params: { token } });
  const viewer = await server.addPerson('Viewer');
  await server.setRole(project, viewer, 'viewer');
  await server
    .client(viewer)
    .archiveProject({ params: { project } })
    .catch(() => undefined);
  await client.archiveProject({ params: { project } });

  const entries = await client.listAudit({ query: {} });
  expect(entries.map(({ action, person: by, project: where, details }) => [action, by, where, details]).reverse()).toEqual([
    ['login.failed', null, null, { email: 'nobody@example.org', address: '127.0.0.1' }],
    ['project.create', 'Admin', project, { name: 'Mail' }],
    ['person.create', 'Admin', null, { person: bob.id, admin: false }],
    ['login', 'Bob', null, { address: '127.0.0.1' }],
    ['member.set', 'Admin', project, { person: bob.id, before: null, role: 'viewer' }],
    ['token.create', 'Admin', null, { token, name: 'CI', scope: 'read', days: 90 }],
    ['token.delete', 'Admin', null, { token }],
    ['denied', 'Viewer', project, { route: 'archiveProject' }],
    ['project.archive', 'Admin', project, {}],
  ]);
  expect(await verifyAudit(server.db)).toEqual({ entries: 9, brokenAt: null });
  const [second] = await client.listAudit({ query: { limit: '1', before: String(entries[0].id) } });
  expect(second).toEqual(entries[1]);
});

test('many at once make one chain without gaps, and what was rolled back is not in it', async () => {
  const write = (n: number) =>
    audit(server.db, { action: 'test', details: { n, text: 'ü"\\\u2028', nested: { b: [1, 0.1, null], a: true } } });
  const failing = server.db.transaction().execute(async (db) => {
    await audit(db, { action: 'gone' });
    throw new Error('rolled back');
  });
  const outcomes = await Promise.allSettled([...Array.from({ length: 12 }, (_, n) => write(n)), failing]);
  expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1);
  expect(await verifyAudit(server.db)).toEqual({ entries: 12, brokenAt: null });
});

test.each([
  ['changed', `update audit set details = '{"n": 7}' where id = 2`, 2],
  ['given to another person', 'update audit set person_id = 7 where id = 2', 2],
  ['moved in time', `update audit set time = time + interval '1 second' where id = 2`, 2],
  ['taken out', 'delete from audit where id = 2', 3],
  ['taken out at the start', 'delete from audit where id = 1', 2],
])('an entry that was %s is found', async (_, statement, brokenAt) => {
  for (let n = 0; n < 4; n++) await audit(server.db, { action: 'test', details: { n } });
  await expect(sql.raw(statement).execute(server.db)).rejects.toThrow(/can be added, not changed/);
  expect(await verifyAudit(server.db)).toMatchObject({ brokenAt: null });
  await unguarded(statement);
  expect(await verifyAudit(server.db)).toMatchObject({ brokenAt });
});
