import { spawn } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canEnter, chooseAccount, chooseInitAccount, parsePasswd } from './account.ts';
import { isPostmasterOf } from './postmaster-file.ts';

const passwd = 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n+::::::\n';
const isRoot = process.getuid?.() === 0;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lw-account-'));
  await chmod(folder, 0o755);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('reads the users of a system', () => {
  expect(parsePasswd(passwd)).toEqual([
    { name: 'root', uid: 0, gid: 0 },
    { name: 'nobody', uid: 65534, gid: 65534 },
  ]);
});

it.skipIf(isRoot)('runs PostgreSQL as ourselves where we are not root', async () => {
  expect(await chooseAccount(folder, passwd)).toBeUndefined();
});

describe.runIf(isRoot)('as root', () => {
  it('takes the owner of the cluster there is, then the user postgres, then a number that nobody has', async () => {
    const cluster = join(folder, 'cluster');
    await mkdir(cluster);
    const withPostgres = `${passwd}postgres:x:101:102::/var/lib/postgresql:/bin/sh\n`;
    expect(await chooseAccount(cluster, withPostgres)).toEqual({ uid: 101, gid: 102 });
    expect(await chooseAccount(cluster, passwd)).toEqual({ uid: 54_432, gid: 54_432 });
    expect(await chooseAccount(cluster, `${passwd}ada:x:54432:54432::/:/bin/sh\n`)).toEqual({ uid: 54_433, gid: 54_433 });
    await chown(cluster, 4_711, 4_712);
    expect(await chooseAccount(cluster, withPostgres)).toEqual({ uid: 4_711, gid: 4_712 });
  });

  it('lets a named user stand in for a number in initdb, which insists on a name', async () => {
    expect(await chooseInitAccount({ uid: 54_432, gid: 54_432 }, passwd)).toEqual({ uid: 65_534, gid: 65_534 });
    expect(await chooseInitAccount({ uid: 65_534, gid: 65_534 }, passwd)).toEqual({ uid: 65_534, gid: 65_534 });
    await expect(chooseInitAccount({ uid: 54_432, gid: 54_432 }, 'root:x:0:0::/:/bin/sh')).rejects.toMatchObject({ code: 'database-root' });
  });

  it('sees a closed folder on the way', async () => {
    const closed = join(folder, 'closed');
    await mkdir(join(closed, 'inner'), { recursive: true });
    const account = { uid: 54_432, gid: 54_432 };
    expect(await canEnter(join(closed, 'inner'), account)).toBe(true);
    await chmod(closed, 0o700);
    expect(await canEnter(join(closed, 'inner'), account)).toBe(false);
  });
});

it.runIf(process.platform === 'linux')('takes neither a stranger nor a zombie for a postmaster', async () => {
  expect(await isPostmasterOf(process.pid, folder)).toBe(false);
  expect(await isPostmasterOf(Number.NaN, folder)).toBe(false);
  // A shell that became `sleep` never asks after its first child, which ends in the cluster under the name of postgres.
  const script = `cd '${folder}'; (exec -a postgres true) & echo $!; exec sleep 60`;
  const parent = spawn('bash', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = await new Promise<number>((resolve) => parent.stdout.once('data', (chunk: Buffer) => resolve(Number(chunk.toString()))));
  expect(await isPostmasterOf(pid, folder)).toBe(false);
  parent.kill();
});
