import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { makeLog } from './log.ts';
import { startTestServer } from './testing.ts';

test('P80: passwords, tokens, cookies and setup links are in no log, not even at its loudest', async () => {
  const lines: string[] = [];
  const destination = new Writable({ write: (chunk: Buffer, _encoding, done) => (lines.push(chunk.toString()), done()) });
  const log = makeLog({ level: 'trace', destination });
  const server = await startTestServer({ log });
  const canary = 'canary-4f9d1c-canary';
  const { key } = server.context.entrance.setupKey;
  await server.inject({ url: `/setup?key=${key}` });
  await server.inject({ method: 'POST', url: '/api/setup', payload: { key, name: 'Ada', email: 'ada@example.org', password: canary } });
  const login = await server.inject({ method: 'POST', url: '/api/session', payload: { email: 'ada@example.org', password: canary } });
  const [cookie] = String(login.headers['set-cookie']).split(';');
  const { csrf } = login.json<{ csrf: string }>();
  const headers = { cookie, 'x-csrf-token': csrf };
  const made = await server.inject({ method: 'POST', url: '/api/tokens', payload: { name: 'CI', scope: 'read' }, headers });
  const { token } = made.json<{ token: string }>();
  await server.inject({ url: '/api/projects', headers: { authorization: `Bearer ${token}` } });
  await server.inject({ url: '/api/projects', headers: { authorization: `Bearer ${canary}` } });
  log.error({ headers: { cookie, authorization: token, 'set-cookie': [cookie] }, body: { password: canary, key }, token }, 'all there is');
  const stored = JSON.stringify(await server.db.selectFrom('audit').selectAll().execute());
  const all = lines.join('') + stored;
  expect(lines.length).toBeGreaterThan(10);
  for (const secret of [canary, key, csrf, token, cookie.split('=')[1]]) expect(all).not.toContain(secret);
  await server.close();
});
