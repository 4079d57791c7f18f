import { createHash, randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CoreError } from '@labelwright/core/model/errors';

/** Keys of 32 bytes that seal secrets, kept outside the database: a dump of it without them opens nothing. */
export interface MasterKeys {
  /** Seals. */
  readonly current: MasterKey;
  /** All that may open, the current one included. */
  readonly byId: ReadonlyMap<string, MasterKey>;
}

export interface MasterKey {
  /** Eight hex digits that tell keys apart and nothing of them. */
  readonly id: string;
  readonly bytes: Buffer;
}

/** From `LABELWRIGHT_MASTER_KEY` where it is set (several servers on one database must share it), else from the file `master-key` of the data directory,
 *  made at the first start for its owner only. To change the key put the new one before the old one, with a comma: the first seals, all open;
 *  when everything is sealed anew the old one can go.  @throws CoreError 'weak-master-key' */
export async function loadMasterKeys(dataDirectory: string, configured?: string): Promise<MasterKeys> {
  const path = join(dataDirectory, 'master-key');
  const text = configured ?? (await ownKey(path));
  const keys = text.split(',').map((each) => readKey(each.trim(), configured === undefined ? path : 'LABELWRIGHT_MASTER_KEY'));
  return { current: keys[0], byId: new Map(keys.map((key) => [key.id, key])) };
}

function readKey(text: string, where: string): MasterKey {
  const bytes = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'base64url');
  const isWeak = bytes.length !== 32 || !/^[\w+/=-]+$/.test(text) || new Set(bytes).size < 16;
  if (isWeak) {
    const cure = 'make one: node -p "crypto.randomBytes(32).toString(\'base64url\')"';
    throw new CoreError('weak-master-key', `secrets: the master key in ${where} is not 32 random bytes as base64url or hex; ${cure}`);
  }
  const id = createHash('sha256').update('labelwright master key id\n').update(bytes).digest('hex').slice(0, 8);
  return { id, bytes };
}

async function ownKey(path: string): Promise<string> {
  const found = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    // A key that is there and cannot be read must not be replaced: everything sealed would be lost.
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
  if (found !== undefined) {
    await chmod(path, 0o600);
    return found.trim();
  }
  await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flush: true });
  // A link appears whole or not at all, and never over another's.
  await link(draft, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(draft);
  return (await readFile(path, 'utf8')).trim();
}
