import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultPlaces, preparePrograms } from './programs.ts';

const isRoot = process.getuid?.() === 0;
const account = isRoot ? { uid: 54_432, gid: 54_432 } : undefined;

/** Copies of the installed package with faults made into them. */
describe.skipIf(process.platform === 'win32')('the programs of an installation that', () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'lw-programs-'));
    await chmod(root, 0o755);
  });
  afterAll(async () => {
    await chmod(join(root, 'read-only', 'native', 'lib'), 0o755).catch(() => undefined);
    await rm(root, { recursive: true, force: true });
  });

  /** As npm unpacks it where install scripts are off: no links. */
  async function install(name: string, mode: number): Promise<{ packaged: string; caches: string[] }> {
    const folder = join(root, name);
    const { packaged } = defaultPlaces();
    const links = JSON.parse(await readFile(join(packaged, 'pg-symlinks.json'), 'utf8')) as { target: string }[];
    const skipped = new Set(links.map(({ target }) => join(packaged, '..', target)));
    await mkdir(folder, { mode: 0o755 });
    await cp(join(packaged, '..', 'package.json'), join(folder, 'package.json'));
    const filter = (path: string) => !skipped.has(path) && !path.endsWith('.a') && !path.includes('/timezone/');
    await cp(packaged, join(folder, 'native'), { recursive: true, verbatimSymlinks: true, filter });
    for (const program of await readdir(join(folder, 'native', 'bin'))) await chmod(join(folder, 'native', 'bin', program), 0o644);
    await chmod(folder, mode);
    return { packaged: join(folder, 'native'), caches: [join(root, `${name}-cache`)] };
  }

  it('lacks links and modes are mended in place', async () => {
    const places = await install('skipped-scripts', 0o755);
    const programs = await preparePrograms(account, places);
    expect(programs).toMatchObject({ version: '18.4', postgres: join(places.packaged, 'bin', 'postgres') });
    await expect(stat(places.caches[0])).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it.runIf(isRoot)('lies under a folder for root alone run from a copy, which is made once', async () => {
    const places = await install('closed', 0o700);
    const programs = await preparePrograms(account, places);
    expect(programs.postgres.startsWith(places.caches[0])).toBe(true);
    const { mtimeMs } = await stat(programs.postgres);
    await preparePrograms(account, places);
    expect((await stat(programs.postgres)).mtimeMs).toBe(mtimeMs);
    expect(await readdir(places.caches[0])).toHaveLength(1);
  });

  it.skipIf(isRoot)('cannot be written to run from a copy', async () => {
    const places = await install('read-only', 0o755);
    await chmod(join(places.packaged, 'lib'), 0o555);
    const programs = await preparePrograms(account, places);
    expect(programs.postgres.startsWith(places.caches[0])).toBe(true);
  });

  it.runIf(isRoot)('would be copied beside a stranger’s files are not', async () => {
    const places = await install('tempting', 0o700);
    await mkdir(places.caches[0], { mode: 0o777 });
    await chmod(places.caches[0], 0o777);
    await expect(preparePrograms(account, places)).rejects.toMatchObject({
      code: 'database-programs',
      message: expect.stringContaining('others may write to it'),
    });
  });

  it('is broken are refused with what to do', async () => {
    const places = await install('broken', 0o755);
    await rm(join(places.packaged, 'bin', 'postgres'));
    const fault = await preparePrograms(account, places).catch((error: unknown) => error);
    expect(fault).toMatchObject({ code: 'database-programs', message: expect.stringContaining('give --database URL') });
  });
});
