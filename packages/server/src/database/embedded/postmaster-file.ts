import { execFile } from 'node:child_process';
import { link, readFile, readlink, realpath, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Endpoint } from './endpoint.ts';

/** What a running postmaster writes into its cluster, a line each. */
export interface PostmasterFile extends Endpoint {
  readonly pid: number;
  /** It said so itself; before that every connection would be refused, and logged. */
  readonly isReady: boolean;
}

const run = promisify(execFile);

/** The lock files of PostgreSQL: `postmaster.pid` in the cluster, `.s.PGSQL.<port>.lock` beside a socket. Both begin with the pid. */
export const postmasterFile = (cluster: string): string => join(cluster, 'postmaster.pid');
export const socketLock = ({ socketFolder, port }: Endpoint): string => join(socketFolder, `.s.PGSQL.${port}.lock`);

export async function readPostmasterFile(cluster: string): Promise<PostmasterFile | undefined> {
  const lines = (await readIfThere(postmasterFile(cluster)))?.split('\n');
  if (!lines) return undefined;
  const [pid, , , port, socketFolder = '', , , status] = lines;
  return { pid: Number.parseInt(pid, 10), port: Number.parseInt(port, 10), socketFolder, isReady: status?.trim() === 'ready' };
}

async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

/** Removes a lock file whose process is no postmaster of this cluster: PostgreSQL itself is stopped by a zombie or by a stranger that got
 *  the number. Moved aside first: a file that another start has just put there goes back. */
export async function removeIfStale(path: string, cluster: string): Promise<void> {
  const judged = await readIfThere(path);
  if (judged === undefined || (await isPostmasterOf(Number.parseInt(judged, 10), cluster))) return;
  const aside = `${path}.stale.${process.pid}`;
  await rename(path, aside).catch(() => undefined);
  const moved = await readIfThere(aside);
  if (moved !== undefined && moved !== judged) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

/** Is this process the postmaster of this cluster? A zombie is not (pid 1 of a container may never reap it), nor is a stranger. */
export async function isPostmasterOf(pid: number, cluster: string): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 1) return false;
  if (process.platform === 'linux') return isPostmasterByProc(pid, cluster);
  if (process.platform === 'win32') return isAlive(pid);
  const { stdout } = await run('ps', ['-o', 'stat=,command=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return !stdout.startsWith('Z') && stdout.includes('postgres') && stdout.includes(cluster);
}

async function isPostmasterByProc(pid: number, cluster: string): Promise<boolean> {
  try {
    const status = await readFile(`/proc/${pid}/stat`, 'utf8');
    // "pid (name) state …": the name may hold spaces and brackets.
    const state = status.slice(status.lastIndexOf(')') + 2)[0];
    if (state === 'Z' || state === 'X') return false;
    const name = (await readFile(`/proc/${pid}/comm`, 'utf8')).trim();
    return name === 'postgres' && (await readlink(`/proc/${pid}/cwd`)) === (await realpath(cluster));
  } catch {
    return false;
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
