import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, chown, cp, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPostmasterFile } from './postmaster-file.ts';
import { type EmbeddedOptions, type EmbeddedPostgres, startEmbeddedPostgres } from './start.ts';

const isRoot = process.getuid?.() === 0;
const isLinux = process.platform === 'linux';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lw-embedded-'));
  await chmod(root, 0o755);
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function ask<Row extends object>(server: EmbeddedPostgres, query: string): Promise<Row[]> {
  const client = new Client(server.connection);
  client.on('error', () => undefined);
  await client.connect();
  return (await client.query<Row>(query).finally(() => client.end())).rows;
}

async function pidOf(folder: string): Promise<number> {
  return (await readPostmasterFile(join(folder, 'cluster')))?.pid ?? 0;
}

async function processesOf(folder: string): Promise<number[]> {
  const cluster = join(folder, 'cluster');
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const ours = await Promise.all(pids.map(async (pid) => (await readlink(`/proc/${pid}/cwd`).catch(() => '')) === cluster));
  return pids.filter((_, i) => ours[i]).map(Number);
}

function kill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone with its postmaster.
  }
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(20);
}

interface Child {
  readonly process: ChildProcess;
  /** What the server acknowledged to it. */
  readonly acknowledged: number[];
  /** What went wrong instead. */
  said: string;
  ended: boolean;
}

/** A process that owns the server of a folder and commits one row after the other. */
async function startOwner(folder: string): Promise<Child> {
  const run = fileURLToPath(new URL('../testing-children/run.mjs', import.meta.url));
  const process = spawn('node', [run, './owner.ts', folder], { stdio: ['ignore', 'pipe', 'pipe'] });
  const child: Child = { process, acknowledged: [], said: '', ended: false };
  createInterface({ input: process.stdout }).on('line', (line) => line !== 'ready' && child.acknowledged.push(Number(line)));
  process.stderr.on('data', (chunk: Buffer) => (child.said += chunk.toString()));
  process.on('exit', () => (child.ended = true));
  await until(() => child.acknowledged.length > 20 || child.ended);
  expect(child.said).toBe('');
  return child;
}

async function expectAll(server: EmbeddedPostgres, acknowledged: readonly number[]): Promise<void> {
  const rows = await ask<{ n: number }>(server, 'select n from acknowledged');
  const stored = new Set(rows.map(({ n }) => n));
  expect(acknowledged.filter((n) => !stored.has(n))).toEqual([]);
}

describe('one folder through its life', () => {
  let folder: string;
  beforeAll(() => {
    folder = join(root, 'life', 'database');
  });
  const start = (options: Partial<EmbeddedOptions> = {}) => startEmbeddedPostgres({ dataDirectory: folder, ...options });

  it('makes a cluster at the first start: UTF-8, checksums, durable, a password on its door', async () => {
    const server = await start();
    expect(server).toMatchObject({ attached: false, owned: true, version: '18.4' });
    const [settings] = await ask(
      server,
      `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit, current_setting('full_page_writes') as pages,
         current_setting('data_checksums') as checksums, current_setting('server_encoding') as encoding, current_setting('TimeZone') as zone,
         upper('größe') as upper, to_tsvector('simple', '“Grüße”, naïve')::text as words`,
    );
    expect(settings).toEqual({
      fsync: 'on',
      commit: 'on',
      pages: 'on',
      checksums: 'on',
      encoding: 'UTF8',
      zone: 'UTC',
      upper: 'GRÖßE',
      words: "'grüße':1 'naïve':2",
    });
    const intruder = new Client({ ...server.connection, password: 'guess' });
    await expect(intruder.connect()).rejects.toMatchObject({ code: '28P01' });
    const byUrl = new Client(server.connectionString);
    await byUrl.connect();
    await byUrl.query('create table kept as select 1 as n');
    await byUrl.end();
    await server.stop();
    expect(await pidOf(folder)).toBe(0);
  });

  it('finds everything again, with the modes mended that a copy lost', async () => {
    await chmod(join(folder, 'cluster'), 0o755);
    const server = await start();
    expect(await ask(server, 'select n from kept')).toEqual([{ n: 1 }]);
    await server.stop();
  });

  it('refuses a second owner, naming the first, and shares with who asks to attach', async () => {
    const server = await start();
    await expect(start()).rejects.toMatchObject({
      code: 'database-in-use',
      message: expect.stringContaining(`process ${process.pid}, since 20`),
    });
    const guest = await start({ attach: true });
    expect(guest).toMatchObject({ attached: true, owned: false });
    await guest.stop();
    expect(await ask(server, 'select n from kept')).toEqual([{ n: 1 }]);
    await server.stop();
  });

  it('starts one server for two that start at once', async () => {
    const both = await Promise.all([start({ attach: true }), start({ attach: true })]);
    expect(both.filter(({ owned }) => owned)).toHaveLength(1);
    for (const server of both.filter(({ owned }) => owned)) await server.stop();
  });

  it.runIf(isLinux)('comes back by itself when the postmaster is killed, and when every process is', async () => {
    const states: string[] = [];
    const server = await start({ onState: (state) => states.push(state) });
    await ask(server, 'create table acknowledged (n integer primary key)');
    for (const [round, pids] of [async () => [await pidOf(folder)], () => processesOf(folder)].entries()) {
      await ask(server, `insert into acknowledged values (${round})`);
      for (const pid of await pids()) kill(pid);
      await until(() => states.length === 2 * round + 2);
      await expectAll(server, [0, round]);
    }
    expect(states).toEqual(['down', 'up', 'down', 'up']);
    await server.stop();
  });

  it.runIf(isLinux)('finds a killed process’s server running, with every acknowledged row, and stops it', async () => {
    const child = await startOwner(folder);
    kill(child.process.pid ?? 0);
    await until(() => child.ended);
    const pid = await pidOf(folder);
    const server = await start();
    expect(server).toMatchObject({ attached: true, owned: true });
    expect(await pidOf(folder)).toBe(pid);
    await expectAll(server, child.acknowledged);
    await server.stop();
    expect(await processesOf(folder)).toEqual([]);
  });

  it.runIf(isLinux)('starts anew where process and server were killed together', async () => {
    const child = await startOwner(folder);
    kill(child.process.pid ?? 0);
    for (const pid of await processesOf(folder)) kill(pid);
    await until(() => child.ended);
    const server = await start();
    expect(server.attached).toBe(false);
    await expectAll(server, child.acknowledged);
    await server.stop();
  });

  it.runIf(isLinux)('restarts a server found running with other settings', async () => {
    const child = await startOwner(folder);
    kill(child.process.pid ?? 0);
    await until(() => child.ended);
    const server = await start({ settings: { work_mem: '9MB' } });
    expect(server.attached).toBe(false);
    expect(await ask(server, 'show work_mem')).toEqual([{ work_mem: '9MB' }]);
    await server.stop();
  });

  it.runIf(isLinux)('takes no heed of lock files whose number now belongs to a stranger', async () => {
    const cluster = join(folder, 'cluster');
    const socketFolder = join(folder, 'socket');
    const { uid, gid } = await stat(cluster);
    // One that PostgreSQL itself would take for its own: alive, and of its user.
    const stranger = spawn('sleep', ['60'], { uid, gid, stdio: 'ignore' });
    const text = `${stranger.pid}\n${cluster}\n1700000000\n5432\n`;
    for (const path of [join(cluster, 'postmaster.pid'), join(socketFolder, '.s.PGSQL.5432.lock')]) {
      await writeFile(path, `${text}${socketFolder}\n\n 1 1\nready   \n`, { mode: 0o600 });
      if (isRoot) await chown(path, uid, gid);
    }
    const server = await start();
    expect(await ask(server, 'select n from kept')).toEqual([{ n: 1 }]);
    await server.stop();
    stranger.kill();
  });

  it('sets a new password where the file was lost', async () => {
    await rm(join(folder, 'cluster', 'labelwright.password'));
    const server = await start();
    expect(await ask(server, 'select n from kept')).toEqual([{ n: 1 }]);
    await server.stop();
  });

  it('moves with its folder', async () => {
    const moved = join(root, 'elsewhere');
    await cp(folder, moved, { recursive: true, filter: (path) => !path.includes('.s.PGSQL') });
    const server = await startEmbeddedPostgres({ dataDirectory: moved });
    expect(await ask(server, 'select n from kept')).toEqual([{ n: 1 }]);
    await server.stop();
  });

  it('refuses settings that would lose labels', async () => {
    await expect(start({ settings: { fsync: 'off' } })).rejects.toMatchObject({
      code: 'bad-options',
      message: expect.stringContaining('fsync stays on'),
    });
  });

  it('says in one line why PostgreSQL does not start', async () => {
    const fault = await start({ settings: { shared_buffers: 'plenty' } }).catch((error: unknown) => error);
    expect(fault).toMatchObject({
      code: 'database-start',
      message: expect.stringContaining('invalid value for parameter "shared_buffers"'),
    });
    expect((fault as Error).message).not.toContain('\n');
  });

  it('refuses a cluster of another major version, naming both', async () => {
    await writeFile(join(folder, 'cluster', 'PG_VERSION'), '17\n');
    await expect(start()).rejects.toMatchObject({
      code: 'database-version',
      message: expect.stringMatching(/written by PostgreSQL 17, .*brings PostgreSQL 18\.4: make a backup/),
    });
  });
});

describe('folders that need care', () => {
  it('does not touch a folder that holds something else', async () => {
    const folder = join(root, 'foreign');
    await mkdir(join(folder, 'cluster'), { recursive: true });
    await writeFile(join(folder, 'cluster', 'thesis.txt'), 'mine');
    await expect(startEmbeddedPostgres({ dataDirectory: folder })).rejects.toMatchObject({ code: 'database-folder' });
    expect(await readFile(join(folder, 'cluster', 'thesis.txt'), 'utf8')).toBe('mine');
  });

  it.runIf(isLinux)('listens in a short folder where the path is too long for a socket, and leaves none behind', async () => {
    const folder = join(root, 'long'.repeat(20), 'long'.repeat(10));
    const server = await startEmbeddedPostgres({ dataDirectory: folder, throwaway: true });
    const short = join(tmpdir(), `labelwright-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`);
    expect(server.connection.host).toBe(short);
    expect(await ask(server, 'select 1 as one')).toEqual([{ one: 1 }]);
    await server.stop();
    await expect(stat(short)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it.runIf(isLinux)('listens on loopback where no folder will do for a socket, and is found there by the next', async () => {
    const folder = join(root, 'loopback'.repeat(12));
    const { TMPDIR } = process.env;
    process.env.TMPDIR = join(root, 'nowhere'.repeat(12));
    const server = await startEmbeddedPostgres({ dataDirectory: folder, throwaway: true });
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
    expect(server.connection).toMatchObject({ host: '127.0.0.1', port: expect.any(Number) });
    expect(await ask(server, 'select 1 as one')).toEqual([{ one: 1 }]);
    const guest = await startEmbeddedPostgres({ dataDirectory: folder, throwaway: true, attach: true });
    expect(guest).toMatchObject({ owned: false, connection: { port: server.connection.port } });
    await server.stop();
  });

  it.runIf(isRoot && isLinux)(
    'lets another user run it below a folder that only root may enter, and leaves that folder alone',
    async () => {
      const closed = join(root, 'closed');
      await mkdir(closed, { mode: 0o700 });
      const server = await startEmbeddedPostgres({ dataDirectory: join(closed, 'database'), throwaway: true });
      expect(await ask(server, 'select 1 as one')).toEqual([{ one: 1 }]);
      expect((await stat(join(closed, 'database', 'cluster'))).uid).not.toBe(0);
      await server.stop();
      expect((await stat(closed)).mode & 0o777).toBe(0o700);
    },
  );

  it.runIf(isRoot && isLinux)('gives a cluster that root copied back to a user', async () => {
    const from = join(root, 'elsewhere');
    await giveToRoot(join(from, 'cluster'));
    const server = await startEmbeddedPostgres({ dataDirectory: from });
    expect(await ask(server, 'select n from kept')).toEqual([{ n: 1 }]);
    await server.stop();
  });

  it.runIf(isLinux)('follows a link to its folder', async () => {
    const link = join(root, 'link');
    await symlink(join(root, 'elsewhere'), link);
    const server = await startEmbeddedPostgres({ dataDirectory: link });
    const guest = await startEmbeddedPostgres({ dataDirectory: join(root, 'elsewhere'), attach: true });
    expect(guest.owned).toBe(false);
    await server.stop();
  });
});

async function giveToRoot(folder: string): Promise<void> {
  await chown(folder, 0, 0);
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true }))
    await chown(join(entry.parentPath, entry.name), 0, 0);
}
