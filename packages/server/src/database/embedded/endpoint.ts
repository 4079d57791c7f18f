import { createHash } from 'node:crypto';
import { lstat, mkdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Account, canEnter, makePrivate } from './account.ts';

/** Where PostgreSQL listens: a Unix socket in a folder, or (folder '') loopback TCP. */
export interface Endpoint {
  readonly socketFolder: string;
  readonly port: number;
}

/** The port of a socket is only a part of its file's name. */
const socketPort = 5432;
/** sun_path holds 108 bytes on Linux and 104 on macOS, the final zero included. */
const longestPath = 103;

export const loopback = '127.0.0.1';

export function hostOf(endpoint: Endpoint): string {
  return endpoint.socketFolder || loopback;
}

/** `socket/` beside the cluster; a short folder under the temporary one where that path is too long, cannot be reached by the account or
 *  lies on a file system without sockets; TCP on loopback where neither works (Windows). */
export async function chooseEndpoint(dataDirectory: string, account: Account | undefined): Promise<Endpoint> {
  if (process.platform !== 'win32') {
    for (const folder of socketFolders(dataDirectory)) {
      if (await isUsable(folder, account)) return { socketFolder: folder, port: socketPort };
    }
  }
  return { socketFolder: '', port: await freePort() };
}

export function socketFolders(dataDirectory: string): string[] {
  const hash = createHash('sha256').update(dataDirectory).digest('hex').slice(0, 12);
  return [join(dataDirectory, 'socket'), join(tmpdir(), `labelwright-${hash}`)];
}

async function isUsable(folder: string, account: Account | undefined): Promise<boolean> {
  if (Buffer.byteLength(join(folder, `.s.PGSQL.${socketPort}`)) > longestPath) return false;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const { uid } = await lstat(folder);
    // Under /tmp a stranger may have been first.
    if (![process.getuid?.(), account?.uid].includes(uid)) return false;
    await makePrivate(folder, account);
    return (await canEnter(folder, account)) && (await canListen(join(folder, '.try')));
  } catch {
    return false;
  }
}

async function canListen(path: string): Promise<boolean> {
  await rm(path, { force: true });
  const listening = await listen(path).catch(() => undefined);
  await listening?.close();
  return listening !== undefined;
}

async function freePort(): Promise<number> {
  const { port, close } = await listen(0, loopback);
  await close();
  return port;
}

async function listen(where: string | number, host?: string): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(typeof where === 'string' ? { path: where } : { port: where, host }, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
