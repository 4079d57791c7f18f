import { writeSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openLog, readFrom, rotate, sizeOf } from './log-file.ts';

it('cuts a log that grew too long, while it is being written to', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lw-log-'));
  const path = join(folder, 'postgres.log');
  const log = openLog(path);
  const write = (text: string) => writeSync(log.fd, text);
  write('first\n');
  expect(await rotate(path, 10)).toBe(false);
  const before = await sizeOf(path);
  write('second\n');
  expect(await readFrom(path, before)).toBe('second\n');
  expect(await rotate(path, 10)).toBe(true);
  write('third\n');
  log.close();
  expect(await readFile(`${path}.1`, 'utf8')).toBe('first\nsecond\n');
  expect(await readFile(path, 'utf8')).toBe('third\n');
  await rm(folder, { recursive: true });
});
