import { sql } from 'kysely';
import type { Db } from '../context.ts';

/** Two runs, and the question that they are compared on. */
export interface Compared {
  readonly before: number;
  readonly after: number;
  readonly question: string;
}

/** Whether a run's estimates are still there. */
export async function hasEstimates(db: Db, run: number): Promise<boolean> {
  const { rows } = await sql<{ there: boolean }>`
    select exists (select from pg_inherits where inhrelid = to_regclass(${`estimates_${run}`}) and not inhdetachpending) as there`.execute(
    db,
  );
  return rows[0].there;
}

/** Both partitions, item by item; an item that came after the first run has no `b`. */
const pairs = ({ before, after, question }: Compared) => sql`
  estimates a left join estimates b on b.run_id = ${before} and b.question = a.question and b.ordinal = a.ordinal
  where a.run_id = ${after} and a.question = ${question}`;

/** Answers that somebody voted for, in both. */
const flipped = sql`b.votes > 0 and a.votes > 0 and a.answer <> b.answer`;

export async function countChanges(db: Db, compared: Compared): Promise<{ newlyAccepted: number; noLongerAccepted: number }> {
  const { rows } = await sql<{ newlyAccepted: number; noLongerAccepted: number }>`
    select (count(*) filter (where a.decision = 2 and b.decision is distinct from 2))::int as "newlyAccepted",
      (count(*) filter (where a.decision <> 2 and b.decision = 2))::int as "noLongerAccepted"
    from ${pairs(compared)}`.execute(db);
  return rows[0];
}

/** From which answer to which, the most frequent first. */
export async function flipsBetween(db: Db, compared: Compared): Promise<{ from: string; to: string; count: number }[]> {
  const { rows } = await sql<{ from: string; to: string; count: number }>`
    select array_to_string(b.answer, ', ') as from, array_to_string(a.answer, ', ') as to, count(*)::int as count
    from ${pairs(compared)} and ${flipped} group by 1, 2 order by 3 desc, 1, 2 limit 100`.execute(db);
  return rows;
}

/** All of them, or those from one answer to another. */
export async function flippedItems(
  db: Db,
  compared: Compared,
  { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined },
): Promise<number[]> {
  const { rows } = await sql<{ ordinal: number }>`
    select a.ordinal from ${pairs(compared)} and ${flipped}
      ${from === undefined ? sql`` : sql`and array_to_string(b.answer, ', ') = ${from}`}
      ${to === undefined ? sql`` : sql`and array_to_string(a.answer, ', ') = ${to}`} order by 1`.execute(db);
  return rows.map(({ ordinal }) => ordinal);
}

export interface ChangedItem {
  readonly ordinal: number;
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** Probabilities of the two answers. */
  readonly before: number;
  readonly after: number;
}

/** Those of which both runs were surest, first. */
export async function changedItems(db: Db, project: number, compared: Compared, limit: number): Promise<ChangedItem[]> {
  const { rows } = await sql<ChangedItem>`
    select c.*, i.id from (
      select a.ordinal, array_to_string(b.answer, ', ') as from, array_to_string(a.answer, ', ') as to,
        b.probability as before, a.probability as after
      from ${pairs(compared)} and ${flipped} order by a.probability + b.probability desc, a.ordinal limit ${limit}) c
    join items i on i.project_id = ${project} and i.ordinal = c.ordinal order by c.after + c.before desc, c.ordinal`.execute(db);
  return rows;
}
