import { z } from 'zod';
import type { Context } from '../context.ts';

/** What can be done in the background, and what a job of it is told: ids, never content. */
export const jobs = {
  import: z.object({ import: z.int() }),
  run: z.object({ run: z.int() }),
  ask: z.object({ asking: z.int() }),
  export: z.object({ export: z.int() }),
  sample: z.object({}),
};

export type JobName = keyof typeof jobs;
export type JobPayload<Name extends JobName> = z.infer<(typeof jobs)[Name]>;

/** A job may start again from the beginning at any moment: its process may be killed, or lose the database. What it has done by then is in
 *  the database, in the same transaction as how far it came. */
export interface JobRun<Name extends JobName> {
  readonly payload: JobPayload<Name>;
  readonly context: Context;
  /** The process stops, or another one has taken the job over: throw soon, and the job goes on elsewhere or later. */
  readonly signal: AbortSignal;
  /** 1, 2, 3 … of `mostAttempts`. A job that throws is tried again, later and later. */
  readonly attempt: number;
}

export const mostAttempts = 8;

/** A file of `jobs/` exports some of these: `export const runJobs = { run: async ({ payload, context, signal }) => … } satisfies Partial<JobHandlers>` */
export type JobHandlers = { readonly [Name in JobName]: (run: JobRun<Name>) => Promise<void> };
