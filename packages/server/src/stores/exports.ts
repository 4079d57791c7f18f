import type { Exported } from '@labelwright/contract/exports';
import { type Selectable, sql } from 'kysely';
import type { Db } from '../context.ts';
import type { Tables } from '../database/tables.ts';

export type ExportRow = Selectable<Tables['exports']> & { readonly person: string };

/** What an export was asked for: its row's `options`. */
export interface ExportOptions {
  readonly question: string;
  readonly include: 'all' | 'accepted' | 'answered';
  readonly votes: boolean;
  readonly fields: boolean;
  /** Why each labeler voted so: with votes, in JSON Lines. Exports from before know nothing of it. */
  readonly reasons?: boolean;
  /** Made items as well: unless false. */
  readonly made?: boolean;
}

export function presentExport(row: ExportRow): Exported {
  return {
    id: row.id,
    number: row.number,
    state: row.state,
    format: row.format,
    fileName: row.file_name,
    items: row.items,
    sizeBytes: row.size_bytes,
    sha256: row.sha256,
    losses: row.losses as Exported['losses'],
    card: row.card,
    error: row.error,
    person: row.person,
    createdAt: row.created_at.toISOString(),
  };
}

function exportsWithPerson(db: Db) {
  return db
    .selectFrom('exports')
    .innerJoin('people', 'people.id', 'exports.person_id')
    .selectAll('exports')
    .select('people.name as person');
}

/** Newest first. */
export function exportsOf(db: Db, project: number): Promise<ExportRow[]> {
  return exportsWithPerson(db).where('project_id', '=', project).orderBy('number', 'desc').limit(200).execute();
}

export function findExport(db: Db, project: number, id: number): Promise<ExportRow | undefined> {
  return exportsWithPerson(db).where('project_id', '=', project).where('exports.id', '=', id).executeTakeFirst();
}

/** In a transaction that holds the project's lock: numbers have no gaps. */
export async function addExport(
  db: Db,
  {
    project,
    person,
    format,
    options,
  }: { readonly project: number; readonly person: number; readonly format: string; readonly options: ExportOptions },
): Promise<ExportRow> {
  const { id } = await db
    .insertInto('exports')
    .values({
      project_id: project,
      person_id: person,
      number: sql<number>`(select coalesce(max(number), 0) + 1 from exports where project_id = ${project})`,
      format,
      options: JSON.stringify(options),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return (await findExport(db, project, id)) as ExportRow;
}

export interface ExportResult {
  readonly fileName: string;
  readonly items: number;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly losses: readonly { readonly what: string; readonly count: number }[];
  readonly card: string;
}

/** A version never changes once it is done. */
export async function finishExport(db: Db, id: number, { fileName, items, sizeBytes, sha256, losses, card }: ExportResult): Promise<void> {
  await db
    .updateTable('exports')
    .set({ state: 'done', file_name: fileName, items, size_bytes: sizeBytes, sha256, losses: JSON.stringify(losses), card, error: null })
    .where('id', '=', id)
    .where('state', '<>', 'done')
    .execute();
}

export async function setExportState(db: Db, id: number, state: 'running' | 'failed', error: string | null = null): Promise<void> {
  await db.updateTable('exports').set({ state, error }).where('id', '=', id).where('state', '<>', 'done').execute();
}
