import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Client, createClient } from '@labelwright/contract/client';
import { csrfHeader } from '@labelwright/contract/common';

/** What dies: the server alone, so that PostgreSQL outlives it, or both, as when the machine goes down. */
export type Victims = 'server' | 'server and database';

export interface ServerProcess {
  readonly url: string;
  readonly client: Client;
  /** SIGKILL: nothing gets to clean up. */
  kill(victims?: Victims): Promise<void>;
  stop(): Promise<void>;
}

const program = fileURLToPath(new URL('serve.mjs', import.meta.url));

/** The product as compiled, in a process of its own, on the embedded database of that directory. */
export async function startServerProcess(dataDirectory: string): Promise<ServerProcess> {
  const child = spawn(process.execPath, [program, dataDirectory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await addressFrom(child);
  let csrf = '';
  const client = createClient({ baseUrl: url, headers: () => ({ [csrfHeader]: csrf }) });
  csrf = (await client.getSession({})).csrf ?? '';
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  };
  return {
    url,
    client,
    kill: async (victims = 'server') => {
      if (victims === 'server and database') killDatabase(dataDirectory);
      await end('SIGKILL');
    },
    stop: () => end('SIGTERM'),
  };
}

/** The postmaster: its children notice that it is gone, and end. */
function killDatabase(dataDirectory: string): void {
  const [postmaster] = readFileSync(join(dataDirectory, 'database/cluster/postmaster.pid'), 'utf8').split('\n');
  process.kill(Number(postmaster), 'SIGKILL');
}

async function addressFrom(child: ChildProcess): Promise<string> {
  let said = '';
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    said += chunk.toString();
    const found = /Labelwright is at (\S+)/.exec(said);
    if (!found) continue;
    return found[1];
  }
  throw new Error(`the server did not start: ${said}`);
}
