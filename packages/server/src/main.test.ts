import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@labelwright/contract/client';
import { csrfHeader } from '@labelwright/contract/common';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type ServerOptions, startServer } from './main.ts';
import { spamSchema } from './testing.ts';

let root: string;
beforeAll(async () => void (root = await mkdtemp(join(tmpdir(), 'labelwright-main-'))));
afterAll(() => rm(root, { recursive: true, force: true }));

async function start(options: Partial<ServerOptions> = {}) {
  const lines: string[] = [];
  const given = {
    dataDirectory: join(root, 'data'),
    port: 0,
    print: (line: string) => void lines.push(line),
    environment: {},
    logLevel: 'silent',
    sample: false,
  };
  const server = await startServer({ ...given, ...options });
  return { ...server, lines };
}

test('starts, says where, works, stops, and has it all at the next start', async () => {
  const first = await start();
  expect(first.lines).toEqual([`Labelwright is at ${first.url}`]);
  expect(first.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const client = createClient({ baseUrl: first.url, headers: () => ({ [csrfHeader]: csrf }) });
  let csrf = '';
  const session = await client.getSession({});
  csrf = String(session.csrf);
  expect(session).toMatchObject({ mode: 'single-user', person: { name: 'You' } });
  const { id } = await client.createProject({ body: { name: 'Mail', schema: spamSchema } });
  const stream = await fetch(`${first.url}/api/projects/${id}/events`);
  await Promise.all([first.stop(), first.stop(), stream.text()]);
  await expect(client.ready({})).rejects.toMatchObject({ fault: { code: 'offline' } });

  const second = await start();
  const again = createClient({ baseUrl: second.url });
  expect((await again.getSession({})).csrf).toBe(csrf);
  expect((await again.listProjects({})).map(({ name }) => name)).toEqual(['Mail']);
  await second.stop();
});

test('on an address that others can reach, nobody comes in without the link, which is printed', async () => {
  const server = await start({ host: '0.0.0.0' });
  const url = server.url.replace(/\/\/[^:]+/, '//127.0.0.1');
  expect((await createClient({ baseUrl: url }).getSession({})).state).toBe('setup');
  expect((await fetch(`${url}/api/projects`)).status).toBe(401);
  expect(server.lines[1]).toMatch(/no account yet.*within an hour.*\/setup\?key=[\w-]{43}$/);
  expect(server.lines[2]).toMatch(/not encrypted/);
  await server.stop();
  const named = await start({ accounts: true, publicUrl: 'https://labels.example.org/' });
  expect(named.lines[1]).toContain('https://labels.example.org/setup?key=');
  expect(named.lines).toHaveLength(2);
  await named.stop();
});

test('what is in the way is said in one line, and nothing is left running', async () => {
  const blocker = createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  const { port } = blocker.address() as AddressInfo;
  await expect(start({ port })).rejects.toMatchObject({
    code: 'port-taken',
    message: `serve: port ${port} of 127.0.0.1 is taken by another program: end it, or choose another by --port`,
  });
  blocker.close();
  await expect(start({ host: '192.0.2.1' })).rejects.toMatchObject({ code: 'bad-host' });
  await expect(start({ environment: { LABELWRIGHT_SECRET: 'secret' } })).rejects.toMatchObject({ code: 'weak-secret' });
  await expect(start({ publicUrl: 'labels.example.org' })).rejects.toMatchObject({ code: 'bad-public-url' });
  await (await start()).stop();
});

test('P61: while the database is away, calls are told to come again; when it is back, so is everything', async () => {
  const server = await start();
  const client = createClient({ baseUrl: server.url });
  const csrf = String((await client.getSession({})).csrf);
  const { id } = await createClient({ baseUrl: server.url, headers: () => ({ [csrfHeader]: csrf }) }).createProject({
    body: { name: 'Mail', schema: spamSchema },
  });
  const stream = await fetch(`${server.url}/api/projects/${id}/events`);
  const [postmaster] = (await readFile(join(root, 'data/database/cluster/postmaster.pid'), 'utf8')).split('\n');
  process.kill(Number(postmaster), 'SIGKILL');
  const answers = new Set<string>();
  await vi.waitFor(
    async () => {
      const response = await fetch(`${server.url}/api/projects`);
      answers.add(`${response.status} ${response.headers.get('retry-after') ?? 'now'}`);
      expect(response.status).toBe(200);
      expect((await client.ready({})).ok).toBe(true);
    },
    { timeout: 20_000, interval: 20 },
  );
  expect([...answers].filter((answer) => answer !== '503 2')).toEqual(['200 now']);
  // Its client connects again and reads the present state, since events may have been missed.
  await stream.text();
  await server.stop();
});
