import { EventEmitter } from 'node:events';
import { Logger, run, runMigrations, type Task, type WorkerEvents } from 'graphile-worker';
import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { type JobHandlers, type JobName, type JobRun, jobs } from './job-list.ts';
import { joinJobProcesses } from './job-process.ts';

export interface JobsOptions {
  readonly handlers: Partial<JobHandlers>;
  /** Jobs at a time, of them at most two askings, which mostly wait. */
  readonly concurrency?: number;
  /** Nobody else works on this database. */
  readonly isAlone: boolean;
}

export interface RunningJobs {
  /** Jobs are told to end; what does not end in time is given back as it is. */
  stop(): Promise<void>;
}

/** The tables of the queue: what `addJob` needs. */
export async function migrateJobs({ pool, log }: Context): Promise<void> {
  await runMigrations({ pgPool: pool, logger: loggerOf(log) });
}

/** Takes jobs from the queue until it is stopped. */
export async function startJobs(context: Context, { handlers, concurrency = 4, isAlone }: JobsOptions): Promise<RunningJobs> {
  await migrateJobs(context);
  const names = Object.keys(handlers) as JobName[];
  if (names.length === 0) return { stop: async () => undefined };
  const { log, pool, db } = context;
  let abort = new AbortController();
  const abandoned = new Set<string>();
  const taskOf =
    (name: JobName): Task =>
    async (payload, { job }) => {
      const { signal } = abort;
      const handler = handlers[name] as (run: JobRun<JobName>) => Promise<void>;
      try {
        await handler({ payload: jobs[name].parse(payload), context, signal, attempt: job.attempts });
      } catch (error) {
        if (signal.aborted) abandoned.add(job.id);
        else log.error({ err: error, job: name, attempt: job.attempts }, 'a job failed');
        throw error;
      }
    };
  const events = new EventEmitter() as WorkerEvents;
  const poolName = new Promise<string>((resolve) => events.once('pool:create', ({ workerPool }) => resolve(workerPool.id)));
  const runner = await run({
    pgPool: pool,
    taskList: Object.fromEntries(names.map((name) => [name, taskOf(name)])),
    concurrency,
    noHandleSignals: true,
    logger: loggerOf(log),
    events,
  });
  const name = await poolName;
  const process = await joinJobProcesses(context, {
    name,
    isAlone,
    onTakenForDead: () => {
      abort.abort(new Error('this process was taken for dead'));
      abort = new AbortController();
    },
  });
  return {
    stop: async () => {
      abort.abort(new Error('the server stops'));
      await runner.stop();
      await process.stop();
      // The queue takes them for failures, to be tried again later, and says so some time after it has stopped; but nothing is wrong with them.
      const ids = [...abandoned];
      if (ids.length === 0) return;
      await sql`select graphile_worker.force_unlock_workers(array[${name}])`.execute(db);
      await sql`select graphile_worker.reschedule_jobs(${ids}::bigint[], run_at => now(), attempts => 0)`.execute(db);
    },
  };
}

function loggerOf(log: Context['log']): Logger {
  const isWorthSaying = new Set<string>(['error', 'warning']);
  return new Logger(() => (level, message) => {
    if (isWorthSaying.has(level)) log.warn(`jobs: ${message}`);
  });
}
