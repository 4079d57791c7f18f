import { CoreError } from '@labelwright/core/model/errors';
import { nearestName } from '@labelwright/core/model/nearest-name';
import { sql } from 'kysely';
import type { Pool } from 'pg';
import type { Context, Db } from '../context.ts';

/** Names of fields that were seen, by project: items never change, so a field that was there once is always there. */
const seen = new WeakMap<Pool, Map<number, Set<string>>>();

/** Only fields that items have can be asked about. @throws CoreError 'bad-request' */
export async function checkField({ db, pool }: Context, project: number, name: string): Promise<void> {
  const projects = seen.get(pool) ?? new Map<number, Set<string>>();
  seen.set(pool, projects);
  const known = projects.get(project) ?? new Set<string>();
  projects.set(project, known);
  if (known.has(name)) return;
  for (const field of await firstFields(db, project)) known.add(field);
  if (known.has(name)) return;
  if (!(await hasField(db, project, name))) {
    const near = nearestName(name, known);
    throw new CoreError(
      'bad-request',
      `filter.field: no item has a field '${name}'${near === undefined ? '' : `, did you mean '${near}'?`}`,
    );
  }
  known.add(name);
}

async function firstFields(db: Db, project: number): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select distinct jsonb_object_keys(fields) as name from (select fields from items where project_id = ${project} order by ordinal limit 500) i`.execute(
    db,
  );
  return rows.map(({ name }) => name);
}

async function hasField(db: Db, project: number, name: string): Promise<boolean> {
  const { rows } = await sql`select from items where project_id = ${project} and fields ? ${name} limit 1`.execute(db);
  return rows.length > 0;
}
