import { CoreError } from '@labelwright/core/model/errors';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../context.ts';
import { faultOf } from '../errors.ts';
import { endRun, type RunProgress } from '../stores/runs.ts';
import { whereaboutsOf } from '../threads/thread-database.ts';
import type { RunTaskData } from '../threads/run-thread.ts';
import { runThread } from '../threads/thread.ts';
import { type JobHandlers, type JobRun, mostAttempts } from './job-list.ts';

export const runJobs = { run } satisfies Partial<JobHandlers>;

/** A run that takes its process down with it each time must end some time. */
const mostBegun = 3;
const cancelPollMs = 500;

async function run({ payload, context, signal, attempt }: JobRun<'run'>): Promise<void> {
  const { db, connection, version, log, events } = context;
  const row = await db.selectFrom('runs').select(['id', 'project_id', 'state']).where('id', '=', payload.run).executeTakeFirst();
  if (row?.state !== 'queued' && row?.state !== 'running') return;
  const tell = (state: string, { phase, done, total }: Pick<RunProgress, 'phase' | 'done' | 'total'>) => {
    const event = { kind: 'run' as const, run: row.id, state, phase, done, total };
    events.publish(db, row.project_id, event).catch((error: unknown) => log.warn({ err: error }, 'an event is lost'));
  };
  const cancelled = new AbortController();
  const over = new AbortController();
  void watch(context, row.id, cancelled, over.signal);
  try {
    if (attempt > mostBegun && row.state === 'running')
      throw new CoreError('run-kills', `The server ended ${mostBegun} times during this run: it may need more memory than there is`);
    const data: RunTaskData = { where: whereaboutsOf(connection), run: row.id, version };
    await runThread<RunProgress, void>('threads/run-thread', data, {
      signal: AbortSignal.any([signal, cancelled.signal]),
      onReport: (progress) => tell('running', progress),
    });
  } catch (error) {
    if (signal.aborted) throw error;
    if (!cancelled.signal.aborted) {
      const { status, body } = faultOf(error, '');
      if (status === 503 && attempt < mostAttempts) throw error;
      log.error({ err: error, run: row.id }, 'a run failed');
      const isSaid = error instanceof CoreError || status !== 500;
      const words = error instanceof CoreError ? error.message : body.message;
      await endRun(db, row.id, 'failed', isSaid ? words : 'Something went wrong on the server during this run; its log says more');
    }
  } finally {
    over.abort();
  }
  const ended = await db.selectFrom('runs').select(['state', 'phase', 'done', 'total']).where('id', '=', row.id).executeTakeFirst();
  if (!ended) return;
  tell(ended.state, ended);
  if (ended.state !== 'done') return;
  await events.publish(db, row.project_id, { kind: 'labelers' });
  await events.publish(db, row.project_id, { kind: 'project' });
}

/** A cancelled run is told so by its row, also in the middle of a computation that does not look up. */
async function watch({ db }: Context, id: number, cancelled: AbortController, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    await sleep(cancelPollMs, undefined, { signal: over }).catch(() => undefined);
    if (over.aborted) return;
    const row = await db
      .selectFrom('runs')
      .select('state')
      .where('id', '=', id)
      .executeTakeFirst()
      .catch(() => ({ state: 'running' as const }));
    if (row?.state === 'queued' || row?.state === 'running') continue;
    // Done means that the thread is about to end by itself.
    if (row?.state === 'done') return;
    cancelled.abort(new Error('the run is cancelled'));
    return;
  }
}
