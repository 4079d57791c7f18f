import { sql } from 'kysely';
import type { Db } from '../context.ts';
import type { Asked } from './item-states.ts';

export interface Labor {
  /** Items that a person answers at present; that are flagged. */
  readonly reviewed: number;
  readonly flagged: number;
  /** Of people, over all that they ever sent in. */
  readonly seconds: number;
  /** Median of one answer; null where nobody labeled one by one. */
  readonly secondsPerItem: number | null;
}

/** What people put into a question. */
export async function laborOn(db: Db, { project, question }: Asked): Promise<Labor> {
  const { rows } = await sql<Labor>`
    select s.reviewed, s.flagged, a.seconds, a."secondsPerItem"
    from (select (count(*) filter (where answered > 0))::int as reviewed, (count(*) filter (where flagged))::int as flagged
        from item_states where project_id = ${project} and question = ${question}) s,
      (select coalesce(sum(seconds), 0)::float8 as seconds,
          percentile_cont(0.5) within group (order by seconds) filter (where kind = 'answer' and bulk is null and seconds > 0) as "secondsPerItem"
        from answers where project_id = ${project} and question = ${question}) a`.execute(db);
  return rows[0];
}

/** How many present answers came after a time. @param withoutAudits those that answer an audit left out */
export async function answersSince(db: Db, { project, question }: Asked, since: string, withoutAudits = false): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from current_answers c
    where project_id = ${project} and question = ${question} and kind = 'answer' and created_at >= ${since}::timestamptz
      ${withoutAudits ? sql`and not exists (select from answers a where a.action = c.action and a.audit_id is not null)` : sql``}`.execute(
    db,
  );
  return rows[0].count;
}

/** Median active time of one answer, by person. */
export async function secondsOfPeople(db: Db, { project, question }: Asked): Promise<ReadonlyMap<number, number>> {
  const { rows } = await sql<{ person: number; seconds: number }>`
    select person_id as person, percentile_cont(0.5) within group (order by seconds)::float8 as seconds from answers
    where project_id = ${project} and question = ${question} and kind = 'answer' and bulk is null and seconds > 0 group by person_id`.execute(
    db,
  );
  return new Map(rows.map(({ person, seconds }) => [person, seconds]));
}
