import { csrfHeader } from '@labelwright/contract/common';
import { expect, test } from 'vitest';
import { ensureSingleUser } from './stores/people.ts';
import { startTestServer, type TestServer } from './testing.ts';

const first = { name: 'Ada', email: 'ada@example.org', password: 'a-long-quiet-evening' };
const setUp = (server: TestServer, key: string, more: object = {}) =>
  server.inject({ method: 'POST', url: '/api/setup', payload: { ...first, ...more, key } });

test('on loopback without accounts, whoever sits there is "You" and owns everything, by the CSRF token of the page', async () => {
  const server = await startTestServer({ accounts: false });
  await ensureSingleUser(server.db);
  await ensureSingleUser(server.db);
  const session = await server.client().getSession({});
  expect(session).toMatchObject({ mode: 'single-user', state: 'signed-in', person: { name: 'You', admin: true } });
  const you = { headers: { [csrfHeader]: String(session.csrf) } };
  const { id } = await server.client(you).createProject({ body: { name: 'Mine', schema: oneQuestion } });
  expect((await server.client().listProjects({})).map((project) => project.id)).toEqual([id]);
  await expect(server.client().archiveProject({ params: { project: id } })).rejects.toMatchObject({ fault: { code: 'csrf' } });
  // The first account of another person would lock "You" out.
  const other = server.client(you).createPerson({ body: { ...first } });
  await expect(other).rejects.toMatchObject({ status: 409, fault: { code: 'single-user' } });

  // With accounts, "You" is whoever has the link, with all that there was.
  expect((await setUp(server, server.context.entrance.setupKey.key)).statusCode).toBe(200);
  expect(await server.client().getSession({})).toMatchObject({ mode: 'accounts', state: 'login', person: null, csrf: null });
  await expect(server.client(you).listProjects({})).rejects.toMatchObject({ status: 401 });
  const { created_by } = await server.db.selectFrom('projects').select('created_by').executeTakeFirstOrThrow();
  const people = await server.db.selectFrom('people').selectAll().execute();
  expect(people).toMatchObject([{ id: created_by, name: 'Ada', email: 'ada@example.org', admin: true }]);
  await server.close();
});

const oneQuestion = {
  questions: [{ kind: 'choice' as const, id: 'q', title: 'Q', labels: [{ id: 'a' }], multiple: false }],
};

test('a proxy on the same machine lets nobody in as "You"', async () => {
  const server = await startTestServer({ accounts: false });
  await ensureSingleUser(server.db);
  for (const header of ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip', 'x-forwarded-host'])
    expect((await server.inject({ url: '/api/projects', headers: { [header]: '192.0.2.7' } })).statusCode).toBe(401);
  await server.close();
  for (const named of [{ publicUrl: 'https://labels.example.org' }, { hosts: ['box.local'] }]) {
    const proxied = await startTestServer({ accounts: false, ...named });
    expect((await proxied.client().getSession({})).state).toBe('setup');
    await proxied.close();
  }
});

test('P43: elsewhere nobody is let in before the first account, and two first accounts at once are one', async () => {
  const server = await startTestServer({ isLoopback: false, accounts: false });
  expect(await server.client().getSession({})).toMatchObject({ state: 'setup', person: null });
  await expect(server.client().listProjects({})).rejects.toMatchObject({ status: 401 });
  expect((await server.inject({ method: 'POST', url: '/api/people', payload: first })).statusCode).toBe(401);
  expect((await setUp(server, 'wrong')).json()).toMatchObject({ code: 'bad-setup-key' });

  const { key } = server.context.entrance.setupKey;
  expect(Buffer.from(key, 'base64url')).toHaveLength(32);
  const answers = await Promise.all([setUp(server, key), setUp(server, key, { email: 'eve@example.org' }), setUp(server, key)]);
  expect(answers.map(({ statusCode }) => statusCode).sort((a, b) => a - b)).toEqual([200, 409, 409]);
  const people = await server.db.selectFrom('people').select(['admin']).execute();
  expect(people).toEqual([{ admin: true }]);
  expect((await setUp(server, key)).json()).toMatchObject({ code: 'set-up-already' });
  await server.close();
});

test('the link expires after an hour', async () => {
  let now = 0;
  const server = await startTestServer({ clock: () => now });
  const { key } = server.context.entrance.setupKey;
  now = 3_600_001;
  expect((await setUp(server, key)).json()).toMatchObject({ code: 'bad-setup-key' });
  now = 3_599_000;
  expect((await setUp(server, key)).statusCode).toBe(200);
  await server.close();
});
