import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CoreError, reasonOf } from '@labelwright/core/model/errors';

/** Writes beside the target, syncs, then renames: readers see the old file or the whole new one, never half of it.
 *  @throws CoreError 'cannot-write' naming the path; the old file is untouched then */
export async function writeFileAtomic(path: string, content: string | Uint8Array | AsyncIterable<string | Uint8Array>): Promise<void> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const handle = await open(temporary, 'wx');
    try {
      if (typeof content === 'string' || content instanceof Uint8Array) await handle.writeFile(content);
      else for await (const chunk of content) await handle.writeFile(chunk);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    if (error instanceof CoreError) throw error;
    throw new CoreError('cannot-write', `${path}: cannot be written (${reasonOf(error)})`, {}, { cause: error });
  }
}
