import { randomBytes } from 'node:crypto';
import { chmod, lchown, mkdir, open, readdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CoreError } from '@labelwright/core/model/errors';
import { chooseInitAccount, giveTo, makePrivate } from './account.ts';
import { type Cluster, passwordFile, role } from './cluster.ts';
import { runInitdb, runSingleUser } from './initdb.ts';
import { isAlive } from './postmaster-file.ts';

/** Makes the cluster where there is none; checks the one there is and mends its modes and owner.
 *  @throws CoreError 'database-version', 'database-folder', 'database-init' */
export async function prepareCluster(cluster: Cluster): Promise<'made' | 'found'> {
  const { folder, programs } = cluster;
  const major = await readVersion(folder);
  if (major === undefined) {
    await makeCluster(cluster);
    return 'made';
  }
  if (major !== programs.version.split('.')[0]) {
    throw new CoreError(
      'database-version',
      `database ${folder}: it was written by PostgreSQL ${major}, this Labelwright brings PostgreSQL ${programs.version}: ` +
        'make a backup with the Labelwright that wrote it and restore that with this one',
      { found: major, ours: programs.version },
    );
  }
  await mendAccess(cluster);
  return 'found';
}

async function readVersion(folder: string): Promise<string | undefined> {
  try {
    return (await readFile(join(folder, 'PG_VERSION'), 'utf8')).trim();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    const message = `database ${folder}: cannot be read (${code}): run Labelwright as the user that owns the folder`;
    throw new CoreError('database-folder', message, {}, { cause });
  }
}

/** PostgreSQL refuses a cluster that others may read, or that is another's: what copying without modes or owner makes of it. */
async function mendAccess({ folder, account }: Cluster): Promise<void> {
  if (process.platform === 'win32') return;
  const { mode, uid } = await stat(folder);
  if (account && uid !== account.uid) await giveTo(account, folder);
  if (!account && uid !== process.getuid?.()) {
    const message = `database ${folder}: belongs to the user with the number ${uid}: run Labelwright as that user, or give the folder to the present one (chown -R)`;
    throw new CoreError('database-folder', message);
  }
  if ((mode & 0o027) !== 0) await chmod(folder, 0o700);
}

/** Made aside and renamed when whole: a first start that was cut short leaves no half cluster. */
async function makeCluster({ folder, ...rest }: Cluster): Promise<void> {
  const present = await readdir(folder).catch(() => []);
  if (present.length > 0) {
    const message = `database ${folder}: the folder is not empty and holds no PostgreSQL cluster (no PG_VERSION): restore a backup, or choose another folder`;
    throw new CoreError('database-folder', message);
  }
  await removeLeftovers(folder);
  const aside = { folder: `${folder}.new.${process.pid}`, ...rest };
  await mkdir(aside.folder, { mode: 0o700 });
  try {
    const initAccount = aside.account && (await chooseInitAccount(aside.account));
    await makePrivate(aside.folder, initAccount);
    await runInitdb({ ...aside, account: initAccount });
    await renewPassword({ ...aside, account: initAccount });
    await giveTo(aside.account, aside.folder);
    await publish(aside.folder, folder);
  } finally {
    await rm(aside.folder, { recursive: true, force: true });
  }
}

async function publish(aside: string, folder: string): Promise<void> {
  await rmdir(folder).catch(() => undefined);
  await rename(aside, folder).catch((error: NodeJS.ErrnoException) => {
    // Another first start was faster: its cluster is as good as ours.
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST' && error.code !== 'EPERM') throw error;
  });
  await syncFolder(dirname(folder));
}

/** What first starts left that were killed. */
async function removeLeftovers(folder: string): Promise<void> {
  const prefix = `${basename(folder)}.new.`;
  for (const name of await readdir(dirname(folder))) {
    if (name.startsWith(prefix) && !isAlive(Number(name.slice(prefix.length))))
      await rm(join(dirname(folder), name), { recursive: true, force: true });
  }
}

export async function readPassword({ folder }: Cluster): Promise<string | undefined> {
  const password = await readFile(passwordFile(folder), 'utf8').catch(() => '');
  return password === '' ? undefined : password;
}

/** Only while no server runs: a lost password is no reason to lose the data. */
export async function renewPassword(cluster: Cluster): Promise<string> {
  const password = randomBytes(24).toString('base64url');
  await asNamed(cluster, (named) => runSingleUser(named, `alter role ${role} password '${password}'`));
  const path = passwordFile(cluster.folder);
  await writeFile(`${path}.new`, password, { mode: 0o600, flush: true });
  if (cluster.account) await lchown(`${path}.new`, cluster.account.uid, cluster.account.gid);
  await rename(`${path}.new`, path);
  await syncFolder(cluster.folder);
  return password;
}

/** A server without clients insists on a name for its account, as initdb does: another user stands in for a nameless one. */
async function asNamed(cluster: Cluster, work: (named: Cluster) => Promise<void>): Promise<void> {
  const { account, folder } = cluster;
  const stand = account && (await chooseInitAccount(account));
  if (stand?.uid === account?.uid) return work(cluster);
  await giveTo(stand, folder);
  await work({ ...cluster, account: stand }).finally(() => giveTo(account, folder));
}

/** A rename lasts when its folder is on disk. Windows has no such call. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}
