import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CoreError } from '@labelwright/core/model/errors';

/** What only this installation knows. Each purpose has a key of its own. */
export interface Secret {
  sign(purpose: string, text: string): string;
}

/** The secret that was configured (several servers on one database must share it), else the one of the data directory, made at the first start.
 *  @throws CoreError 'weak-secret' */
export async function loadSecret(dataDirectory: string, configured?: string): Promise<Secret> {
  const path = join(dataDirectory, 'secret');
  const material = configured ?? (await ownSecret(path));
  const weakness = weaknessOf(material) ?? (configured !== undefined && samples.test(material) ? 'it looks like a sample' : undefined);
  if (weakness !== undefined) {
    const where = configured === undefined ? path : 'LABELWRIGHT_SECRET';
    const cure = 'make one: node -p "crypto.randomBytes(32).toString(\'base64url\')"';
    throw new CoreError('weak-secret', `server: the secret in ${where} is too weak: ${weakness}; ${cure}`);
  }
  return {
    sign: (purpose, text) => {
      const key = Buffer.from(hkdfSync('sha256', material, 'labelwright', purpose, 32));
      return createHmac('sha256', key).update(text).digest('base64url');
    },
  };
}

async function ownSecret(path: string): Promise<string> {
  const found = await readFile(path, 'utf8').catch(() => undefined);
  if (found !== undefined) {
    await chmod(path, 0o600);
    return found.trim();
  }
  await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 });
  // A link appears whole or not at all, and never over another's.
  await link(draft, path).catch((error: { code?: string }) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(draft);
  return (await readFile(path, 'utf8')).trim();
}

const samples = /change.?me|secret|password|example|sample|default|labelwright|insert|replace/i;

function weaknessOf(material: string): string | undefined {
  if (material.length < 32) return 'it has fewer than 32 characters';
  return new Set(material).size < 12 ? 'it repeats few characters' : undefined;
}
