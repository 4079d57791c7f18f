import { csrfHeader } from '@labelwright/contract/common';
import { CoreError } from '@labelwright/core/model/errors';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from './app.ts';
import { spamSchema, startTestServer, type TestPerson, type TestServer } from './testing.ts';

let server: TestServer;
let ada: TestPerson;
beforeAll(async () => {
  server = await startTestServer();
  ada = await server.addPerson('Ada');
});
afterAll(() => server.close());

const create = (payload: string | Buffer, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
  server.inject({ method: 'POST', url: '/api/projects', payload, headers: { ...ada.headers, ...headers } });

describe('what is read', () => {
  test('P18: JSON that nests too deep is refused before it is parsed, however it is quoted', async () => {
    const deep = (levels: number) => `{"name":"x","schema":${'['.repeat(levels)}${']'.repeat(levels)}}`;
    const answer = await create(deep(100_000));
    expect([answer.statusCode, answer.json()]).toEqual([
      400,
      { code: 'too-deep', message: 'JSON may nest 64 levels deep', requestId: expect.any(String) },
    ]);
    expect((await create(deep(64))).json()).toMatchObject({ code: 'too-deep' });
    expect((await create(deep(63))).json()).toMatchObject({ code: 'bad-request' });
    const quoted = { name: `${'['.repeat(90)}"\\${'{'.repeat(90)}`, schema: spamSchema };
    expect((await create(JSON.stringify(quoted))).statusCode).toBe(200);
  });

  test('too large, not JSON, not said to be JSON, poisoned', async () => {
    const refused = async (payload: string | Buffer, type?: string) => {
      const answer = await create(payload, { 'content-type': type ?? 'application/json' });
      return [answer.statusCode, answer.json<{ code: string }>().code];
    };
    expect(await refused(`{"name":"${'x'.repeat(4 * 1024 * 1024)}"}`)).toEqual([413, 'too-large']);
    expect(await refused('{"name":')).toEqual([400, 'bad-request']);
    expect(await refused('')).toEqual([400, 'bad-request']);
    expect(await refused('{"__proto__":{"admin":true}}')).toEqual([400, 'bad-request']);
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/octet-stream',
      '',
    ])
      expect([type, ...(await refused('name=x', type))]).toEqual([type, 415, 'unsupported-type']);
  });

  test('P15: a NUL character is the fault of who sent it', async () => {
    const answer = await create(JSON.stringify({ name: 'a\u0000b', schema: spamSchema }));
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([400, 'bad-text']);
  });

  test('each fault of a body is named with its key', async () => {
    const answer = await create(JSON.stringify({ name: '', schema: { questions: [] }, colour: 'red' }));
    const { message, details } = answer.json<{ message: string; details: { issues: { path: string[] }[] } }>();
    expect(message).toMatch(/body\.name: .*body\.schema\.questions: .*colour/);
    expect(details.issues.map(({ path }) => path.join('.'))).toEqual(['name', 'schema.questions', '']);
  });
});

describe('what is answered', () => {
  test('a fault of ours says nothing of itself', async () => {
    const secret = 'select * from people where password = hunter2';
    const app = await createApp(server.context, {
      handlers: {
        health: () => {
          throw new Error(secret);
        },
        ready: () => {
          throw new CoreError('some-new-code', secret);
        },
        openapi: () =>
          server.db
            .selectFrom('projects')
            .select('nonsense' as 'name')
            .execute(),
        getSession: () => ({ mode: 'single-user', state: 'signed-in', person: { secret } }) as never,
      },
    });
    const log = server.context.log.level;
    server.context.log.level = 'silent';
    for (const url of ['/healthz', '/readyz', '/api/openapi.json', '/api/session']) {
      const answer = await app.inject({ url, headers: { host: 'localhost' } });
      expect(answer.statusCode).toBe(500);
      expect(answer.json()).toEqual({
        code: 'unexpected',
        message: expect.stringMatching(/log/),
        requestId: answer.headers['x-request-id'],
      });
    }
    server.context.log.level = log;
    await app.close();
  });

  test('what does not exist is JSON as well, also for paths that cannot be read', async () => {
    for (const url of ['/api/nothing', '/api', '/api/projects/1/nothing', '/%zz', '/api/%zz', '/healthz/']) {
      const answer = await server.inject({ url });
      expect([url, answer.statusCode, answer.json<{ code: string }>().code]).toEqual([url, 404, 'not-found']);
      expect(answer.headers['x-content-type-options']).toBe('nosniff');
    }
    expect((await server.inject({ method: 'HEAD', url: '/healthz' })).statusCode).toBe(404);
  });

  test('every answer carries the headers that keep browsers careful, and nothing of a person is kept', async () => {
    for (const url of ['/healthz', '/api/session', '/api/projects', '/nothing.txt']) {
      const { headers } = await server.inject({ url });
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'x-frame-options': 'DENY',
        'cache-control': 'no-store',
      });
      const policy = String(headers['content-security-policy']);
      for (const rule of ["script-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"])
        expect(policy).toContain(rule);
      expect(policy).not.toMatch(/unsafe|\*/);
      expect(headers).not.toHaveProperty('access-control-allow-origin');
    }
  });

  test('health, readiness and the API as OpenAPI 3.1', async () => {
    expect((await server.inject({ url: '/healthz' })).json()).toEqual({ ok: true });
    expect((await server.inject({ url: '/readyz' })).json()).toEqual({ ok: true, version: 'test' });
    const document = (await server.inject({ url: '/api/openapi.json' })).json<{
      openapi: string;
      paths: Record<string, Record<string, object>>;
    }>();
    expect(document.openapi).toBe('3.1.0');
    expect(document.paths['/api/projects/{project}'].patch).toMatchObject({
      operationId: 'updateProject',
      parameters: [{ name: 'project', in: 'path', required: true, schema: { type: 'integer' } }],
      requestBody: { content: { 'application/json': { schema: { required: ['version'] } } } },
      responses: { 200: { content: { 'application/json': { schema: { type: 'object' } } } } },
    });
  });
});

describe('who is let near', () => {
  test('on loopback, a name that is not this machine is refused: DNS rebinding', async () => {
    const ask = async (host: string) => (await server.inject({ url: '/api/session', headers: { host } })).statusCode;
    for (const host of ['localhost', 'LOCALHOST:4477', '127.0.0.1:4477', '[::1]:4477'])
      expect([host, await ask(host)]).toEqual([host, 200]);
    for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:4477', 'localhost@evil.example', '10.0.0.1'])
      expect([host, await ask(host)]).toEqual([host, 403]);
    const named = await startTestServer({ hosts: ['box.local'], publicUrl: 'https://labels.example.org' });
    const asNamed = async (host: string) => (await named.inject({ url: '/healthz', headers: { host } })).statusCode;
    expect([await asNamed('box.local:80'), await asNamed('labels.example.org'), await asNamed('evil.example')]).toEqual([200, 200, 403]);
    await named.close();
  });

  test('P41: other sites get nothing, not even to read', async () => {
    for (const site of ['cross-site', 'same-site']) {
      const answer = await server.inject({ url: '/api/projects', headers: { ...ada.headers, 'sec-fetch-site': site } });
      expect(answer.json()).toMatchObject({ code: 'cross-site' });
    }
    const login = { method: 'POST' as const, url: '/api/session', payload: { email: 'a@b.example', password: 'x' } };
    expect((await server.inject({ ...login, headers: { origin: 'http://evil.example' } })).json()).toMatchObject({ code: 'cross-site' });
    const own = { host: 'localhost:4477', origin: 'http://localhost:4477', 'sec-fetch-site': 'same-origin' };
    expect((await server.inject({ ...login, headers: own })).json()).toMatchObject({ code: 'bad-login' });
    expect((await server.inject({ ...login, headers: { ...own, origin: 'http://localhost:5000' } })).json()).toMatchObject({
      code: 'cross-site',
    });
  });

  test('the CSRF token of another session does not do', async () => {
    const bob = await server.addPerson('Bob');
    const headers = { ...ada.headers, [csrfHeader]: bob.headers[csrfHeader], 'content-type': 'application/json' };
    const answer = await server.inject({ method: 'POST', url: '/api/projects', payload: '{}', headers });
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([403, 'csrf']);
  });

  test('P42: a thousand calls a minute and person are enough; dear ones count for more; others go on', async () => {
    let now = 0;
    const limited = await startTestServer({ clock: () => now, callsPerMinute: 100 });
    const [greedy, calm] = [await limited.addPerson('Greedy'), await limited.addPerson('Calm')];
    const ask = (person: TestPerson) => limited.inject({ url: '/api/projects', headers: person.headers });
    const statuses = [];
    for (let n = 0; n < 101; n++) statuses.push((await ask(greedy)).statusCode);
    expect(statuses).toEqual([...Array<number>(100).fill(200), 429]);
    const refused = await ask(greedy);
    expect([refused.headers['retry-after'], refused.json<{ code: string }>().code]).toEqual(['1', 'too-many-requests']);
    expect((await ask(calm)).statusCode).toBe(200);
    expect((await limited.inject({ url: '/healthz' })).statusCode).toBe(200);
    now = 600;
    expect((await ask(greedy)).statusCode).toBe(200);
    expect((await ask(greedy)).statusCode).toBe(429);
    await limited.close();
  });
});
