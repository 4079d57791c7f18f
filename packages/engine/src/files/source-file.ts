import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import type { SourceFile } from '@labelwright/core/formats/format';
import { CoreError, reasonOf } from '@labelwright/core/model/errors';

export interface DiskFile extends SourceFile {
  /** Bytes on disk; compressed where the file is. */
  readonly size: number;
  readonly modified: string;
  /** Bytes read from disk by the passes so far: for progress. */
  readonly bytesRead: () => number;
}

/** A file on disk as a stream of bytes, gunzipped where it starts as gzip does (whatever its name).
 *  @throws CoreError 'no-file' */
export async function openSource(path: string): Promise<DiskFile> {
  const info = await stat(path).catch(() => undefined);
  if (!info) throw new CoreError('no-file', `${path}: there is no such file`);
  if (!info.isFile()) throw new CoreError('no-file', `${path}: is not a file`);
  const compressed = await startsAsGzip(path);
  let read = 0;
  async function* bytes(): AsyncGenerator<Uint8Array> {
    read = 0;
    const raw = createReadStream(path, { highWaterMark: 1 << 18 });
    raw.on('data', (chunk) => {
      read += chunk.length;
    });
    if (!compressed) {
      yield* raw as AsyncIterable<Uint8Array>;
      return;
    }
    const gunzip = createGunzip({ chunkSize: 1 << 18 });
    raw.on('error', (error) => gunzip.destroy(error));
    raw.pipe(gunzip);
    try {
      yield* gunzip as AsyncIterable<Uint8Array>;
    } catch (error) {
      throw new CoreError(
        'broken-gzip',
        `${path}: cannot be decompressed (${reasonOf(error)}); is the file complete?`,
        {},
        { cause: error },
      );
    } finally {
      raw.destroy();
    }
  }
  return { path: withoutGz(path), bytes, size: info.size, modified: info.mtime.toISOString(), bytesRead: () => read };
}

async function startsAsGzip(path: string): Promise<boolean> {
  const handle = await open(path).catch((error) => {
    throw new CoreError('no-file', `${path}: cannot be read (${reasonOf(error)})`, {}, { cause: error });
  });
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await handle.close();
  }
}

/** Formats go by the name under the compression: `items.jsonl.gz` is JSONL. */
function withoutGz(path: string): string {
  return path.replace(/\.gz$/i, '');
}

/** The first bytes, for recognising the format. */
export async function headOf(file: SourceFile, length = 65_536): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of file.bytes()) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= length) break;
  }
  return Buffer.concat(chunks).subarray(0, length);
}
