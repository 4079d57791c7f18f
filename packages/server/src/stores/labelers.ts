import type { Interval } from '@labelwright/core/math/statistics';
import { askedTechnique } from '@labelwright/engine/project/asked';
import type { Labeler } from '@labelwright/contract/labelers';
import { type Selectable, sql } from 'kysely';
import type { Db } from '../context.ts';
import type { Tables } from '../database/tables.ts';
import { imported } from './imported-votes.ts';

export type LabelerRow = Selectable<Tables['labelers']>;

/** What a run found out about a labeler: the row's `statistics`. */
export type LabelerStatistics = NonNullable<Labeler['statistics']>;

export function presentLabeler(row: LabelerRow): Labeler {
  return {
    id: row.id,
    name: row.name,
    use: row.use,
    kind: row.use === imported ? 'imported' : askedTechnique(row.use) ? 'asked' : 'computed',
    question: row.question,
    with: row.options,
    version: row.version,
    enabled: row.enabled,
    costUsd: row.cost_usd,
    updatedAt: row.updated_at.toISOString(),
    statistics: row.statistics as LabelerStatistics | null,
  };
}

/** In the order they were made; without the deleted. */
export function labelersOf(db: Db, project: number, question?: string): Promise<LabelerRow[]> {
  let query = db.selectFrom('labelers').selectAll().where('project_id', '=', project).where('deleted_at', 'is', null).orderBy('id');
  if (question !== undefined) query = query.where('question', '=', question);
  return query.execute();
}

/** Kept from changing until the transaction ends. Deleted ones too. */
export function lockLabeler(db: Db, project: number, id: number): Promise<LabelerRow | undefined> {
  return db.selectFrom('labelers').selectAll().where('project_id', '=', project).where('id', '=', id).forUpdate().executeTakeFirst();
}

export function findLabeler(db: Db, project: number, id: number): Promise<LabelerRow | undefined> {
  return db.selectFrom('labelers').selectAll().where('project_id', '=', project).where('id', '=', id).executeTakeFirst();
}

export interface NewLabeler {
  readonly project: number;
  readonly name: string;
  readonly use: string;
  readonly question: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly costUsd: number;
  readonly person: number;
}

export async function addLabeler(db: Db, { project, name, use, question, options, costUsd, person }: NewLabeler): Promise<LabelerRow> {
  const row = await db
    .insertInto('labelers')
    .values({ project_id: project, name, use, question, options: JSON.stringify(options), cost_usd: costUsd })
    .returningAll()
    .executeTakeFirstOrThrow();
  await addVersion(db, row, person);
  return row;
}

export async function addVersion(db: Db, { id, version, options }: LabelerRow, person: number): Promise<void> {
  await db
    .insertInto('labeler_versions')
    .values({ labeler_id: id, version, options: JSON.stringify(options), person_id: person })
    .execute();
}

export interface LabelerChange {
  readonly name?: string | undefined;
  readonly options?: Readonly<Record<string, unknown>> | undefined;
  readonly enabled?: boolean | undefined;
  readonly costUsd?: number | undefined;
  readonly deleted?: boolean;
}

/** New options are a new version; its statistics are those of the one before until it runs. */
export function changeLabeler(db: Db, id: number, { name, options, enabled, costUsd, deleted }: LabelerChange): Promise<LabelerRow> {
  return db
    .updateTable('labelers')
    .set({
      updated_at: sql<Date>`now()`,
      ...(name !== undefined && { name }),
      ...(options && { options: JSON.stringify(options), version: sql<number>`version + 1` }),
      ...(enabled !== undefined && { enabled }),
      ...(costUsd !== undefined && { cost_usd: costUsd }),
      ...(deleted !== undefined && { deleted_at: deleted ? sql<Date>`now()` : null }),
    })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function isNameTaken(db: Db, project: number, name: string, but?: number): Promise<boolean> {
  let query = db
    .selectFrom('labelers')
    .select('id')
    .where('project_id', '=', project)
    .where('name', '=', name)
    .where('deleted_at', 'is', null);
  if (but !== undefined) query = query.where('id', '<>', but);
  return (await query.executeTakeFirst()) !== undefined;
}

/** Newest first. */
export function versionsOf(db: Db, id: number) {
  return db
    .selectFrom('labeler_versions as v')
    .innerJoin('people as p', 'p.id', 'v.person_id')
    .select(['v.version', 'v.options', 'v.created_at', 'p.name as person'])
    .where('v.labeler_id', '=', id)
    .orderBy('v.version', 'desc')
    .limit(200)
    .execute();
}

export async function saveStatistics(db: Db, id: number, statistics: LabelerStatistics): Promise<void> {
  await db
    .updateTable('labelers')
    .set({ statistics: JSON.stringify(statistics) })
    .where('id', '=', id)
    .execute();
}

export function intervalOf(interval: Interval | undefined): Interval | null {
  return interval && interval.n > 0 ? interval : null;
}
