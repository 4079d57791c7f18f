import type { ImportState } from '@labelwright/contract/imports';
import type { Problem } from '@labelwright/core/model/problem';
import { type Selectable, sql } from 'kysely';
import type { Db } from '../context.ts';
import type { Tables } from '../database/tables.ts';

export type ImportRow = Selectable<Tables['imports']>;

/** What an import row's `options` hold. */
export interface ImportOptions {
  /** The upload's own name below `uploads/`; absent once the file is gone. */
  readonly file?: string;
  readonly format?: string;
  readonly encoding?: string;
  readonly idField?: string;
  readonly onProblem?: 'skip' | 'all-or-nothing';
  /** Of the file's content. */
  readonly sha256?: string;
  /** Put before ids that are positions in the file. */
  readonly positionPrefix?: string;
}

export const keptProblems = 100;

export function presentImport(row: ImportRow): ImportState {
  return {
    id: row.id,
    fileName: row.file_name,
    state: row.state,
    sizeBytes: row.size_bytes,
    receivedBytes: row.received_bytes,
    items: row.items,
    duplicates: row.duplicates,
    problems: row.problems,
    firstProblems: (row.first_problems as Problem[]).map(({ file, line, key, message }) => ({
      ...(file !== undefined && { file }),
      ...(line !== undefined && { line }),
      ...(key !== undefined && { key }),
      message,
    })),
    share: row.share,
    error: row.error,
    createdAt: row.created_at.toISOString(),
  };
}

export const optionsOf = (row: Pick<ImportRow, 'options'>): ImportOptions => row.options;

export function findImport(db: Db, project: number, id: number): Promise<ImportRow | undefined> {
  return db.selectFrom('imports').selectAll().where('project_id', '=', project).where('id', '=', id).executeTakeFirst();
}

export function lockImport(db: Db, project: number, id: number): Promise<ImportRow | undefined> {
  return db.selectFrom('imports').selectAll().where('project_id', '=', project).where('id', '=', id).forUpdate().executeTakeFirst();
}

/** Newest first. */
export function importsOf(db: Db, project: number): Promise<ImportRow[]> {
  return db.selectFrom('imports').selectAll().where('project_id', '=', project).orderBy('id', 'desc').limit(200).execute();
}

export interface NewImport {
  readonly project: number;
  readonly person: number;
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly options: ImportOptions;
}

export function addImport(db: Db, { project, person, fileName, sizeBytes, options }: NewImport): Promise<ImportRow> {
  return db
    .insertInto('imports')
    .values({
      project_id: project,
      person_id: person,
      file_name: fileName,
      size_bytes: sizeBytes,
      state: sizeBytes === 0 ? 'uploaded' : 'uploading',
      options: JSON.stringify(options),
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export interface ImportChange {
  readonly state?: ImportRow['state'];
  readonly received_bytes?: number;
  readonly options?: ImportOptions;
  readonly records?: number;
  readonly items?: number;
  readonly duplicates?: number;
  readonly problems?: number;
  readonly first_problems?: readonly Problem[];
  readonly share?: number;
  readonly error?: string | null;
}

/** @param whileIn only where it is in one of these states  @returns the row as it is now, undefined where it is in another state */
export function changeImport(
  db: Db,
  id: number,
  { options, first_problems, ...change }: ImportChange,
  whileIn?: readonly ImportRow['state'][],
): Promise<ImportRow | undefined> {
  let query = db
    .updateTable('imports')
    .set({
      ...change,
      ...(options && { options: JSON.stringify(options) }),
      ...(first_problems && { first_problems: JSON.stringify(first_problems) }),
      heartbeat_at: sql<Date>`now()`,
    })
    .where('id', '=', id)
    .returningAll();
  if (whileIn) query = query.where('state', 'in', [...whileIn]);
  return query.executeTakeFirst();
}

/** Files of imports that nobody went on with: their names, and the rows forget them. */
export async function forgetStaleUploads(db: Db, days: number): Promise<string[]> {
  const { rows } = await sql<{ file: string }>`
    with stale as (
      select id, options ->> 'file' as file from imports
      where state in ('uploading', 'uploaded', 'failed', 'cancelled') and options ? 'file'
        and coalesce(heartbeat_at, created_at) < now() - make_interval(days => ${days}) for update skip locked)
    update imports i set options = i.options - 'file' from stale where stale.id = i.id returning stale.file`.execute(db);
  return rows.map(({ file }) => file);
}
