import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Cluster } from './cluster.ts';
import { cleanEnvironment } from './environment.ts';
import { signalPostmaster } from './postmaster.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const stops = new Set<() => void>();

/** PostgreSQL ends with this process, however that ends (but for kill -9: the next start finds it running). It finishes by itself what it
 *  was told to finish. A program with its own signal handlers calls `stop()` in them. @returns what takes the hook away */
export function stopAtExit(cluster: Cluster, pid: () => number): () => void {
  const stop = () => {
    stopNow(cluster, pid());
    // A test that did not close: nothing of it is wanted, and nobody comes back for it.
    if (cluster.isThrowaway) rmSync(dirname(cluster.folder), { recursive: true, force: true, maxRetries: 3 });
  };
  if (stops.size === 0) hook();
  stops.add(stop);
  return () => {
    stops.delete(stop);
    if (stops.size === 0) unhook();
  };
}

function hook(): void {
  process.on('exit', stopAll);
  for (const signal of signals) process.on(signal, onSignal);
}

function unhook(): void {
  process.off('exit', stopAll);
  for (const signal of signals) process.off(signal, onSignal);
}

function stopAll(): void {
  for (const stop of stops) stop();
}

function onSignal(signal: NodeJS.Signals): void {
  // Somebody else decides what the signal means.
  if (process.listenerCount(signal) > 1) return;
  unhook();
  stopAll();
  process.kill(process.pid, signal);
}

function stopNow({ folder, programs, isThrowaway }: Cluster, pid: number): void {
  if (process.platform === 'win32') {
    spawnSync(programs.pgCtl, ['stop', '-W', '-m', 'fast', '-D', folder], { env: cleanEnvironment(), windowsHide: true });
  } else if (pid > 1) signalPostmaster(pid, isThrowaway ? 'SIGQUIT' : 'SIGINT');
}
