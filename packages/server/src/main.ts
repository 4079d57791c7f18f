import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CoreError } from '@labelwright/core/model/errors';
import type { FastifyInstance } from 'fastify';
import { createApp } from './app.ts';
import type { Context } from './context.ts';
import { databaseUrl, openDatabase } from './database/open.ts';
import type { Tables } from './database/tables.ts';
import { startEvents } from './events.ts';
import { jobHandlers } from './jobs/job-handlers.ts';
import { restoreSearchIndex } from './jobs/restore-search-index.ts';
import { offerSample } from './jobs/sample.ts';
import { startJobs } from './jobs/start-jobs.ts';
import { makeLog } from './log.ts';
import { openBrowser } from './open-browser.ts';
import { addressFor, isLoopback } from './own-address.ts';
import { makeEntrance } from './security/entrance.ts';
import { loadSecret } from './security/secret.ts';
import { ensureSingleUser, hasAccounts } from './stores/people.ts';

export interface ServerOptions {
  /** The embedded database, uploads and exports live here. */
  readonly dataDirectory: string;
  readonly host?: string;
  /** 0: any that is free. */
  readonly port?: number;
  /** postgres://…; else DATABASE_URL, else the embedded one. */
  readonly database?: string | undefined;
  /** Opens the page in the browser, where there is a desktop. */
  readonly open?: boolean;
  /** Accounts even on loopback. */
  readonly accounts?: boolean;
  /** Where users reach it when a proxy stands before it: https://labels.example.org */
  readonly publicUrl?: string | undefined;
  /** Further names that it answers to. */
  readonly hosts?: readonly string[];
  /** Addresses of proxies whose X-Forwarded-For is believed. */
  readonly trustProxy?: boolean | string;
  /** The folder of the web page's build. */
  readonly web?: string;
  /** The sample project, into a database with nothing in it; unless false. */
  readonly sample?: boolean;
  readonly logLevel?: string | undefined;
  /** Lines for the person at the terminal. */
  readonly print?: (line: string) => void;
  readonly environment?: NodeJS.ProcessEnv;
}

export interface RunningServer {
  readonly url: string;
  readonly context: Context;
  /** Finishes what is under way, within 30 s. */
  stop(): Promise<void>;
}

export const defaultPort = 4477;
const drainMs = 20_000;
const ownWeb = fileURLToPath(new URL('../../web/dist', import.meta.url));

/** The whole server: database, migrations, jobs, API, page. @throws CoreError 'port-taken', 'weak-secret', 'database-…', each saying what to do */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { host = '127.0.0.1', port = defaultPort, print = console.log, environment = process.env } = options;
  const log = makeLog({ level: options.logLevel ?? environment.LABELWRIGHT_LOG });
  const clock = Date.now;
  const dataDirectory = resolve(options.dataDirectory);
  const secret = await loadSecret(dataDirectory, environment.LABELWRIGHT_SECRET);
  const publicUrl = checkedPublicUrl(options.publicUrl);
  const entrance = makeEntrance({
    isLoopback: isLoopback(host),
    accounts: options.accounts ?? false,
    publicUrl,
    hosts: options.hosts,
    secret,
    clock,
  });
  const version = await ownVersion();
  const database = await openDatabase<Tables>({
    dataDirectory,
    url: databaseUrl(options.database, environment),
    appVersion: version,
    log: (line) => log.info(line),
    onState: (state, reason) => log.warn({ state }, reason),
  });
  const ending: (() => Promise<void>)[] = [() => database.close()];
  const endAll = async () => {
    for (const end of ending.splice(0).reverse())
      await end().catch((error: unknown) => log.error({ err: error }, 'the server stops badly'));
  };
  try {
    const events = await startEvents(database.connection, log);
    ending.push(() => events.stop());
    const context: Context = {
      db: database.db,
      pool: database.pool,
      connection: database.connection,
      files: { dataDirectory },
      events,
      entrance,
      log,
      version,
      clock,
    };
    if (entrance.allowsSingleUser) await ensureSingleUser(context.db);
    const jobs = await startJobs(context, { handlers: jobHandlers, isAlone: database.kind === 'embedded' });
    // One that an import was to build when it was killed.
    const restoring = new AbortController();
    const restored = restoreSearchIndex(context, restoring.signal);
    ending.push(() => (restoring.abort(new Error('the server stops')), restored));
    ending.push(() => Promise.race([jobs.stop(), sleep(drainMs, undefined, { ref: false })]));
    if (options.sample !== false) await offerSample(context);
    const app = await createApp(context, { trustProxy: options.trustProxy ?? false, web: options.web ?? ownWeb });
    ending.push(() => closeInTime(app));
    await listen(app, host, port);
    const url = publicUrl ?? `http://${addressFor(host)}:${(app.server.address() as AddressInfo).port}`;
    await welcome(context, url, print);
    if (options.open) openBrowser(url);
    let stopped: Promise<void> | undefined;
    return { url, context, stop: () => (stopped ??= endAll()) };
  } catch (error) {
    await endAll();
    throw error;
  }
}

/** `startServer` as a command: until Ctrl+C or a TERM. A second one does not wait. */
export async function serve(options: ServerOptions): Promise<void> {
  const server = await startServer(options);
  const { print = console.log } = options;
  await new Promise<void>((done) => {
    let isStopping = false;
    const stop = () => {
      if (isStopping) process.exit(1);
      isStopping = true;
      print('Stopping …');
      void server.stop().finally(done);
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
}

/** @throws CoreError 'port-taken', 'bad-host' */
async function listen(app: FastifyInstance, host: string, port: number): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const { code } = error as { code?: string };
    const place = `port ${port} of ${host}`;
    if (code === 'EADDRINUSE')
      throw new CoreError('port-taken', `serve: ${place} is taken by another program: end it, or choose another by --port`);
    if (code === 'EACCES') throw new CoreError('port-taken', `serve: ${place} needs more rights: choose one above 1023 by --port`);
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new CoreError('bad-host', `serve: this machine has no address ${host}: correct --host`);
    throw error;
  }
}

async function closeInTime(app: FastifyInstance): Promise<void> {
  const late = setTimeout(() => app.server.closeAllConnections(), drainMs);
  await app.close().finally(() => clearTimeout(late));
}

async function welcome({ db, entrance }: Context, url: string, print: (line: string) => void): Promise<void> {
  print(`Labelwright is at ${url}`);
  if (entrance.allowsSingleUser || (await hasAccounts(db))) return;
  print(`There is no account yet. Make the first one, within an hour, by this link: ${url}/setup?key=${entrance.setupKey.key}`);
  if (!entrance.isSecure)
    print('This connection is not encrypted: let people in by a proxy with https, and name it by --public-url https://…');
}

/** @throws CoreError 'bad-public-url' */
function checkedPublicUrl(url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol) && new URL(url).pathname === '/') return new URL(url).origin;
  throw new CoreError('bad-public-url', `serve: --public-url must look like https://labels.example.org, got ${url}`);
}

async function ownVersion(): Promise<string> {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
