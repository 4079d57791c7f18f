import { randomBytes } from 'node:crypto';
import { mkdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { CoreError } from '@labelwright/core/model/errors';

/** One file. Larger ones are imported in parts, or from the command line. */
export const maxUploadBytes = 2 * 2 ** 30;

/** Never the name that the user's file has. */
export function newUploadName(): string {
  return `${randomBytes(16).toString('hex')}.upload`;
}

export function uploadPath(dataDirectory: string, name: string): string {
  if (!/^[0-9a-f]{32}\.upload$/.test(name)) throw new Error('not the name of an upload');
  return join(dataDirectory, 'uploads', name);
}

export async function makeUploadFolder(dataDirectory: string): Promise<void> {
  await mkdir(join(dataDirectory, 'uploads'), { recursive: true, mode: 0o700 });
}

/** @throws CoreError 'disk-full' before anything is sent */
export async function checkRoom(dataDirectory: string, bytes: number): Promise<void> {
  const free = await statfs(dataDirectory).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => Number.POSITIVE_INFINITY,
  );
  if (free >= bytes) return;
  const megabytes = (size: number) => `${Math.ceil(size / 1e6).toLocaleString('en')} MB`;
  const text = `The disk of the server has room for ${megabytes(free)}, the file has ${megabytes(bytes)}: make room and try again`;
  throw new CoreError('disk-full', text);
}

export async function removeUpload(dataDirectory: string, name: string | undefined): Promise<void> {
  if (name !== undefined) await rm(uploadPath(dataDirectory, name), { force: true });
}
