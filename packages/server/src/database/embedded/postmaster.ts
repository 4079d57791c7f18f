import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { CoreError, reasonOf } from '@labelwright/core/model/errors';
import { argumentFor, type Cluster } from './cluster.ts';
import { type Endpoint, loopback } from './endpoint.ts';
import { cleanEnvironment } from './environment.ts';
import { openLog } from './log-file.ts';
import { isPostmasterOf, readPostmasterFile } from './postmaster-file.ts';
import { argumentsFor, type Settings } from './settings.ts';

const run = promisify(execFile);

export interface Launch {
  readonly pid: number;
  /** Why it is over, as soon as it is. */
  ended(): string | undefined;
}

/** Starts a postmaster in a process group of its own: Ctrl+C in the terminal is for us, who still have work to save. */
export async function launch(cluster: Cluster, endpoint: Endpoint, settings: Settings, logPath: string): Promise<Launch> {
  const { folder, programs, account } = cluster;
  const address = endpoint.socketFolder === '' ? loopback : '';
  const listening = {
    listen_addresses: address,
    port: endpoint.port,
    ...(process.platform === 'win32' ? {} : { unix_socket_directories: endpoint.socketFolder }),
  };
  const args = ['-D', await argumentFor(folder, account), ...argumentsFor({ ...settings, ...listening })];
  if (process.platform === 'win32') return launchByPgCtl(cluster, args, logPath);
  const log = openLog(logPath);
  try {
    const child = spawn(programs.postgres, args, {
      ...account,
      cwd: folder,
      env: cleanEnvironment(),
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    let over: string | undefined;
    child.on('error', (error) => (over = reasonOf(error)));
    child.on('exit', (code, signal) => (over = signal ? `ended by ${signal}` : `ended with code ${code}`));
    child.unref();
    return { pid: child.pid ?? 0, ended: () => over };
  } finally {
    log.close();
  }
}

/** An administrator's rights are too many for PostgreSQL on Windows; pg_ctl gives them up for it. */
async function launchByPgCtl({ folder, programs }: Cluster, args: string[], logPath: string): Promise<Launch> {
  const options = args.slice(2).map((arg) => (arg === '-c' ? arg : `"${arg}"`));
  const call = ['start', '-W', '-D', folder, '-l', logPath, '-o', options.join(' ')];
  const fault = await run(programs.pgCtl, call, { env: cleanEnvironment(), windowsHide: true }).then(() => undefined, reasonOf);
  return { pid: 0, ended: () => fault };
}

const fastMs = 30_000;
const immediateMs = 10_000;
const pollMs = 20;

/** Fast: open transactions are rolled back, everything is written, the next start needs no recovery. After 30 s at once: the next start
 *  replays the log; nothing acknowledged is lost. @throws CoreError 'database-stop' */
export async function stopPostmaster({ folder, programs }: Cluster): Promise<void> {
  const file = await readPostmasterFile(folder);
  if (!file || !(await isPostmasterOf(file.pid, folder))) return;
  for (const { mode, signal, ms } of [
    { mode: 'fast', signal: 'SIGINT', ms: fastMs },
    { mode: 'immediate', signal: 'SIGQUIT', ms: immediateMs },
  ] as const) {
    if (process.platform === 'win32')
      await run(programs.pgCtl, ['stop', '-W', '-m', mode, '-D', folder], { env: cleanEnvironment() }).catch(() => undefined);
    else signalPostmaster(file.pid, signal);
    if (await isGone(file.pid, folder, ms)) return;
  }
  throw new CoreError(
    'database-stop',
    `database ${folder}: PostgreSQL (process ${file.pid}) does not stop: see ${join(folder, '..', 'postgres.log')}`,
  );
}

export function signalPostmaster(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already.
  }
}

async function isGone(pid: number, folder: string, ms: number): Promise<boolean> {
  for (const end = Date.now() + ms; Date.now() < end; await sleep(pollMs)) if (!(await isPostmasterOf(pid, folder))) return true;
  return false;
}
