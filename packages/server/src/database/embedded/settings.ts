import { createHash } from 'node:crypto';
import { statfs } from 'node:fs/promises';
import { CoreError } from '@labelwright/core/model/errors';

export type Settings = Readonly<Record<string, string | number>>;

/** Sized for one machine shared with the server and a browser; the figures behind the choices are in docs/operations/database.md. */
const standard: Settings = {
  // Memory. Shared buffers count as ours once touched, the page cache of the system does not.
  shared_buffers: '32MB',
  work_mem: '8MB',
  // While an index is built; the search index of 600,000 texts takes 7–9 s instead of 12–13 s with 64 MB.
  maintenance_work_mem: '256MB',
  autovacuum_work_mem: '64MB',
  max_connections: 50,
  huge_pages: 'off',
  jit: 'off',
  // Processes that wait for work we never give: logical replication, more I/O and vacuum workers.
  max_logical_replication_workers: 0,
  io_method: 'worker',
  io_workers: 1,
  autovacuum_max_workers: 2,
  autovacuum_worker_slots: 2,
  max_worker_processes: 4,
  max_parallel_workers: 2,
  max_parallel_workers_per_gather: 1,
  // Bulk loads: few checkpoints, and none of a replica's needs in the log.
  max_wal_size: '1GB',
  min_wal_size: '64MB',
  wal_level: 'minimal',
  max_wal_senders: 0,
  wal_compression: 'on',
  // Answers and logs.
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_line_prefix: '%m [%p] ',
  // Details of an error quote the user's data.
  log_error_verbosity: 'terse',
  log_checkpoints: 'off',
};

/** What was acknowledged survives a power cut. */
const durable: Settings = { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' };
const throwaway: Settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/** @throws CoreError 'bad-options' where the user's own settings touch durability */
export async function settingsFor(own: Settings, isThrowaway: boolean): Promise<Settings> {
  for (const name of Object.keys(own)) {
    if (name in durable) throw new CoreError('bad-options', `database: the setting ${name} stays on: with it off a power cut loses labels`);
  }
  const platform: Record<string, string> = {};
  // The server notices within this time that the client of a long query is gone; Windows cannot.
  if (process.platform !== 'win32') platform.client_connection_check_interval = '5s';
  // After a crash all files are brought to disk first: by one call instead of one per file, 0.2 s instead of 2 s on a busy disk.
  if (process.platform === 'linux') platform.recovery_init_sync_method = 'syncfs';
  if (await isSharedMemorySmall()) platform.dynamic_shared_memory_type = 'mmap';
  return { ...standard, ...platform, ...own, ...(isThrowaway ? throwaway : durable) };
}

/** Containers get 64 MB of /dev/shm: parallel queries would fail with "could not resize shared memory segment". */
async function isSharedMemorySmall(): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  return statfs('/dev/shm').then(
    ({ blocks, bsize }) => blocks * bsize < 256 * 2 ** 20,
    () => true,
  );
}

export function argumentsFor(settings: Settings): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** Goes into `cluster_name`: a server found running with another one was started by another version of us. */
export function fingerprintOf(settings: Settings, version: string): string {
  return `labelwright ${createHash('sha256')
    .update(JSON.stringify([version, settings]))
    .digest('hex')
    .slice(0, 16)}`;
}
