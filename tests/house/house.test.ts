import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

function runs(script: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, script), ...args], { cwd: root, encoding: 'utf8' });
  return status === 0 ? '' : `${stdout}${stderr}`.slice(-4000);
}

it('the generated lists are fresh', () => expect(runs('scripts/list.mjs', '--check')).toBe(''));
it('the linter is content', () => expect(runs('node_modules/oxlint/bin/oxlint', '--type-aware')).toBe(''));
it('everything is formatted', () => expect(runs('node_modules/@biomejs/biome/bin/biome', 'format', '.')).toBe(''));
it('the lock file names no registry', () =>
  expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).not.toMatch(/"resolved": *"https?:/));
it('the lock file has the packages of every platform', () => expect(runs('scripts/complete-lock.mjs', '--check')).toBe(''));
it('the types of the web page hold', () => expect(runs('node_modules/typescript/bin/tsc', '-p', 'packages/web', '--noEmit')).toBe(''));
