import { loadMasterKeys, type MasterKeys } from '@labelwright/engine/secrets/master-key';
import { lastFour, seal, unseal } from '@labelwright/engine/secrets/seal';
import type { Context } from '../context.ts';
import type { ConnectionRow, SealedKey } from '../stores/connections.ts';

/** By data directory: read once a process. */
const loaded = new Map<string, Promise<MasterKeys>>();

function masterKeys({ files: { dataDirectory } }: Pick<Context, 'files'>): Promise<MasterKeys> {
  let keys = loaded.get(dataDirectory);
  if (!keys) {
    keys = loadMasterKeys(dataDirectory, process.env.LABELWRIGHT_MASTER_KEY);
    keys.catch(() => loaded.delete(dataDirectory));
    loaded.set(dataDirectory, keys);
  }
  return keys;
}

/** A key is of one connection at one address: whoever writes another address into the database does not get it sent there. */
function belongsTo({ id, provider, base_url }: Pick<ConnectionRow, 'id' | 'provider' | 'base_url'>): string {
  return `connection ${id} to ${provider}${base_url === null ? '' : ` at ${base_url}`}`;
}

export async function sealKey(
  context: Pick<Context, 'files'>,
  key: string,
  connection: Parameters<typeof belongsTo>[0],
): Promise<SealedKey> {
  return { sealed_key: seal(await masterKeys(context), key, belongsTo(connection)), key_last_four: lastFour(key) };
}

/** @throws CoreError 'unknown-master-key', 'damaged-secret' */
export async function openKey(context: Pick<Context, 'files'>, connection: ConnectionRow): Promise<string | undefined> {
  return connection.sealed_key === null ? undefined : unseal(await masterKeys(context), connection.sealed_key, belongsTo(connection));
}
