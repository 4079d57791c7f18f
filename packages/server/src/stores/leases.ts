import { sql } from 'kysely';
import type { Db } from '../context.ts';
import type { Asked } from './item-states.ts';

/** An item that is reserved for a person, by the clock of the database. */
export interface Lease {
  readonly ordinal: number;
  readonly person: number;
  readonly until: Date;
  readonly reason: string;
}

/** Those that hold, in the order in which they end, and how many are left of those that do not. */
export async function liveLeases(db: Db, { project, question }: Asked): Promise<{ leases: Lease[]; ended: number }> {
  const { rows } = await sql<Lease & { live: boolean }>`
    select ordinal, person_id as person, until, reason, until > now() as live from leases
    where project_id = ${project} and question = ${question} order by until, ordinal`.execute(db);
  const leases = rows.filter(({ live }) => live);
  return { leases, ended: rows.length - leases.length };
}

export async function removeEnded(db: Db, { project, question }: Asked): Promise<void> {
  await sql`delete from leases where project_id = ${project} and question = ${question} and until < now()`.execute(db);
}

export interface Terms {
  readonly person: number;
  readonly overlap: number;
  readonly seconds: number;
}

export interface Wanted {
  readonly ordinal: number;
  readonly reason: string;
}

/** Reserves up to `most` of the wanted items, in their order, for a person who has said nothing about them: never more people at an item than
 *  answers are wanted. Items that another transaction is at are left out. */
export function takeLeases(db: Db, asked: Asked, wanted: readonly Wanted[], most: number, terms: Terms): Promise<Lease[]> {
  const { project, question } = asked;
  const ordinals = wanted.map(({ ordinal }) => ordinal);
  return db.transaction().execute(async (transaction) => {
    // A lease that a power cut undoes is no loss.
    await sql`set local synchronous_commit = off`.execute(transaction);
    await sql`
      insert into item_states (project_id, question, ordinal)
      select ${project}, ${question}, ordinal from unnest(${ordinals}::int[]) as o (ordinal) order by ordinal
      on conflict do nothing`.execute(transaction);
    const { rows } = await sql<{ ordinal: number }>`
      select s.ordinal from item_states s join unnest(${ordinals}::int[]) with ordinality as o (ordinal, place) on o.ordinal = s.ordinal
      where s.project_id = ${project} and s.question = ${question} and s.answered < ${terms.overlap} and not s.flagged
        and not exists (select from current_answers a where a.project_id = s.project_id and a.question = s.question
          and a.ordinal = s.ordinal and a.person_id = ${terms.person})
      order by o.place limit ${most} for update of s skip locked`.execute(transaction);
    const locked = new Set(rows.map(({ ordinal }) => ordinal));
    // Whoever reserves an item holds its lock: this statement, which begins after we got it, sees all leases that there are.
    return addLeases(
      transaction,
      asked,
      wanted.filter(({ ordinal }) => locked.has(ordinal)),
      terms,
    );
  });
}

/** In a transaction that holds the locks of the items. @returns those that there was room for */
export async function addLeases(db: Db, { project, question }: Asked, wanted: readonly Wanted[], terms: Terms): Promise<Lease[]> {
  if (wanted.length === 0) return [];
  const { person, overlap, seconds } = terms;
  const { rows } = await sql<Lease>`
    insert into leases (project_id, question, ordinal, person_id, until, reason)
    select s.project_id, s.question, s.ordinal, ${person}::int, now() + make_interval(secs => ${seconds}), o.reason
    from item_states s join unnest(${wanted.map(({ ordinal }) => ordinal)}::int[], ${wanted.map(({ reason }) => reason)}::text[]) as o (ordinal, reason)
      on o.ordinal = s.ordinal
    where s.project_id = ${project} and s.question = ${question} and not s.flagged and s.answered + (
      select count(*) from leases l where l.project_id = s.project_id and l.question = s.question and l.ordinal = s.ordinal
        and l.person_id <> ${person} and l.until > now()) < ${overlap}
    on conflict (project_id, question, ordinal, person_id) do update set until = excluded.until, reason = excluded.reason
    returning ordinal, person_id as person, until, reason`.execute(db);
  const place = new Map(wanted.map(({ ordinal }, at) => [ordinal, at]));
  return rows.sort((a, b) => (place.get(a.ordinal) ?? 0) - (place.get(b.ordinal) ?? 0));
}

/** Leases that hold, held for longer. */
export async function renewLeases(
  db: Db,
  { project, question }: Asked,
  ordinals: readonly number[],
  { person, seconds }: Terms,
): Promise<Lease[]> {
  const { rows } = await sql<Lease>`
    update leases set until = now() + make_interval(secs => ${seconds})
    where project_id = ${project} and question = ${question} and person_id = ${person} and ordinal = any(${ordinals}) and until > now()
    returning ordinal, person_id as person, until, reason`.execute(db);
  return rows;
}

/** Of all questions. */
export async function removeLeases(db: Db, project: number, person: number, ordinals: readonly number[]): Promise<void> {
  await sql`delete from leases where project_id = ${project} and person_id = ${person} and ordinal = any(${ordinals})`.execute(db);
}
