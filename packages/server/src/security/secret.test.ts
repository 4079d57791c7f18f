import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadSecret } from './secret.ts';

let root: string;
beforeAll(async () => void (root = await mkdtemp(join(tmpdir(), 'labelwright-secret-'))));
afterAll(() => rm(root, { recursive: true, force: true }));

test('P40: each data directory has a secret of its own, for its owner only, the same at every start, one for two at once', async () => {
  const [a, b] = [join(root, 'a'), join(root, 'b')];
  const secrets = await Promise.all([loadSecret(a), loadSecret(a), loadSecret(b)]);
  const [one, two, other] = secrets.map((secret) => secret.sign('test', 'x'));
  expect(two).toBe(one);
  expect(other).not.toBe(one);
  expect((await loadSecret(a)).sign('test', 'x')).toBe(one);
  expect((await loadSecret(a)).sign('another purpose', 'x')).not.toBe(one);
  const text = await readFile(join(a, 'secret'), 'utf8');
  expect(Buffer.from(text.trim(), 'base64url')).toHaveLength(32);
  const { mode } = await stat(join(a, 'secret'));
  expect(process.platform === 'win32' ? 0o600 : mode & 0o777).toBe(0o600);
});

test.each(['', 'short', 'a'.repeat(40), 'change-me-change-me-change-me-123456', 'labelwright-production-secret-2026-x'])(
  'refuses to start with %j',
  async (weak) => {
    await expect(loadSecret(root, weak)).rejects.toMatchObject({ code: 'weak-secret', message: /LABELWRIGHT_SECRET/ });
  },
);

test('refuses to start with a file that was cut off, and says which', async () => {
  await writeFile(join(root, 'secret'), 'abc');
  await expect(loadSecret(root)).rejects.toThrow(`the secret in ${join(root, 'secret')} is too weak: it has fewer than 32 characters`);
  expect((await loadSecret(root, 'kJ8s0dWn2LqPz4xVbT7yRcM1hGf5aE9u')).sign('a', 'b')).toMatch(/^[\w-]{43}$/);
});
