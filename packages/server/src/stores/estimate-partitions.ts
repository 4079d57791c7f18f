import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { sql } from 'kysely';
import type { ClientBase } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Db } from '../context.ts';
import { estimateColumns, type EstimatedQuestion, estimateRows } from './estimate-rows.ts';

const nameOf = (run: number) => `estimates_${run}`;

/** Loads a run's estimates into a table of their own, and attaches it. Nobody sees anything of it before the transaction commits. */
export async function storeEstimates(
  client: ClientBase,
  run: number,
  questions: Iterable<EstimatedQuestion> | AsyncIterable<EstimatedQuestion>,
): Promise<void> {
  const table = nameOf(run);
  await client.query(`create table ${table} (like estimates including defaults, constraint ${table}_run check (run_id = ${run}))`);
  // A table of the same transaction: nothing of it goes through the write-ahead log.
  await pipeline(
    Readable.from(estimateRows(run, questions)),
    client.query(copyFrom(`copy ${table} ${estimateColumns} from stdin (format binary)`)),
  );
  await client.query(`alter table ${table} add primary key (question, ordinal)`);
  await client.query(`create index on ${table} (question, probability)`);
  await client.query(`create index on ${table} (question, decision, probability)`);
  await client.query(`alter table estimates attach partition ${table} for values in (${run})`);
  await client.query(`alter table ${table} drop constraint ${table}_run`);
}

/** Statistics for the query planner. */
export async function analyzeEstimates(db: Db, run: number): Promise<void> {
  await sql`analyze ${sql.table(nameOf(run))}`.execute(db);
}

/** How many runs of a project keep their estimates, for comparison. */
const keptRuns = 3;

/** Drops the estimates of all but the last runs, without making anybody wait: what cannot be taken now is taken after the next run. */
export async function dropOldEstimates(db: Db, project: number): Promise<void> {
  const { rows } = await sql<{ run: number; pending: boolean | null }>`
    select r.id as run, i.inhdetachpending as pending
    from (select id from runs where project_id = ${project} and state = 'done' order by number desc offset ${keptRuns}) r
    join pg_class c on c.oid = to_regclass('estimates_' || r.id)
    left join pg_inherits i on i.inhrelid = c.oid`.execute(db);
  for (const { run, pending } of rows) {
    const table = sql.table(nameOf(run));
    if (pending === true) await sql`alter table estimates detach partition ${table} finalize`.execute(db);
    else if (pending === false) await sql`alter table estimates detach partition ${table} concurrently`.execute(db);
    await sql`drop table if exists ${table}`.execute(db);
  }
}
