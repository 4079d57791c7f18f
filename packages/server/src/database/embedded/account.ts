import type { Stats } from 'node:fs';
import { chmod, lchown, readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { CoreError } from '@labelwright/core/model/errors';

/** Who runs PostgreSQL when we are root, which it refuses to be. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

interface NamedAccount extends Account {
  readonly name: string;
}

const firstPrivateUid = 54_432;

/** Undefined: we are not root, PostgreSQL runs as ourselves. Else the owner of the cluster there is; for a new one the user `postgres`;
 *  without that, a number that nobody has: the server needs no name, and `nobody` is shared with strangers.
 *  @param passwd the text of /etc/passwd */
export async function chooseAccount(cluster: string, passwd?: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await ownerOf(cluster);
  if (owner && owner.uid !== 0) return owner;
  const named = parsePasswd(passwd ?? (await readPasswd()));
  const postgres = named.find((account) => account.name === 'postgres' && account.uid !== 0);
  if (postgres) return { uid: postgres.uid, gid: postgres.gid };
  let uid = firstPrivateUid;
  while (named.some((account) => account.uid === uid)) uid += 1;
  return { uid, gid: uid };
}

/** Who runs `initdb`, which (unlike the server) insists on a name for its uid; the files go to the account afterwards.
 *  @throws CoreError 'database-root' where /etc/passwd lists nobody but root */
export async function chooseInitAccount(account: Account, passwd?: string): Promise<Account> {
  const named = parsePasswd(passwd ?? (await readPasswd())).filter((candidate) => candidate.uid !== 0);
  if (named.some((candidate) => candidate.uid === account.uid)) return account;
  const stand = named.find((candidate) => candidate.name === 'nobody') ?? named[0];
  if (stand) return { uid: stand.uid, gid: stand.gid };
  throw new CoreError(
    'database-root',
    'database: PostgreSQL refuses to run as root and /etc/passwd lists no other user: run Labelwright as a normal user, or give --database URL',
  );
}

export function parsePasswd(text: string): NamedAccount[] {
  return text
    .split('\n')
    .map((line) => line.split(':'))
    .filter((fields) => fields.length >= 4 && /^\d+$/.test(fields[2]) && /^\d+$/.test(fields[3]))
    .map((fields) => ({ name: fields[0], uid: Number(fields[2]), gid: Number(fields[3]) }));
}

async function readPasswd(): Promise<string> {
  return readFile('/etc/passwd', 'utf8').catch(() => '');
}

async function ownerOf(path: string): Promise<Account | undefined> {
  return stat(path).then(
    ({ uid, gid }) => ({ uid, gid }),
    () => undefined,
  );
}

/** May the account walk down to the folder? By mode bits; an access list that says otherwise costs a detour, never a failure. */
export async function canEnter(folder: string, account: Account | undefined): Promise<boolean> {
  if (!account) return true;
  for (let path = resolve(folder); ; path = dirname(path)) {
    if (!mayEnter(await stat(path), account)) return false;
    if (path === dirname(path)) return true;
  }
}

function mayEnter({ mode, uid, gid }: Stats, account: Account): boolean {
  if (uid === account.uid) return (mode & 0o100) !== 0;
  if (gid === account.gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}

/** The folder and all in it to the account, links not followed; nothing to do where we are not root. */
export async function giveTo(account: Account | undefined, path: string): Promise<void> {
  if (!account) return;
  await lchown(path, account.uid, account.gid);
  for (const entry of await readdir(path, { withFileTypes: true, recursive: true })) {
    await lchown(join(entry.parentPath, entry.name), account.uid, account.gid);
  }
}

/** A folder for the account alone. */
export async function makePrivate(path: string, account: Account | undefined): Promise<void> {
  await chmod(path, 0o700);
  if (account) await lchown(path, account.uid, account.gid);
}
