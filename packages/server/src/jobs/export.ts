import { CoreError } from '@labelwright/core/model/errors';
import { faultOf } from '../errors.ts';
import { makeExport } from '../exporting/make-export.ts';
import { findExport, finishExport, setExportState } from '../stores/exports.ts';
import { type JobHandlers, type JobRun, mostAttempts } from './job-list.ts';

export const exportJobs = { export: run } satisfies Partial<JobHandlers>;

/** Started again it begins again: nothing of a file is seen before all of it is there. */
async function run({ payload, context, signal, attempt }: JobRun<'export'>): Promise<void> {
  const { db, events, log } = context;
  const found = await db.selectFrom('exports').select(['project_id', 'state']).where('id', '=', payload.export).executeTakeFirst();
  if (found?.state !== 'queued' && found?.state !== 'running') return;
  const row = await findExport(db, found.project_id, payload.export);
  if (!row) return;
  const tell = (state: string) => events.publish(db, row.project_id, { kind: 'export', export: row.id, state });
  await setExportState(db, row.id, 'running');
  await tell('running');
  try {
    await finishExport(db, row.id, await makeExport(context, row, signal));
    await tell('done');
  } catch (error) {
    if (signal.aborted) throw error;
    const { status, body } = faultOf(error, '');
    if (status === 503 && attempt < mostAttempts) throw error;
    log.error({ err: error, export: row.id }, 'an export failed');
    const isSaid = status !== 500 || (error instanceof CoreError && error.code !== 'cannot-write');
    const words = error instanceof CoreError && isSaid ? error.message : body.message;
    await setExportState(db, row.id, 'failed', isSaid ? words : 'Something went wrong on the server during this export; its log says more');
    await tell('failed');
  }
}
