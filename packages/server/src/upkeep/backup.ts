import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { writeFileAtomic } from '@labelwright/engine/files/write-file';
import type { ClientBase, Pool } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { tarEnd, tarHeader, tarPadding } from './tar.ts';

/** The first file of a backup. */
export interface BackupHeader {
  readonly format: 'labelwright-backup';
  readonly formatVersion: 1;
  readonly version: string;
  readonly createdAt: string;
  /** What the tables are: the migrations that made them. */
  readonly migrations: readonly string[];
  /** In an order in which they can be loaded. */
  readonly tables: readonly BackupTable[];
}

export interface BackupTable {
  readonly name: string;
  readonly columns: readonly string[];
  /** Of a partition of `estimates`. */
  readonly run: number | null;
}

/** The last file: what must have been read by then. */
export interface BackupManifest {
  readonly sha256: Readonly<Record<string, string>>;
  readonly rows: Readonly<Record<string, number>>;
}

/** What belongs to processes and sessions, not to the work: nobody is signed in after a restore. */
const leftOut = ['sessions', 'leases', 'job_processes', 'meta', 'migrations', 'migration_lock'];
export const backedUpFolders = ['exports', 'uploads'];
const partBytes = 8 << 20;
const packed = promisify(gzip);

export interface BackupSummary {
  readonly tables: number;
  readonly rows: number;
  readonly files: number;
}

/** All data as of one moment, in one file: written whole or not at all. People go on working meanwhile. */
export async function backUp(pool: Pool, dataDirectory: string, out: string, version: string): Promise<BackupSummary> {
  const client = await pool.connect();
  const manifest = { sha256: {} as Record<string, string>, rows: {} as Record<string, number> };
  try {
    await client.query('begin isolation level repeatable read read only');
    await writeFileAtomic(out, contentOf(client, dataDirectory, version, manifest));
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
  const names = Object.keys(manifest.sha256);
  const rows = Object.values(manifest.rows).reduce((sum, count) => sum + count, 0);
  return { tables: Object.keys(manifest.rows).length, rows, files: names.filter((name) => name.startsWith('files/')).length };
}

type Writable<Shape> = {
  -readonly [Key in keyof Shape]: Record<string, Shape[Key] extends Readonly<Record<string, infer Value>> ? Value : never>;
};

async function* contentOf(
  client: ClientBase,
  dataDirectory: string,
  version: string,
  manifest: Writable<BackupManifest>,
): AsyncGenerator<Buffer> {
  const tables = await tablesOf(client);
  const { rows: migrations } = await client.query<{ name: string }>('select name from migrations order by name');
  const header: BackupHeader = {
    format: 'labelwright-backup',
    formatVersion: 1,
    version,
    createdAt: new Date().toISOString(),
    migrations: migrations.map(({ name }) => name),
    tables,
  };
  yield* fileOf('header.json', Buffer.from(JSON.stringify(header, null, 1)), manifest);
  for (const table of tables) yield* tableContent(client, table, manifest);
  for (const folder of backedUpFolders) yield* folderContent(dataDirectory, folder, manifest);
  const last = Buffer.from(JSON.stringify(manifest, null, 1));
  yield* [tarHeader('manifest.json', last.length), last, tarPadding(last.length), tarEnd];
}

function* fileOf(path: string, content: Buffer, { sha256 }: Writable<BackupManifest>): Generator<Buffer> {
  sha256[path] = createHash('sha256').update(content).digest('hex');
  yield* [tarHeader(path, content.length), content, tarPadding(content.length)];
}

async function* tableContent(
  client: ClientBase,
  { name, columns }: BackupTable,
  manifest: Writable<BackupManifest>,
): AsyncGenerator<Buffer> {
  const copy = client.query(copyTo(`copy ${quoted(name)} (${columns.map(quoted).join(', ')}) to stdout`));
  let pieces: Buffer[] = [];
  let length = 0;
  let part = 0;
  const flush = async () => {
    const path = `tables/${name}/${String(part++).padStart(6, '0')}.gz`;
    const content = await packed(Buffer.concat(pieces));
    pieces = [];
    length = 0;
    return fileOf(path, content, manifest);
  };
  for await (const piece of copy) {
    pieces.push(piece as Buffer);
    length += (piece as Buffer).length;
    if (length >= partBytes) yield* await flush();
  }
  if (length > 0) yield* await flush();
  manifest.rows[name] = copy.rowCount;
}

async function* folderContent(dataDirectory: string, folder: string, { sha256 }: Writable<BackupManifest>): AsyncGenerator<Buffer> {
  const names = await readdir(join(dataDirectory, folder)).catch(() => []);
  for (const name of names.filter((each) => !each.endsWith('.tmp')).sort()) {
    const path = `files/${folder}/${name}`;
    const { size } = await stat(join(dataDirectory, folder, name));
    const hash = createHash('sha256');
    yield tarHeader(path, size);
    // An upload that grows meanwhile: as much of it as was there.
    if (size > 0)
      for await (const chunk of createReadStream(join(dataDirectory, folder, name), { end: size - 1 })) {
        hash.update(chunk as Buffer);
        yield chunk as Buffer;
      }
    sha256[path] = hash.digest('hex');
    yield tarPadding(size);
  }
}

/** All tables of the product, those before that others refer to; what the database fills in by itself is left out. */
async function tablesOf(client: ClientBase): Promise<BackupTable[]> {
  const { rows } = await client.query<BackupTable & { after: string[] }>(
    `select c.relname as name, (select json_agg(a.attname order by a.attnum) from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.atttypid <> 'xid8'::regtype) as columns,
       case when c.relispartition then substring(c.relname from '^estimates_(\\d+)$')::int end as run,
       coalesce((select json_agg(f.confrelid::regclass::text) from pg_constraint f where f.conrelid = c.oid and f.contype = 'f' and f.confrelid <> c.oid), '[]') as after
     from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname <> all($1) order by c.relname`,
    [leftOut],
  );
  const done = new Set<string>();
  const ordered: BackupTable[] = [];
  for (let left = rows; left.length > 0; ) {
    const ready = left.filter(({ after }) => after.every((name) => done.has(name) || leftOut.includes(name)));
    if (ready.length === 0) throw new Error(`backup: tables refer to each other in a circle: ${left.map(({ name }) => name).join(', ')}`);
    for (const { name, columns, run } of ready) {
      done.add(name);
      ordered.push({ name, columns, run });
    }
    left = left.filter(({ name }) => !done.has(name));
  }
  return ordered;
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
