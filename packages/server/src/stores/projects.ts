import { type Project, type Settings, settings as settingsSchema } from '@labelwright/contract/projects';
import type { SchemaJson } from '@labelwright/contract/schema';
import type { Role } from '@labelwright/contract/common';
import { type Selectable, sql } from 'kysely';
import type { Db } from '../context.ts';
import type { Tables } from '../database/tables.ts';

export type ProjectRow = Selectable<Tables['projects']>;

export function presentProject(row: ProjectRow, role: Role): Project {
  return {
    id: row.id,
    name: row.name,
    schema: row.schema,
    settings: settingsOf(row),
    version: row.version,
    items: row.items,
    createdAt: row.created_at.toISOString(),
    archivedAt: row.archived_at?.toISOString() ?? null,
    role,
  };
}

/** Settings that came with a later version have their defaults in older projects. */
export function settingsOf(row: Pick<ProjectRow, 'settings'>): Settings {
  return settingsSchema.parse(row.settings);
}

export function findProject(db: Db, id: number): Promise<ProjectRow | undefined> {
  return db.selectFrom('projects').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Kept from changing until the transaction ends. */
export function lockProject(db: Db, id: number): Promise<ProjectRow | undefined> {
  return db.selectFrom('projects').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
}

export interface NewProject {
  readonly name: string;
  readonly schema: SchemaJson;
  readonly settings: Settings;
  readonly createdBy: number;
}

export function addProject(db: Db, { name, schema, settings, createdBy }: NewProject): Promise<ProjectRow> {
  return db
    .insertInto('projects')
    .values({ name, schema: JSON.stringify(schema), settings: JSON.stringify(settings), created_by: createdBy })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export interface ProjectChange {
  readonly name?: string | undefined;
  readonly schema?: SchemaJson | undefined;
  readonly settings?: Settings | undefined;
}

export function changeProject(db: Db, id: number, { name, schema, settings }: ProjectChange): Promise<ProjectRow> {
  return db
    .updateTable('projects')
    .set({
      ...(name !== undefined && { name }),
      ...(schema !== undefined && { schema: JSON.stringify(schema) }),
      ...(settings !== undefined && { settings: JSON.stringify(settings) }),
      version: sql<number>`version + 1`,
    })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function setArchived(db: Db, id: number, archived: boolean): Promise<void> {
  await db
    .updateTable('projects')
    .set({ archived_at: archived ? sql<Date>`coalesce(archived_at, now())` : null })
    .where('id', '=', id)
    .execute();
}

export interface Viewer {
  readonly id: number;
  readonly admin: boolean;
}

/** Newest first, each with what the last run made of its first question. */
export async function projectsOf(db: Db, { id, admin }: Viewer, archived: boolean) {
  const rows = await db
    .selectFrom('projects as p')
    .leftJoin('members as m', (join) => join.onRef('m.project_id', '=', 'p.id').on('m.person_id', '=', id))
    .leftJoin('runs as r', 'r.id', 'p.current_run')
    .selectAll('p')
    .select(['m.role', sql<number | null>`(r.results -> 0 ->> 'accepted')::int`.as('accepted')])
    .select(sql<number | null>`(r.results -> 0 ->> 'waiting')::int`.as('waiting'))
    .where('p.archived_at', archived ? 'is not' : 'is', null)
    .where((eb) => eb.or([eb('m.role', 'is not', null), eb.lit(admin)]))
    .orderBy('p.id', 'desc')
    .execute();
  return rows.map((row) => ({
    ...presentProject(row, admin ? 'owner' : (row.role as Role)),
    accepted: row.accepted ?? 0,
    waiting: row.waiting ?? row.items,
  }));
}
