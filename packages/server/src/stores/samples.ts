import { sql } from 'kysely';
import type { Db } from '../context.ts';

/** How far the sample project came: the entry `sample` of `meta`. Once done it is never made again, also where it is archived. */
export interface SampleState {
  readonly state: 'creating' | 'done';
  readonly project?: number;
  readonly import?: number;
}

const key = 'sample';

export async function findSample(db: Db): Promise<SampleState | undefined> {
  const { rows } = await sql<{ value: SampleState }>`select value from meta where key = ${key}`.execute(db);
  return rows[0]?.value;
}

/** Nobody else makes it until the transaction ends. */
export async function lockSample(db: Db): Promise<SampleState> {
  await sql`insert into meta (key, value) values (${key}, '{"state": "creating"}') on conflict (key) do nothing`.execute(db);
  const { rows } = await sql<{ value: SampleState }>`select value from meta where key = ${key} for update`.execute(db);
  return rows[0].value;
}

export async function saveSample(db: Db, state: SampleState): Promise<void> {
  await sql`update meta set value = ${JSON.stringify(state)}::jsonb, updated_at = now() where key = ${key}`.execute(db);
}

export async function hasProjects(db: Db): Promise<boolean> {
  return (await db.selectFrom('projects').select('id').limit(1).executeTakeFirst()) !== undefined;
}
