import { closeSync, openSync } from 'node:fs';
import { copyFile, open, stat, truncate } from 'node:fs/promises';

const limitBytes = 10 * 2 ** 20;
const everyMs = 60_000;

/** PostgreSQL writes its own log, so that it outlives us: a pipe would end with this process. */
export function openLog(path: string): { fd: number; close: () => void } {
  const fd = openSync(path, 'a', 0o600);
  return { fd, close: () => closeSync(fd) };
}

/** Past 10 MB the log is copied to `<path>.1` and cut: PostgreSQL appends, so it goes on at the new end. */
export function watchLog(path: string): () => void {
  const timer = setInterval(() => void rotate(path).catch(() => undefined), everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

export async function rotate(path: string, limit = limitBytes): Promise<boolean> {
  const size = await sizeOf(path);
  if (size <= limit) return false;
  await copyFile(path, `${path}.1`);
  await truncate(path, 0);
  return true;
}

export async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

/** What was written since. */
export async function readFrom(path: string, offset: number): Promise<string> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const length = Math.min(Math.max(size - offset, 0), 65_536);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}
