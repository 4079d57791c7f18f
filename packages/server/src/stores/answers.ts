import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../context.ts';
import type { Asked } from './item-states.ts';

export type AnswerKind = 'answer' | 'skip' | 'flag';

export interface NewAnswer extends Asked {
  readonly action: string;
  readonly ordinal: number;
  readonly person: number;
  readonly kind: AnswerKind;
  readonly labels: readonly string[] | null;
  readonly note: string | null;
  readonly base: number;
  readonly version: number;
  readonly seconds: number;
  /** People who were to answer the item; null where it goes beyond them. */
  readonly overlap: number | null;
  readonly audit?: number | undefined;
  /** The action that it is a part of, where that has another id. */
  readonly bulk?: string | undefined;
}

/** Into the history, and as what the person says from now on. */
export async function addAnswer(db: Db, answer: NewAnswer): Promise<void> {
  const { action, project, question, ordinal, person, kind, note, base, version, seconds, overlap, audit = null, bulk = null } = answer;
  const labels = answer.labels && JSON.stringify(answer.labels);
  await sql`
    with added as (
      insert into answers (action, project_id, question, ordinal, person_id, kind, labels, note, base, version, seconds, overlap, audit_id,
        bulk)
      values (${action}, ${project}, ${question}, ${ordinal}, ${person}, ${kind}, ${labels}::jsonb, ${note}, ${base}, ${version}, ${seconds},
        ${overlap}::smallint, ${audit}::int, ${bulk}::uuid)
      returning action, project_id, question, ordinal, person_id, kind, labels, version)
    insert into current_answers (action, project_id, question, ordinal, person_id, kind, labels, version)
    select * from added
    on conflict (project_id, question, ordinal, person_id) do update
      set action = excluded.action, kind = excluded.kind, labels = excluded.labels, version = excluded.version, created_at = now()`.execute(
    db,
  );
}

export interface OwnStanding {
  /** Of the person's last entry in the history of the item; 0 where there is none. */
  readonly version: number;
  /** What the person says at present. */
  readonly kind: AnswerKind | null;
}

/** Where a person stands with an item. */
export async function ownStanding(db: Db, { project, question }: Asked, ordinal: number, person: number): Promise<OwnStanding> {
  const { rows } = await sql<OwnStanding>`
    select coalesce((select max(version) from answers
        where project_id = ${project} and question = ${question} and ordinal = ${ordinal} and person_id = ${person}), 0) as version,
      (select kind from current_answers
        where project_id = ${project} and question = ${question} and ordinal = ${ordinal} and person_id = ${person}) as kind`.execute(db);
  return rows[0];
}

/** What a person answers at present: ordinal → labels. */
export async function ownAnswers(
  db: Db,
  { project, question }: Asked,
  ordinals: readonly number[],
  person: number,
): Promise<ReadonlyMap<number, string[]>> {
  const { rows } = await sql<{ ordinal: number; labels: string[] }>`
    select ordinal, labels from current_answers
    where project_id = ${project} and question = ${question} and ordinal = any(${ordinals}) and person_id = ${person} and kind = 'answer'`.execute(
    db,
  );
  return new Map(rows.map(({ ordinal, labels }) => [ordinal, labels]));
}

/** The last things that a person said and did not take back, newest first. */
export async function answersOfPerson(db: Db, project: number, person: number, limit: number) {
  return db
    .selectFrom('answers as a')
    .innerJoin('current_answers as c', 'c.action', 'a.action')
    .innerJoin('items as i', (join) => join.onRef('i.project_id', '=', 'a.project_id').onRef('i.ordinal', '=', 'a.ordinal'))
    .select(['a.action', 'a.ordinal', 'i.id', 'a.question', 'a.bulk as set', 'c.kind', 'a.labels', 'a.created_at'])
    .where('a.project_id', '=', project)
    .where('a.person_id', '=', person)
    .orderBy('a.created_at', 'desc')
    .orderBy('a.version', 'desc')
    .limit(limit)
    .execute();
}

/** An answer that is to be taken back. */
export interface Target extends Asked {
  readonly action: string;
  readonly ordinal: number;
}

/** What an undo of this action is about: a person's own answer, or all of a bulk action that still stand. Undefined where there is no such action of theirs. */
export async function targetsOf(db: Db, project: number, person: number, action: string): Promise<readonly Target[] | undefined> {
  const { rows } = await sql<Target & { standing: boolean }>`
    select a.action, a.project_id as project, a.question, a.ordinal,
      not exists (select from answers r where r.retracts = a.action) as standing
    from answers a
    where (a.action = ${action} or a.bulk = ${action}) and a.project_id = ${project} and a.person_id = ${person} and a.kind <> 'retract'`.execute(
    db,
  );
  return rows.length === 0 ? undefined : rows.filter(({ standing }) => standing);
}

/** Entries in the history that take others back. In a transaction that has advanced the items.
 *  @param isOne the entry is the whole action, and has its id */
export async function retractAnswers(
  db: Db,
  { project, question }: Asked,
  targets: readonly Target[],
  { person, action, isOne }: { readonly person: number; readonly action: string; readonly isOne: boolean },
): Promise<void> {
  await sql`
    insert into answers (action, project_id, question, ordinal, person_id, kind, base, version, retracts, bulk)
    select ${isOne ? sql`${action}::uuid` : sql`gen_random_uuid()`}, s.project_id, s.question, s.ordinal, ${person}::int, 'retract',
      s.version - 1, s.version, t.action, ${isOne ? null : action}::uuid
    from unnest(${targets.map((target) => target.action)}::uuid[], ${targets.map(({ ordinal }) => ordinal)}::int[]) as t (action, ordinal)
    join item_states s on s.project_id = ${project} and s.question = ${question} and s.ordinal = t.ordinal`.execute(db);
}

/** What a person says at present of these items is the last that was not taken back. @returns how many say something */
export async function restorePresent(db: Db, { project, question }: Asked, ordinals: readonly number[], person: number): Promise<number> {
  await sql`
    delete from current_answers
    where project_id = ${project} and question = ${question} and person_id = ${person} and ordinal = any(${ordinals})`.execute(db);
  const { numAffectedRows } = await sql`
    insert into current_answers (project_id, question, ordinal, person_id, action, kind, labels, version, created_at)
    ${presentOf(sql`a.project_id = ${project} and a.question = ${question} and a.person_id = ${person} and a.ordinal = any(${ordinals})`)}`.execute(
    db,
  );
  return Number(numAffectedRows ?? 0n);
}

/** What should be in `current_answers`, by the history. @param which a condition on `answers a` */
export function presentOf(which: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    select distinct on (a.project_id, a.question, a.ordinal, a.person_id)
      a.project_id, a.question, a.ordinal, a.person_id, a.action, a.kind, a.labels, a.version, a.created_at
    from answers a
    where a.kind <> 'retract' and not exists (select from answers r where r.retracts = a.action) and ${which}
    order by a.project_id, a.question, a.ordinal, a.person_id, a.version desc`;
}

/** An item with more answers than there were to be, beyond those that somebody gave knowingly. */
export async function overfilledItem(db: Db, { project, question }: Asked, ordinals: readonly number[]): Promise<number | undefined> {
  const which = sql`c.project_id = ${project} and c.question = ${question} and c.ordinal = any(${ordinals})`;
  const { rows } = await sql<{ ordinal: number }>`${overfilled(which)} limit 1`.execute(db);
  return rows[0]?.ordinal;
}

/** @param which a condition on `current_answers c` */
export function overfilled(which: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    select c.project_id, c.question, c.ordinal from current_answers c join answers a on a.action = c.action
    where c.kind = 'answer' and a.overlap is not null and ${which}
    group by c.project_id, c.question, c.ordinal having count(*) > max(a.overlap)`;
}

export interface BulkAnswer {
  readonly person: number;
  readonly bulk: string;
  readonly labels: readonly string[];
  readonly overlap: number;
}

/** One answer to many items, by a person who sees them as they are. In a transaction that has advanced the items. */
export async function addAnswers(db: Db, { project, question }: Asked, ordinals: readonly number[], answer: BulkAnswer): Promise<void> {
  const { person, bulk, labels, overlap } = answer;
  await sql`
    with added as (
      insert into answers (action, project_id, question, ordinal, person_id, kind, labels, base, version, bulk, overlap)
      select gen_random_uuid(), s.project_id, s.question, s.ordinal, ${person}::int, 'answer', ${JSON.stringify(labels)}::jsonb, s.version - 1, s.version,
        ${bulk}::uuid, case when s.answered < ${overlap} or c.kind = 'answer' then ${overlap}::smallint end
      from item_states s left join current_answers c
        on c.project_id = s.project_id and c.question = s.question and c.ordinal = s.ordinal and c.person_id = ${person}
      where s.project_id = ${project} and s.question = ${question} and s.ordinal = any(${ordinals})
      returning action, project_id, question, ordinal, person_id, kind, labels, version)
    insert into current_answers (action, project_id, question, ordinal, person_id, kind, labels, version)
    select * from added
    on conflict (project_id, question, ordinal, person_id) do update
      set action = excluded.action, kind = excluded.kind, labels = excluded.labels, version = excluded.version, created_at = now()`.execute(
    db,
  );
}

/** A flag on many items. In a transaction that has advanced the items. */
export async function addFlags(
  db: Db,
  { project, question }: Asked,
  ordinals: readonly number[],
  { person, bulk, note }: { readonly person: number; readonly bulk: string; readonly note: string | null },
): Promise<void> {
  await sql`
    with added as (
      insert into answers (action, project_id, question, ordinal, person_id, kind, note, base, version, bulk)
      select gen_random_uuid(), s.project_id, s.question, s.ordinal, ${person}::int, 'flag', ${note}, s.version - 1, s.version, ${bulk}::uuid
      from item_states s where s.project_id = ${project} and s.question = ${question} and s.ordinal = any(${ordinals})
      returning action, project_id, question, ordinal, person_id, kind, labels, version)
    insert into current_answers (action, project_id, question, ordinal, person_id, kind, labels, version)
    select * from added
    on conflict (project_id, question, ordinal, person_id) do update
      set action = excluded.action, kind = excluded.kind, labels = excluded.labels, version = excluded.version, created_at = now()`.execute(
    db,
  );
}
