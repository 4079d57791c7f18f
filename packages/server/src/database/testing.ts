import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { connectDatabase, type Database } from './connect.ts';
import { signalPostmaster } from './embedded/postmaster.ts';
import { isAlive, isPostmasterOf, readPostmasterFile } from './embedded/postmaster-file.ts';
import { startEmbeddedPostgres } from './embedded/start.ts';
import { migrate, type Migrations } from './migrations.ts';

/** A PostgreSQL server for tests with a template that holds the product's tables. */
export interface TestServer {
  readonly url: string;
  readonly template: string;
  stop(): Promise<void>;
}

/** The server of `LABELWRIGHT_TEST_DATABASE` (an address whose user may create databases), else an embedded one without waiting for the disk. */
export async function startTestServer(): Promise<TestServer> {
  const external = process.env.LABELWRIGHT_TEST_DATABASE;
  const embedded = external ? undefined : await startEmbeddedPostgres({ dataDirectory: await makeFolder(), throwaway: true });
  const url = embedded?.connectionString ?? external ?? '';
  const template = nameFor('template');
  await administer(url, `create database ${template}`);
  const database = await connectUnchecked(withName(url, template));
  await migrate(database.db, { appVersion: 'test' });
  await database.close();
  const stop = async () => {
    if (embedded) await embedded.stop();
    else await administer(url, `drop database if exists ${template} with (force)`);
  };
  return { url, template, stop };
}

const folderPrefix = 'labelwright-test-';

/** Runs that were killed leave their server running: the next one ends it. */
async function makeFolder(): Promise<string> {
  for (const name of await readdir(tmpdir())) {
    const owner = Number(name.startsWith(folderPrefix) ? name.slice(folderPrefix.length).split('-')[0] : Number.NaN);
    if (!Number.isInteger(owner) || isAlive(owner)) continue;
    const left = join(tmpdir(), name);
    const server = await readPostmasterFile(join(left, 'cluster')).catch(() => undefined);
    if (server && (await isPostmasterOf(server.pid, join(left, 'cluster')))) signalPostmaster(server.pid, 'SIGQUIT');
    await rm(left, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }
  const folder = await mkdtemp(join(tmpdir(), `${folderPrefix}${process.pid}-`));
  await chmod(folder, 0o711);
  return folder;
}

export interface FreshOptions {
  /** Instead of the product's tables. */
  readonly migrations?: Migrations;
}

/** A database of one's own with the product's tables and nothing in them; `close` drops it.
 *  One server serves the whole run where `testing-setup.ts` is a globalSetup of vitest; else each file that asks starts one. */
export async function freshDatabase<Tables>({ migrations }: FreshOptions = {}): Promise<Database<Tables> & { readonly url: string }> {
  const { server, release } = await borrowServer();
  const name = nameFor('test');
  await administer(server.url, migrations ? `create database ${name}` : `create database ${name} template ${server.template}`);
  const url = withName(server.url, name);
  const database = await connectUnchecked<Tables>(url);
  if (migrations) await migrate(database.db, { appVersion: 'test', migrations });
  const close = async () => {
    await database.close();
    await administer(server.url, `drop database if exists ${name} with (force)`);
    await release();
  };
  return { ...database, url, close };
}

/** Test servers do not wait for the disk: for them only, that is no fault. */
async function connectUnchecked<Tables>(url: string): Promise<Database<Tables>> {
  return connectDatabase<Tables>(url, { name: 'labelwright test', connections: 5, unsafe: true });
}

function nameFor(kind: string): string {
  return `labelwright_${kind}_${process.pid}_${randomBytes(4).toString('hex')}`;
}

function withName(url: string, name: string): string {
  // A URL without a host (a socket) has no path that could be set.
  return url.replace(/^(postgres(?:ql)?:\/\/[^/?]*)\/?[^?]*/, `$1/${name}`);
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

let own: Promise<TestServer> | undefined;
let borrowers = 0;

async function borrowServer(): Promise<{ server: TestServer; release: () => Promise<void> }> {
  const broker = process.env[brokerVariable];
  if (broker) return { server: await askBroker(broker), release: async () => undefined };
  borrowers += 1;
  const server = await (own ??= startTestServer());
  const release = async () => {
    borrowers -= 1;
    if (borrowers > 0) return;
    own = undefined;
    await server.stop();
  };
  return { server, release };
}

const brokerVariable = 'LABELWRIGHT_TEST_BROKER';

/** Starts a server when the first test file asks for one: runs without the database cost nothing. @returns what ends it */
export async function startBroker(): Promise<() => Promise<void>> {
  const id = `labelwright-broker-${process.pid}-${randomBytes(4).toString('hex')}`;
  const path = process.platform === 'win32' ? `\\\\.\\pipe\\${id}` : join(tmpdir(), id);
  let server: Promise<TestServer> | undefined;
  const broker = createServer((socket) => {
    socket.on('error', () => undefined);
    server ??= startTestServer();
    server.then(
      ({ url, template }) => socket.end(JSON.stringify({ url, template })),
      (error: unknown) => socket.end(JSON.stringify({ fault: String(error) })),
    );
  });
  await new Promise<void>((resolve) => broker.listen(path, resolve));
  broker.unref();
  process.env[brokerVariable] = path;
  return async () => {
    broker.close();
    await (await server?.catch(() => undefined))?.stop();
  };
}

async function askBroker(path: string): Promise<TestServer> {
  const chunks: Buffer[] = [];
  for await (const chunk of connect(path)) chunks.push(chunk as Buffer);
  const answer = JSON.parse(Buffer.concat(chunks).toString()) as { url: string; template: string; fault?: string };
  if (answer.fault) throw new Error(answer.fault);
  return { ...answer, stop: async () => undefined };
}
