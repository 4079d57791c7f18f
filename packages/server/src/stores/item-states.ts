import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../context.ts';

/** One question of one project: what answers, states and leases are kept by. */
export interface Asked {
  readonly project: number;
  readonly question: string;
}

/** One step on in the version of an item; nobody else changes the item until the transaction ends.
 *  @returns the new version, and what held before; undefined where there is no such item */
export async function advanceItem(
  db: Db,
  { project, question }: Asked,
  ordinal: number,
): Promise<{ version: number; answered: number; flagged: boolean } | undefined> {
  const { rows } = await sql<{ version: number; answered: number; flagged: boolean }>`
    insert into item_states as s (project_id, question, ordinal, version)
    select project_id, ${question}, ordinal, 1 from items where project_id = ${project} and ordinal = ${ordinal}
    on conflict (project_id, question, ordinal) do update set version = s.version + 1
    returning version, answered, flagged`.execute(db);
  return rows[0];
}

/** The same for many items, each of which exists. */
export async function advanceItems(db: Db, { project, question }: Asked, ordinals: readonly number[]): Promise<void> {
  // In one order everywhere: two of them at once wait for each other, not for ever.
  await sql`
    insert into item_states as s (project_id, question, ordinal, version)
    select ${project}, ${question}, ordinal, 1 from unnest(${ordinals}::int[]) as o (ordinal) order by ordinal
    on conflict (project_id, question, ordinal) do update set version = s.version + 1`.execute(db);
}

/** Nobody else changes these items until the transaction ends. */
export async function lockItems(db: Db, { project, question }: Asked, ordinals: readonly number[]): Promise<void> {
  await sql`
    select from item_states where project_id = ${project} and question = ${question} and ordinal = any(${ordinals})
    order by ordinal for update`.execute(db);
}

/** How many people answer these items at present. */
export async function answeredCounts(
  db: Db,
  { project, question }: Asked,
  ordinals: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const { rows } = await sql<{ ordinal: number; answered: number }>`
    select ordinal, answered from item_states where project_id = ${project} and question = ${question} and ordinal = any(${ordinals})`.execute(
    db,
  );
  return new Map(rows.map(({ ordinal, answered }) => [ordinal, answered]));
}

/** Brings the counters of items to what the present answers say. */
export async function recount(db: Db, asked: Asked, ordinals: readonly number[]): Promise<void> {
  const { project, question } = asked;
  await sql`
    update item_states s set answered = c.answered, flagged = c.flagged, changed = pg_current_xact_id()
    from (${countsOf(sql`select ${project}::int as project_id, ${question}::text as question, ordinal from unnest(${ordinals}::int[]) as o (ordinal)`)}) c
    where s.project_id = c.project_id and s.question = c.question and s.ordinal = c.ordinal`.execute(db);
}

/** What the counters of items should be. A flag holds until somebody else has answered since.
 *  @param places a query with project_id, question, ordinal */
export function countsOf(places: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    select w.project_id, w.question, w.ordinal,
      (count(*) filter (where a.kind = 'answer'))::int as answered,
      coalesce(bool_or(a.kind = 'flag' and not exists (
        select from current_answers o where o.project_id = w.project_id and o.question = w.question and o.ordinal = w.ordinal
          and o.kind = 'answer' and o.person_id <> a.person_id and o.version > a.version)), false) as flagged
    from (${places}) w left join current_answers a
      on a.project_id = w.project_id and a.question = w.question and a.ordinal = w.ordinal
    group by w.project_id, w.question, w.ordinal`;
}
