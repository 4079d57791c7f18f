import { sql } from 'kysely';
import type { Context } from '../context.ts';

export interface JobProcess {
  stop(): Promise<void>;
}

export interface JobProcessOptions {
  /** What the queue calls this process in `locked_by`. */
  readonly name: string;
  /** Nobody else works on this database: whoever was there before is dead. */
  readonly isAlone: boolean;
  /** This process was taken for dead (the machine slept, the network was gone) and its jobs may run elsewhere. */
  readonly onTakenForDead: () => void;
  readonly beatMs?: number;
  readonly deadAfterMs?: number;
}

/** A process takes its first job a moment before it is on the list. */
const joiningSeconds = 5;

/** Says that this process lives, and gives the jobs of dead ones back to the queue. */
export async function joinJobProcesses({ db, log }: Context, options: JobProcessOptions): Promise<JobProcess> {
  const { name, isAlone, onTakenForDead, beatMs = 5_000, deadAfterMs = 20_000 } = options;
  if (isAlone) await sql`delete from job_processes where name <> ${name}`.execute(db);
  await sql`insert into job_processes (name) values (${name}) on conflict (name) do update set seen_at = now()`.execute(db);
  let isIn = true;
  const beat = async () => {
    const { numAffectedRows = 0n } = await sql`update job_processes set seen_at = now() where name = ${name}`.execute(db);
    if (numAffectedRows === 0n && isIn) {
      onTakenForDead();
      await sql`insert into job_processes (name) values (${name}) on conflict do nothing`.execute(db);
    }
    await sql`delete from job_processes where seen_at < now() - make_interval(secs => ${deadAfterMs / 1_000})`.execute(db);
    const { rows } = await sql<{ name: string }>`
      select distinct locked_by as name from graphile_worker.jobs
      where locked_by is not null and locked_at < now() - make_interval(secs => ${isAlone ? 0 : joiningSeconds})
        and not exists (select from job_processes p where p.name = locked_by)`.execute(db);
    if (rows.length === 0) return;
    log.warn(`jobs: going on with the jobs of ${rows.length} process(es) that ended`);
    await sql`select graphile_worker.force_unlock_workers(${rows.map((row) => row.name)}::text[])`.execute(db);
  };
  const tryBeat = () => beat().catch((error: unknown) => log.warn({ err: error }, 'jobs: the database does not answer'));
  await beat();
  const timer = setInterval(() => void tryBeat(), beatMs);
  return {
    stop: async () => {
      isIn = false;
      clearInterval(timer);
      await sql`delete from job_processes where name = ${name}`.execute(db).catch(() => undefined);
    },
  };
}
