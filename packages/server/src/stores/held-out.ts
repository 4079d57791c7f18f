import { sql } from 'kysely';
import type { Db } from '../context.ts';

/** A posterior without people, for items that people answered: m×k. */
export interface HeldOut {
  readonly question: string;
  readonly ordinals: readonly number[];
  readonly posterior: Float64Array;
}

const batch = 5_000;

/** In the place of what the project's runs before had left. */
export async function storeHeldOut(db: Db, project: number, run: number, { question, ordinals, posterior }: HeldOut): Promise<void> {
  await sql`
    delete from held_out where question = ${question} and run_id <> ${run} and run_id in (select id from runs where project_id = ${project})`.execute(
    db,
  );
  const k = ordinals.length === 0 ? 0 : posterior.length / ordinals.length;
  for (let first = 0; first < ordinals.length; first += batch) {
    const rows = ordinals.slice(first, first + batch).map((ordinal, at) => {
      const from = (first + at) * k;
      return [ordinal, Array.from(posterior.subarray(from, from + k), Math.fround)];
    });
    await sql`
      insert into held_out (run_id, question, ordinal, posterior)
      select ${run}::int, ${question}, (r ->> 0)::int, array(select p::real from jsonb_array_elements_text(r -> 1) with ordinality as e (p, at) order by at)
      from jsonb_array_elements(${JSON.stringify(rows)}::jsonb) as r`.execute(db);
  }
}

export async function heldOutOf(db: Db, run: number, question: string): Promise<HeldOut> {
  const { rows } = await sql<{ ordinal: number; posterior: number[] }>`
    select ordinal, posterior from held_out where run_id = ${run} and question = ${question} order by ordinal`.execute(db);
  return {
    question,
    ordinals: rows.map(({ ordinal }) => ordinal),
    posterior: Float64Array.from(rows.flatMap(({ posterior }) => posterior)),
  };
}
