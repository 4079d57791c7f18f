import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { loadMasterKeys } from './master-key.ts';
import { lastFour, resealed, seal, unseal } from './seal.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'labelwright-key-'));
  return () => rm(folder, { recursive: true, force: true });
});

const fresh = (): string => randomBytes(32).toString('base64url');

describe('the master key', () => {
  test('is made once per data directory, for its owner only, one for two at once', async () => {
    const [a, b] = await Promise.all([loadMasterKeys(folder), loadMasterKeys(folder)]);
    expect(b.current.bytes.equals(a.current.bytes)).toBe(true);
    expect((await loadMasterKeys(folder)).current.id).toBe(a.current.id);
    const { mode } = await stat(join(folder, 'master-key'));
    expect(process.platform === 'win32' ? 0o600 : mode & 0o777).toBe(0o600);
    expect(await readFile(join(folder, 'master-key'), 'utf8')).not.toContain(a.current.id);
  });

  test('of the environment leaves no file', async () => {
    const key = fresh();
    expect((await loadMasterKeys(folder, key)).current.bytes.toString('base64url')).toBe(key);
    const hex = randomBytes(32);
    expect((await loadMasterKeys(folder, hex.toString('hex'))).current.bytes.equals(hex)).toBe(true);
    await expect(stat(join(folder, 'master-key'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test.each(['', 'short', 'a'.repeat(43), '0'.repeat(64), 'change-me-change-me-change-me-change-me-12', `${fresh()},`, `${fresh()}x`])(
    'P40: refuses %j and does not repeat it',
    async (weak) => {
      const refused: unknown = await loadMasterKeys(folder, weak).catch((error: unknown) => error);
      expect(refused).toMatchObject({ code: 'weak-master-key' });
      expect(String(refused)).toContain('LABELWRIGHT_MASTER_KEY');
      expect(weak.length > 5 && String(refused).includes(weak)).toBe(false);
    },
  );

  test('a file that was cut off is never replaced', async () => {
    await writeFile(join(folder, 'master-key'), 'abc');
    await expect(loadMasterKeys(folder)).rejects.toMatchObject({ code: 'weak-master-key' });
    expect(await readFile(join(folder, 'master-key'), 'utf8')).toBe('abc');
  });
});

describe('a sealed secret', () => {
  const secret = 'sk-canary-ÄÖ-1234567890';

  test('opens with its key and owner, and shows nothing', async () => {
    const keys = await loadMasterKeys(folder);
    const envelope = seal(keys, secret, 'connection 1');
    expect(unseal(keys, envelope, 'connection 1')).toBe(secret);
    expect(envelope).toMatch(/^v1\.[0-9a-f]{8}\.[\w-]{16}\.[\w-]+$/);
    expect(Buffer.from(envelope.split('.')[3], 'base64url').toString('latin1')).not.toContain('canary');
    expect(seal(keys, secret, 'connection 1')).not.toBe(envelope);
    expect(unseal(keys, seal(keys, '', 'c'), 'c')).toBe('');
  });

  test('copied to another connection, or changed anywhere, it does not open', async () => {
    const keys = await loadMasterKeys(folder);
    const envelope = seal(keys, secret, 'connection 1');
    expect(() => unseal(keys, envelope, 'connection 2')).toThrow("the secret of connection 2 was changed, or is another's");
    const [, , nonce, sealed] = envelope.split('.');
    const bytes = Buffer.from(sealed, 'base64url');
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at] ^= 1;
      const forged = `v1.${keys.current.id}.${nonce}.${changed.toString('base64url')}`;
      expect(() => unseal(keys, forged, 'connection 1')).toThrow(/damaged|changed/);
    }
    for (const wrong of ['', 'v2.x', envelope.slice(0, 40), `${envelope}!`])
      expect(() => unseal(keys, wrong, 'connection 1')).toThrow(expect.objectContaining({ code: 'damaged-secret' }));
  });

  test('another master key says which one is missing; a change of keys seals anew', async () => {
    const [old, next] = [fresh(), fresh()];
    const before = await loadMasterKeys(folder, old);
    const envelope = seal(before, secret, 'c');
    const stranger = await loadMasterKeys(folder, next);
    expect(() => unseal(stranger, envelope, 'c')).toThrow(new RegExp(`another master key \\(${before.current.id}\\)`));
    const both = await loadMasterKeys(folder, `${next}, ${old}`);
    const renewed = resealed(both, envelope, 'c') as string;
    expect(unseal(stranger, renewed, 'c')).toBe(secret);
    expect(resealed(both, renewed, 'c')).toBeUndefined();
  });

  test('four characters are shown, of short ones none', () => {
    expect(lastFour(secret)).toBe('7890');
    expect(lastFour('short')).toBe('');
  });
});
