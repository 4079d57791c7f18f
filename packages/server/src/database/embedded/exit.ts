import { spawnSync } from 'node:child_process';
import type { Cluster } from './cluster.ts';
import { cleanEnvironment } from './environment.ts';
import { signalPostmaster } from './postmaster.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** PostgreSQL ends with this process, however that ends (but for kill -9: the next start finds it running). It finishes by itself what it
 *  was told to finish. A program with its own signal handlers calls `stop()` in them. @returns what takes the hooks away */
export function stopAtExit(cluster: Cluster, pid: () => number): () => void {
  const stop = () => {
    if (process.platform === 'win32') {
      spawnSync(cluster.programs.pgCtl, ['stop', '-W', '-m', 'fast', '-D', cluster.folder], { env: cleanEnvironment(), windowsHide: true });
    } else if (pid() > 1) signalPostmaster(pid(), 'SIGINT');
  };
  const onSignal = (signal: NodeJS.Signals) => {
    if (process.listenerCount(signal) > 1) return;
    remove();
    stop();
    process.kill(process.pid, signal);
  };
  const remove = () => {
    process.off('exit', stop);
    for (const signal of signals) process.off(signal, onSignal);
  };
  process.on('exit', stop);
  for (const signal of signals) process.on(signal, onSignal);
  return remove;
}
