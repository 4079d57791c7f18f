import { CoreError } from '@labelwright/core/model/errors';
import { setTimeout as sleep } from 'node:timers/promises';
import { startRun } from '../actions/start-run.ts';
import { askAbout, type AskingOutcome } from '../asking/ask-about.ts';
import { inWords } from '../asking/plan.ts';
import type { Context } from '../context.ts';
import { faultOf } from '../errors.ts';
import { type AskingEnd, askingEvent, beginAsking, moveAsking } from '../stores/askings.ts';
import { type JobHandlers, type JobRun, mostAttempts } from './job-list.ts';

export const askJobs = { ask } satisfies Partial<JobHandlers>;

const watchMs = 500;

/** Started again it goes on: what was answered is in the database, what was paid for in the ledger. */
async function ask({ payload, context, signal, attempt }: JobRun<'ask'>): Promise<void> {
  const { db, events, log } = context;
  const row = await beginAsking(db, payload.asking);
  if (!row) return;
  await events.publish(db, row.project_id, askingEvent(row));
  const stop = new AbortController();
  const over = new AbortController();
  void watch(context, row.id, stop, over.signal);
  const end = async (to: AskingEnd, reason: string | null = null) => {
    const ended = await moveAsking(db, row.id, ['running'], { to, reason });
    if (ended) await events.publish(db, row.project_id, askingEvent(ended));
    return ended;
  };
  try {
    const outcome = await askAbout(context, row, AbortSignal.any([signal, stop.signal]));
    if (signal.aborted) throw signal.reason;
    if (outcome.summary.stopped?.kind === 'over-budget') await end('paused', budgetInWords(outcome));
    else if (!outcome.summary.stopped && (await end('done')) && row.then_run)
      await startRun(context, { person: { id: row.person_id } }, row.project_id).catch((error: unknown) => {
        if (!(error instanceof CoreError)) throw error;
        log.info({ asking: row.id }, `no run after an asking: ${error.message}`);
      });
    await events.publish(db, row.project_id, { kind: 'labelers' });
  } catch (error) {
    if (signal.aborted) throw error;
    const { status, body } = faultOf(error, '');
    if (status === 503 && attempt < mostAttempts) throw error;
    log.error({ err: error, asking: row.id }, 'an asking failed');
    await end('failed', error instanceof CoreError ? inWords(error.message) : body.message);
  } finally {
    over.abort();
  }
}

function budgetInWords({ refusal }: AskingOutcome): string {
  if (!refusal) return 'The budget is spent';
  const { budget, limitUsd, spentUsd } = refusal;
  const usd = (value: number) => `$ ${value.toFixed(value >= 0.1 ? 2 : 4)}`;
  const whose = { asking: 'this asking', labeler: 'the labeler', project: 'the project' }[budget];
  return `The budget of ${whose}, ${usd(limitUsd)}, is spent: ${usd(spentUsd)} so far, and another call could take it over`;
}

/** Paused and cancelled it is by its row: calls under way are finished, nothing new is asked. */
async function watch({ db, events }: Context, id: number, stop: AbortController, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    await sleep(watchMs, undefined, { signal: over }).catch(() => undefined);
    if (over.aborted) return;
    const row = await db
      .selectFrom('askings as a')
      .innerJoin('labelers as l', 'l.id', 'a.labeler_id')
      .select(['a.state', 'a.version', 'l.deleted_at', 'l.version as present'])
      .where('a.id', '=', id)
      .executeTakeFirst()
      .catch(() => ({ state: 'running' as const, deleted_at: null, version: 0, present: 0 }));
    const end = row?.state === 'running' ? endOf(row) : undefined;
    if (row?.state === 'running' && !end) continue;
    if (end) {
      const ended = await moveAsking(db, id, ['running'], end).catch(() => undefined);
      if (ended) await events.publish(db, ended.project_id, askingEvent(ended)).catch(() => undefined);
    }
    stop.abort(new Error('the asking is paused or cancelled'));
    return;
  }
}

/** What became of its labeler ends it too. */
function endOf({ deleted_at, version, present }: { readonly deleted_at: Date | null; readonly version: number; readonly present: number }) {
  if (deleted_at !== null) return { to: 'paused' as const, reason: 'The labeler was deleted' };
  if (version === present) return undefined;
  return { to: 'cancelled' as const, reason: 'The labeler was changed meanwhile: its new version is asked anew' };
}
