import { chmod, mkdir, rm, rmdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CoreError, reasonOf } from '@labelwright/core/model/errors';
import type { Client, ClientConfig } from 'pg';
import { type Account, chooseAccount } from './account.ts';
import { bringUp, type Running, type Site } from './bring-up.ts';
import { chooseEndpoint, type Endpoint } from './endpoint.ts';
import { stopAtExit } from './exit.ts';
import { watchLog } from './log-file.ts';
import { ownOrRefuse, tryOwn } from './ownership.ts';
import { stopPostmaster } from './postmaster.ts';
import { prepareCluster } from './prepare-cluster.ts';
import { preparePrograms, type ProgramPlaces } from './programs.ts';
import { connectionTo } from './reach.ts';
import { fingerprintOf, type Settings, settingsFor } from './settings.ts';

export interface EmbeddedOptions {
  /** Everything of the database lives here: `cluster/`, `socket/`, `postgres.log`. Made where it is not there. */
  readonly dataDirectory: string;
  readonly log?: (line: string) => void;
  /** Share the server of a live process (a command beside `serve`) instead of refusing to. Where none runs, start it as usual. */
  readonly attach?: boolean;
  /** The user's own PostgreSQL settings, over ours. */
  readonly settings?: Settings;
  /** PostgreSQL went away (killed, out of memory, a full disk) and came back; between the two, queries fail. */
  readonly onState?: (state: 'down' | 'up', reason: string) => void;
  /** For tests: no waiting for the disk, and the folder is removed in the end. */
  readonly throwaway?: boolean;
  /** For tests: where the programs are. */
  readonly places?: ProgramPlaces;
}

export interface EmbeddedPostgres {
  /** For `pg`; complete, so that the PG* variables of the environment have no say. */
  readonly connection: ClientConfig;
  readonly connectionString: string;
  /** It was running when we came: of a process that was killed, or shared with a live one. */
  readonly attached: boolean;
  /** We own it: `stop` stops it. False where it is shared. */
  readonly owned: boolean;
  readonly version: string;
  /** @throws CoreError 'database-stop' */
  stop(): Promise<void>;
}

const database = 'labelwright';
const longestPauseMs = 5_000;

/** PostgreSQL in a folder: made at the first start, found again where the process before us was killed, started again when it dies.
 *  @throws CoreError 'database-in-use', 'database-version', 'database-start' … each saying what to do */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const stopping = new AbortController();
  const site = await prepareSite(options, stopping.signal);
  const running = await bringUp(site);
  try {
    if (options.attach && !(await tryOwn(running.client))) return await share(site, running);
    if (!options.attach) await ownOrRefuse(running.client, site.dataDirectory);
    const current = await renewIfOld(site, running);
    await makeDatabase(current.client);
    return supervise(site, current, stopping, options);
  } catch (error) {
    await running.client.end();
    throw error;
  }
}

async function prepareSite(options: EmbeddedOptions, stopping: AbortSignal): Promise<Site> {
  const dataDirectory = resolve(options.dataDirectory);
  const folder = join(dataDirectory, 'cluster');
  const account = await chooseAccount(folder);
  const programs = await preparePrograms(account, options.places);
  const isThrowaway = options.throwaway ?? false;
  await makeFolder(dataDirectory, account);
  const cluster = { folder, programs, account, isThrowaway };
  await prepareCluster(cluster);
  const settings = await settingsFor(options.settings ?? {}, isThrowaway);
  return {
    dataDirectory,
    cluster,
    settings: { ...settings, cluster_name: fingerprintOf(settings, programs.version) },
    endpoint: await chooseEndpoint(dataDirectory, account),
    logPath: join(dataDirectory, 'postgres.log'),
    log: options.log ?? (() => undefined),
    stopping,
  };
}

async function makeFolder(dataDirectory: string, account: Account | undefined): Promise<void> {
  try {
    const made = await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
    // Nothing to read here for others; the account only passes through.
    if (made !== undefined && account) await chmod(dataDirectory, 0o711);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const text = `database ${dataDirectory}: the folder cannot be made (${code}): choose a data folder that this user may write to`;
    throw new CoreError('database-folder', text, {}, { cause });
  }
}

/** A server that an older version of us, or other settings, started: stopped and started as it should be. */
async function renewIfOld(site: Site, running: Running): Promise<Running> {
  const { rows } = await running.client.query<{ cluster_name: string }>('show cluster_name');
  if (rows[0].cluster_name === site.settings.cluster_name) return running;
  site.log('database: the PostgreSQL found running was started with other settings: starting it again');
  await running.client.end();
  await stopPostmaster(site.cluster);
  return bringUpOwned(site);
}

async function share(site: Site, running: Running): Promise<EmbeddedPostgres> {
  await makeDatabase(running.client);
  await running.client.end();
  return present(site, running, { owned: false, stop: async () => undefined });
}

async function makeDatabase(client: Client): Promise<void> {
  const { rowCount } = await client.query('select from pg_database where datname = $1', [database]);
  if (rowCount === 0) {
    await client.query(`create database ${database}`).catch((error: { code?: string }) => {
      if (error.code !== '42P04' && error.code !== '23505') throw error;
    });
  }
}

function present({ cluster }: Site, running: Running, rest: Pick<EmbeddedPostgres, 'owned' | 'stop'>): EmbeddedPostgres {
  const connection = connectionTo(running.endpoint, running.password, database);
  const query = new URLSearchParams({ host: String(connection.host), port: String(connection.port) });
  return {
    connection,
    connectionString: `postgres://${connection.user}:${running.password}@/${database}?${query.toString()}`,
    attached: running.found,
    version: cluster.programs.version,
    ...rest,
  };
}

function supervise(site: Site, first: Running, stopping: AbortController, { onState, throwaway }: EmbeddedOptions): EmbeddedPostgres {
  let running = first;
  let recovering: Promise<void> | undefined;
  let stopped: Promise<void> | undefined;

  const watch = () => running.client.once('end', () => (recovering ??= recover().finally(() => (recovering = undefined))));
  const recover = async () => {
    if (stopping.signal.aborted) return;
    onState?.('down', 'the connection to PostgreSQL ended');
    site.log('database: PostgreSQL went away: starting it again');
    for (let pause = 100; !stopping.signal.aborted; pause = Math.min(pause * 2, longestPauseMs)) {
      const next = await bringUpOwned(site).catch((error: unknown) => reasonOf(error));
      if (typeof next !== 'string') {
        running = next;
        watch();
        site.log('database: PostgreSQL is back');
        onState?.('up', 'PostgreSQL is back');
        return;
      }
      site.log(next);
      await sleep(pause, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };

  const unwatchLog = watchLog(site.logPath);
  const unhook = stopAtExit(site.cluster, () => running.pid);
  const stop = async () => {
    stopping.abort();
    await recovering;
    await running.client.end().catch(() => undefined);
    await stopPostmaster(site.cluster).finally(unhook);
    unwatchLog();
    await leaveNoFolder(running.endpoint, site.dataDirectory);
    if (throwaway) await rm(site.dataDirectory, { recursive: true, force: true });
  };
  watch();
  return present(site, running, { owned: true, stop: () => (stopped ??= stop()) });
}

/** The folder of a socket outside the data directory is in everybody's temporary folder. */
async function leaveNoFolder({ socketFolder }: Endpoint, dataDirectory: string): Promise<void> {
  if (socketFolder !== '' && !socketFolder.startsWith(dataDirectory)) await rmdir(socketFolder).catch(() => undefined);
}

async function bringUpOwned(site: Site): Promise<Running> {
  const running = await bringUp(site);
  try {
    await ownOrRefuse(running.client, site.dataDirectory);
    return running;
  } catch (error) {
    await running.client.end();
    throw error;
  }
}
