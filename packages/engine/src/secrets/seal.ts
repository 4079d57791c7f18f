import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { CoreError } from '@labelwright/core/model/errors';
import type { MasterKey, MasterKeys } from './master-key.ts';

/** A secret as it may be stored: `v1.<key id>.<nonce>.<ciphertext and tag>`, the last two base64url. AES-256-GCM; nonces are random, which is safe for
 *  2³² secrets per key. `belongsTo` (the id of the connection) is authenticated with it: copied to another row it does not open. */
export function seal({ current }: Pick<MasterKeys, 'current'>, secret: string, belongsTo: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', current.bytes, nonce).setAAD(associated(current, belongsTo));
  const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return [version, current.id, nonce.toString('base64url'), sealed.toString('base64url')].join('.');
}

/** @throws CoreError 'unknown-master-key' where the key that sealed it is not there, 'damaged-secret' where it was changed or belongs elsewhere */
export function unseal({ byId }: Pick<MasterKeys, 'byId'>, envelope: string, belongsTo: string): string {
  const [, keyId, nonce, sealed] = /^v1\.([0-9a-f]{8})\.([\w-]{16})\.([\w-]{22,})$/.exec(envelope) ?? [];
  if (keyId === undefined) throw new CoreError('damaged-secret', `secrets: the secret of ${belongsTo} is not in a form that is known here`);
  const key = byId.get(keyId);
  if (!key) {
    const cure = 'set LABELWRIGHT_MASTER_KEY, or put the file master-key back';
    throw new CoreError('unknown-master-key', `secrets: the secret of ${belongsTo} was sealed with another master key (${keyId}); ${cure}`);
  }
  const bytes = Buffer.from(sealed, 'base64url');
  const end = bytes.length - tagBytes;
  const decipher = createDecipheriv('aes-256-gcm', key.bytes, Buffer.from(nonce, 'base64url'), { authTagLength: tagBytes })
    .setAAD(associated(key, belongsTo))
    .setAuthTag(bytes.subarray(end));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(0, end)), decipher.final()]).toString('utf8');
  } catch {
    throw new CoreError('damaged-secret', `secrets: the secret of ${belongsTo} was changed, or is another's`);
  }
}

/** After a change of the master key: sealed with the current one; undefined where it is already. */
export function resealed(keys: MasterKeys, envelope: string, belongsTo: string): string | undefined {
  if (envelope.startsWith(`${version}.${keys.current.id}.`)) return undefined;
  return seal(keys, unseal(keys, envelope, belongsTo), belongsTo);
}

/** All that is ever shown of a secret; short ones show nothing. */
export function lastFour(secret: string): string {
  return secret.length >= 12 ? secret.slice(-4) : '';
}

const version = 'v1';
const tagBytes = 16;

function associated(key: MasterKey, belongsTo: string): Buffer {
  return Buffer.from(`labelwright secret ${version} ${key.id} ${belongsTo}`);
}
