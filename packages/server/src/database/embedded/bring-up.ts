import { setTimeout as sleep } from 'node:timers/promises';
import { CoreError } from '@labelwright/core/model/errors';
import type { Client } from 'pg';
import type { Cluster } from './cluster.ts';
import type { Endpoint } from './endpoint.ts';
import { adviceFor, essenceOf } from './initdb.ts';
import { readFrom, rotate, sizeOf } from './log-file.ts';
import { type Launch, launch } from './postmaster.ts';
import { isPostmasterOf, postmasterFile, readPostmasterFile, removeIfStale, socketLock } from './postmaster-file.ts';
import { readPassword, renewPassword } from './prepare-cluster.ts';
import { reach } from './reach.ts';
import type { Settings } from './settings.ts';

/** All that a postmaster needs. */
export interface Site {
  readonly dataDirectory: string;
  readonly cluster: Cluster;
  readonly endpoint: Endpoint;
  readonly settings: Settings;
  readonly logPath: string;
  readonly log: (line: string) => void;
  /** Nobody waits for the server any more. */
  readonly stopping: AbortSignal;
}

export interface Running {
  readonly client: Client;
  readonly endpoint: Endpoint;
  readonly password: string;
  readonly pid: number;
  /** It ran before we came. */
  readonly found: boolean;
}

const pollMs = 15;
const progressMs = 10_000;
/** Replaying the log after a crash of a large load takes minutes on a slow disk. */
const patienceMs = 15 * 60_000;
const relaunches = 60;
const relaunchMs = 250;

/** Connects to the postmaster of the cluster; starts one where none runs. Two that start at once: PostgreSQL's own lock file lets one win,
 *  the other connects to it. @throws CoreError 'database-start' */
export async function bringUp(site: Site): Promise<Running> {
  const { cluster, log } = site;
  const password = await passwordOf(site);
  let launched: { run: Launch; logged: number } | undefined;
  let attempts = 0;
  const began = Date.now();
  let told = began;
  for (;;) {
    const running = await connect(site, password, launched !== undefined);
    if (typeof running !== 'string') return running;
    const fault = launched?.run.ended();
    if (launched && fault !== undefined) {
      const said = await readFrom(site.logPath, launched.logged);
      if (!isPassing(said) || attempts >= relaunches) throw startFailed(site, fault, said);
      launched = undefined;
      await sleep(relaunchMs);
    } else if (!launched && running === 'absent' && !(await isStarting(cluster.folder))) {
      await clearStale(site);
      await rotate(site.logPath);
      launched = { logged: await sizeOf(site.logPath), run: await launch(cluster, site.endpoint, site.settings, site.logPath) };
      attempts += 1;
    }
    site.stopping.throwIfAborted();
    if (Date.now() - began > patienceMs) throw startFailed(site, 'it does not become ready', '');
    if (Date.now() - told > progressMs) {
      log('database: PostgreSQL is still starting, it replays its log after a crash');
      told = Date.now();
    }
    await sleep(pollMs);
  }
}

async function passwordOf(site: Site): Promise<string> {
  const password = await readPassword(site.cluster);
  if (password !== undefined) return password;
  if (await isStarting(site.cluster.folder)) {
    const text = `database ${site.cluster.folder}: the file labelwright.password is missing: stop Labelwright and start it again`;
    throw new CoreError('database-password', text);
  }
  await clearStale(site);
  return renewPassword(site.cluster);
}

/** Another start holds the lock, or the last processes of a killed server are still leaving. */
function isPassing(said: string): boolean {
  return /lock file .* already exists|pre-existing shared memory block/.test(said);
}

function startFailed({ cluster, logPath }: Site, fault: string, said: string): CoreError {
  const reason = essenceOf(said.replaceAll(/^.*(LOG|HINT): .*$/gm, '')) || fault;
  return new CoreError('database-start', `database ${cluster.folder}: PostgreSQL did not start: ${reason}: ${adviceFor(said)}`, {
    fault,
    logPath,
  });
}

async function isStarting(folder: string): Promise<boolean> {
  const file = await readPostmasterFile(folder);
  return file !== undefined && isPostmasterOf(file.pid, folder);
}

async function connect(site: Site, password: string, isOurs: boolean): Promise<Running | 'absent' | 'not-ready'> {
  const { folder } = site.cluster;
  const file = await readPostmasterFile(folder);
  if (!file || Number.isNaN(file.port)) return 'absent';
  const isHere = await isPostmasterOf(file.pid, folder);
  if (isHere && !file.isReady) return 'not-ready';
  let nearest: 'absent' | 'not-ready' = 'absent';
  for (const endpoint of placesOf(file, site.endpoint)) {
    // The process may be in another container on the same folder, where we cannot see it: its socket answers. A port may be anybody's.
    if (!isHere && endpoint.socketFolder === '') continue;
    const client = await reach(endpoint, password, folder).catch((error: unknown) => {
      if (isHere) throw error;
      return 'absent' as const;
    });
    if (typeof client !== 'string') return { client, endpoint, password, pid: file.pid, found: !isOurs };
    if (client === 'not-ready') nearest = client;
  }
  return nearest;
}

/** A folder seen under another path has its socket at our place for it, not where the file says. */
function placesOf({ socketFolder, port }: Endpoint, own: Endpoint): Endpoint[] {
  const said = { socketFolder, port };
  return own.socketFolder === socketFolder ? [said] : [said, own];
}

async function clearStale({ cluster, endpoint }: Site): Promise<void> {
  await removeIfStale(postmasterFile(cluster.folder), cluster.folder);
  if (endpoint.socketFolder !== '') await removeIfStale(socketLock(endpoint), cluster.folder);
}
