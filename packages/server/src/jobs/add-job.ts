import { sql } from 'kysely';
import type { Db } from '../context.ts';
import { type JobName, type JobPayload, mostAttempts } from './job-list.ts';

/** Leaves a job for whichever process is free, when the transaction is committed.
 *  @param key a job that waits under the same key is replaced: `import:7`  @param queue jobs of one queue run one after another */
export async function addJob<Name extends JobName>(
  db: Db,
  name: Name,
  payload: JobPayload<Name>,
  key: string,
  queue?: string,
): Promise<void> {
  await sql`select graphile_worker.add_job(${name}, payload => ${JSON.stringify(payload)}::json, job_key => ${key},
    max_attempts => ${mostAttempts}, queue_name => ${queue ?? null}::text)`.execute(db);
}

/** Takes back a job that has not begun. One that runs must be told by the row that it works on. */
export async function removeJob(db: Db, key: string): Promise<void> {
  await sql`select graphile_worker.remove_job(${key})`.execute(db);
}
