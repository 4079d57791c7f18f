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
  /** People at an item at most. */
  readonly overlap: number;
  readonly seconds: number;
}

/** An item for a person. */
export interface Wanted {
  readonly ordinal: number;
  readonly person: number;
  readonly reason: string;
}

/** Reserves the wanted items for people who have said nothing about them: never more people at an item than answers are wanted, those who come first
 *  before those who come later. Items that another transaction is at are left out. Each person and item at most once. */
export function takeLeases(db: Db, asked: Asked, wanted: readonly Wanted[], terms: Terms): Promise<Lease[]> {
  const { project, question } = asked;
  const ordinals = [...new Set(wanted.map(({ ordinal }) => ordinal))];
  return db.transaction().execute(async (transaction) => {
    // A lease that a power cut undoes is no loss.
    await sql`
      insert into item_states (project_id, question, ordinal)
      select ${project}, ${question}, ordinal from unnest(${ordinals}::int[]) as o (ordinal)
      where set_config('synchronous_commit', 'off', true) = 'off' order by ordinal
      on conflict do nothing`.execute(transaction);
    const { rows } = await sql<{ ordinal: number; spoken: number[] }>`
      select s.ordinal, array(select a.person_id from current_answers a where a.project_id = s.project_id and a.question = s.question
        and a.ordinal = s.ordinal) as spoken
      from item_states s
      where s.project_id = ${project} and s.question = ${question} and s.ordinal = any(${ordinals}) and s.answered < ${terms.overlap} and not s.flagged
      order by s.ordinal for update of s skip locked`.execute(transaction);
    const locked = new Map(rows.map(({ ordinal, spoken }) => [ordinal, spoken]));
    // Whoever reserves an item holds its lock: this statement, which begins after we got it, sees all leases that there are.
    return giveLeases(
      transaction,
      asked,
      wanted.filter(({ ordinal, person }) => locked.get(ordinal)?.includes(person) === false),
      terms,
    );
  });
}

/** In a transaction that holds the locks of the items. @returns those that there was room for */
export function addLeases(
  db: Db,
  asked: Asked,
  wanted: readonly Omit<Wanted, 'person'>[],
  { person, ...terms }: Terms & { readonly person: number },
): Promise<Lease[]> {
  return giveLeases(
    db,
    asked,
    wanted.map((each) => ({ ...each, person })),
    terms,
  );
}

async function giveLeases(db: Db, { project, question }: Asked, wanted: readonly Wanted[], terms: Terms): Promise<Lease[]> {
  if (wanted.length === 0) return [];
  const { overlap, seconds } = terms;
  const columns = [wanted.map(({ ordinal }) => ordinal), wanted.map(({ person }) => person), wanted.map(({ reason }) => reason)];
  const { rows } = await sql<Lease>`
    insert into leases (project_id, question, ordinal, person_id, until, reason)
    select s.project_id, s.question, s.ordinal, o.person, now() + make_interval(secs => ${seconds}), o.reason
    from item_states s join (
      select w.*, row_number() over (partition by w.ordinal order by w.place) - 1 as earlier
      from unnest(${columns[0]}::int[], ${columns[1]}::int[], ${columns[2]}::text[]) with ordinality as w (ordinal, person, reason, place)
    ) o on o.ordinal = s.ordinal
    where s.project_id = ${project} and s.question = ${question} and not s.flagged and s.answered + o.earlier + (
      select count(*) from leases l where l.project_id = s.project_id and l.question = s.question and l.ordinal = s.ordinal
        and l.person_id <> o.person and l.until > now()) < ${overlap}
    on conflict (project_id, question, ordinal, person_id) do update set until = excluded.until, reason = excluded.reason
    returning ordinal, person_id as person, until, reason`.execute(db);
  const place = new Map(wanted.map(({ ordinal, person }, at) => [`${ordinal} ${person}`, at]));
  const placeOf = ({ ordinal, person }: Lease) => place.get(`${ordinal} ${person}`) ?? 0;
  return rows.sort((a, b) => placeOf(a) - placeOf(b));
}

/** Leases that hold, held for longer. */
export async function renewLeases(
  db: Db,
  { project, question }: Asked,
  ordinals: readonly number[],
  { person, seconds }: { readonly person: number; readonly seconds: number },
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
