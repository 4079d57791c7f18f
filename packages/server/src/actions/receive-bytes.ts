import { type FileHandle, open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { CoreError } from '@labelwright/core/model/errors';
import type { Context } from '../context.ts';
import { notFound } from '../errors.ts';
import { changeImport, findImport, type ImportRow, optionsOf } from '../stores/imports.ts';
import { uploadPath } from '../uploads.ts';

interface Receiving {
  readonly body: Readable;
  readonly done: Promise<unknown>;
}

/** Of this process. */
const receiving = new Map<number, Receiving>();

/** Puts bytes of a file at `offset`. Whatever came before the connection broke counts: the client asks how much that is, and goes on there.
 *  @throws CoreError 'conflict' with `receivedBytes` where the offset is another, 'too-large', 'disk-full' */
export async function receiveBytes(context: Context, project: number, id: number, offset: number, body: Readable): Promise<ImportRow> {
  // Whoever sends anew has given the earlier attempt up, even where this side has not noticed yet.
  const before = receiving.get(id);
  before?.body.destroy();
  await before?.done.catch(() => undefined);
  const done = receive(context, project, id, offset, body);
  receiving.set(id, { body, done });
  try {
    return await done;
  } finally {
    if (receiving.get(id)?.done === done) receiving.delete(id);
  }
}

async function receive({ db, files }: Context, project: number, id: number, offset: number, body: Readable): Promise<ImportRow> {
  const row = await findImport(db, project, id);
  if (!row) throw notFound('import');
  const { file } = optionsOf(row);
  if (row.state !== 'uploading' || file === undefined)
    throw new CoreError('conflict', 'All bytes of this file are here already', { receivedBytes: row.received_bytes });
  if (offset !== row.received_bytes) {
    const text = `${row.received_bytes.toLocaleString('en')} bytes are here: send what follows them`;
    throw new CoreError('conflict', text, { receivedBytes: row.received_bytes });
  }
  const handle = await open(uploadPath(files.dataDirectory, file), 'r+').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new CoreError('conflict', 'What was sent of this file is gone: send it again as a new import');
    throw error;
  });
  let end = offset;
  let fault: unknown;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      if (end + chunk.length > row.size_bytes) throw tooLong(row);
      await writeAll(handle, chunk, end);
      end += chunk.length;
    }
  } catch (error) {
    fault = error;
  }
  try {
    // What did not fit is of no use, and its room is wanted.
    if (fault !== undefined) await handle.truncate(end).catch(() => undefined);
    if (end > offset) await handle.datasync();
  } finally {
    await handle.close();
  }
  const isWhole = end === row.size_bytes;
  const received = await changeImport(db, id, { received_bytes: end, ...(isWhole && { state: 'uploaded' }) }, ['uploading']);
  if (!received) throw new CoreError('conflict', 'The import was cancelled meanwhile');
  if (fault !== undefined)
    throw isInterruption(fault) ? new CoreError('bad-request', 'The connection ended before all bytes were here') : fault;
  return received;
}

async function writeAll(handle: FileHandle, chunk: Buffer, position: number): Promise<void> {
  for (let at = 0; at < chunk.length; ) at += (await handle.write(chunk, at, chunk.length - at, position + at)).bytesWritten;
}

function tooLong({ size_bytes }: ImportRow): CoreError {
  return new CoreError('too-large', `The file was announced with ${size_bytes.toLocaleString('en')} bytes, and more came`);
}

function isInterruption(fault: unknown): boolean {
  const { code } = (fault ?? {}) as { code?: unknown };
  return code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ABORT_ERR';
}
