import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { CoreError } from '@labelwright/core/model/errors';
import type { ClientBase, Pool } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { backedUpFolders, type BackupHeader, type BackupManifest, type BackupTable, quoted } from './backup.ts';
import { readTar, type TarEntry } from './tar.ts';

const unpacked = promisify(gunzip);

export interface RestoreSummary {
  readonly createdAt: string;
  readonly tables: number;
  readonly rows: number;
  readonly files: number;
}

/** A backup that was read through: nothing of it is missing or damaged. */
export interface CheckedBackup {
  readonly from: string;
  readonly header: BackupHeader;
  readonly manifest: BackupManifest;
}

/** A backup into a database that holds nothing yet, in one transaction.
 *  @throws CoreError 'not-empty', 'other-schema' */
export async function restore(pool: Pool, dataDirectory: string, { from, header, manifest }: CheckedBackup): Promise<RestoreSummary> {
  const client = await pool.connect();
  const incoming = join(dataDirectory, 'restoring');
  try {
    await checkSchema(client, header);
    await rm(incoming, { recursive: true, force: true });
    await client.query('begin');
    await client.query('lock table people, projects in exclusive mode');
    await checkEmpty(client);
    const files = await load(client, from, header, incoming);
    await checkRows(client, header.tables, manifest);
    await settle(client);
    for (const folder of files.size > 0 ? backedUpFolders : []) await moveIn(incoming, dataDirectory, folder, files);
    await client.query('commit');
    await client.query('analyze');
    const rows = Object.values(manifest.rows).reduce((sum, count) => sum + count, 0);
    return { createdAt: header.createdAt, tables: header.tables.length, rows, files: files.size };
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    await rm(incoming, { recursive: true, force: true });
    client.release();
  }
}

/** Reads all of it: the hash of every file must be the one of the manifest, and none may be missing or too many.
 *  @throws CoreError 'no-file', 'bad-backup' */
export async function checkBackup(from: string): Promise<CheckedBackup> {
  try {
    return await checked(from);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new CoreError('no-file', `${from}: there is no such file`);
    if (!(error instanceof CoreError) || error.message.startsWith(from)) throw error;
    throw new CoreError(error.code, `${from}: ${error.message}`, error.details, { cause: error });
  }
}

async function checked(from: string): Promise<CheckedBackup> {
  const found: Record<string, string> = {};
  let header: BackupHeader | undefined;
  let manifest: BackupManifest | undefined;
  for await (const { path, content } of open(from)) {
    const hash = createHash('sha256');
    const isKept = path === 'header.json' || path === 'manifest.json';
    const pieces: Buffer[] = [];
    for await (const piece of content) {
      hash.update(piece);
      if (isKept) pieces.push(piece);
    }
    if (path === 'manifest.json') manifest = parse(pieces) as BackupManifest;
    else found[path] = hash.digest('hex');
    if (path === 'header.json') header = parse(pieces) as BackupHeader;
    if (!header) break;
  }
  if (header?.format !== 'labelwright-backup' || header.formatVersion !== 1)
    throw new CoreError('bad-backup', `${from}: this is no backup of Labelwright`);
  if (!manifest) throw new CoreError('bad-backup', `${from}: the backup is cut off`);
  for (const path of new Set([...Object.keys(found), ...Object.keys(manifest.sha256)]))
    if (found[path] !== manifest.sha256[path]) throw new CoreError('bad-backup', `${from}: ${path} is damaged: nothing was restored`);
  return { from, header, manifest };
}

function open(from: string): AsyncGenerator<TarEntry> {
  return readTar(createReadStream(from, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>);
}

function parse(pieces: readonly Buffer[]): unknown {
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8'));
  } catch (cause) {
    throw new CoreError('bad-backup', 'this is no backup of Labelwright', {}, { cause });
  }
}

async function checkSchema(client: ClientBase, header: BackupHeader): Promise<void> {
  const { rows } = await client.query<{ name: string }>('select name from migrations order by name');
  const ours = rows.map(({ name }) => name);
  if (ours.join() === header.migrations.join()) return;
  const isNewer = header.migrations.some((name) => !ours.includes(name));
  const cure = isNewer ? 'restore it by that version or a newer one' : 'restore it by that version, then start this one on the data';
  throw new CoreError(
    'other-schema',
    `restore: Labelwright ${header.version} made this backup, whose tables are others than ours: ${cure}`,
  );
}

async function checkEmpty(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ any: boolean }>('select exists (select from people) or exists (select from projects) as any');
  if (rows[0].any)
    throw new CoreError(
      'not-empty',
      'restore: there are people or projects here already: restore into a new directory (--data) or an empty database',
    );
}

/** @returns the files that came beside the tables */
async function load(client: ClientBase, from: string, header: BackupHeader, incoming: string): Promise<Set<string>> {
  const files = new Set<string>();
  const entries = open(from);
  let next = await entries.next();
  const partsOf = async function* (name: string): AsyncGenerator<Buffer> {
    while (!next.done && next.value.path.startsWith(`tables/${name}/`)) {
      const pieces: Buffer[] = [];
      for await (const piece of next.value.content) pieces.push(piece);
      yield await unpacked(Buffer.concat(pieces));
      next = await entries.next();
    }
  };
  if (!next.done) next = await entries.next();
  for (const table of header.tables) await loadTable(client, table, partsOf(table.name));
  for (; !next.done; next = await entries.next()) {
    const { path, content } = next.value;
    const [, folder, name] = /^files\/(\w+)\/([^/]+)$/.exec(path) ?? [];
    if (!backedUpFolders.includes(folder) || basename(name) !== name || name.startsWith('.')) continue;
    await mkdir(join(incoming, folder), { recursive: true, mode: 0o700 });
    await pipeline(content, createWriteStream(join(incoming, folder, name), { mode: 0o600, flush: true }));
    files.add(`${folder}/${name}`);
  }
  return files;
}

async function loadTable(client: ClientBase, { name, columns, run }: BackupTable, parts: AsyncIterable<Buffer>): Promise<void> {
  const table = quoted(name);
  if (run !== null) await client.query(`create table ${table} (like estimates including defaults)`);
  await pipeline(
    Readable.from(parts, { objectMode: false }),
    client.query(copyFrom(`copy ${table} (${columns.map(quoted).join(', ')}) from stdin`)),
  );
  if (run === null) return;
  await client.query(`alter table ${table} add primary key (question, ordinal)`);
  await client.query(`create index on ${table} (question, probability)`);
  await client.query(`create index on ${table} (question, decision, probability)`);
  await client.query(`alter table estimates attach partition ${table} for values in (${run})`);
}

async function checkRows(client: ClientBase, tables: readonly BackupTable[], manifest: BackupManifest): Promise<void> {
  for (const { name } of tables) {
    const { rows } = await client.query<{ count: number }>(`select count(*) as count from ${quoted(name)}`);
    if (rows[0].count !== manifest.rows[name])
      throw new CoreError(
        'bad-backup',
        `restore: ${name} has ${rows[0].count} rows, the backup says ${manifest.rows[name]}: nothing was restored`,
      );
  }
}

/** Numbers go on after the last one; what was under way is over. */
async function settle(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ table: string; column: string }>(
    `select c.relname as table, a.attname as column from pg_attribute a join pg_class c on c.oid = a.attrelid
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attidentity <> ''`,
  );
  for (const { table, column } of rows)
    await client.query(
      `select setval(pg_get_serial_sequence($1, $2), greatest((select max(${quoted(column)}) from ${quoted(table)}), 1))`,
      [quoted(table), column],
    );
  const over = `error = 'It was under way when the backup was made'`;
  await client.query(`update imports set state = 'failed', ${over} where state in ('queued', 'running')`);
  await client.query(`update exports set state = 'failed', ${over} where state in ('queued', 'running')`);
  await client.query(`update runs set state = 'failed', finished_at = now(), ${over} where state in ('queued', 'running')`);
}

async function moveIn(incoming: string, dataDirectory: string, folder: string, files: ReadonlySet<string>): Promise<void> {
  const names = [...files].filter((path) => path.startsWith(`${folder}/`)).map((path) => basename(path));
  if (names.length > 0) await mkdir(join(dataDirectory, folder), { recursive: true, mode: 0o700 });
  for (const name of names) await rename(join(incoming, folder, name), join(dataDirectory, folder, name));
}
