import type { Context } from '../context.ts';
import { faultOf } from '../errors.ts';
import { changeImport, type ImportRow, optionsOf } from '../stores/imports.ts';
import type { ImportReport } from '../threads/import-file.ts';
import type { ImportTaskData } from '../threads/import-thread.ts';
import { whereaboutsOf } from '../threads/thread-database.ts';
import { runThread } from '../threads/thread.ts';
import { removeUpload, uploadPath } from '../uploads.ts';
import { type JobHandlers, type JobRun, mostAttempts } from './job-list.ts';
import { restoreSearchIndex } from './restore-search-index.ts';

export const importJobs = { import: runImport } satisfies Partial<JobHandlers>;

async function runImport(job: JobRun<'import'>): Promise<void> {
  try {
    await importOnce(job);
  } finally {
    if (!job.signal.aborted) await restoreSearchIndex(job.context, job.signal);
  }
}

async function importOnce({ payload, context, signal, attempt }: JobRun<'import'>): Promise<void> {
  const { db, files, connection, log } = context;
  const row = await findRow(context, payload.import);
  if (row?.state !== 'queued' && row?.state !== 'running') return;
  const tell = ({ share, state }: ImportReport) => {
    const event = { kind: 'import' as const, import: row.id, share, state };
    context.events.publish(db, row.project_id, event).catch((error: unknown) => log.warn({ err: error }, 'an event is lost'));
  };
  const { file } = optionsOf(row);
  try {
    if (file === undefined) throw new Error('the upload is gone');
    const data: ImportTaskData = { where: whereaboutsOf(connection), path: uploadPath(files.dataDirectory, file), import: row.id };
    await runThread('threads/import-thread', data, { signal, onReport: tell });
  } catch (error) {
    if (signal.aborted) throw error;
    const { status, body } = faultOf(error, '');
    // What may be over in a moment is tried again; a full disk is not.
    if (status === 503 && attempt < mostAttempts) throw error;
    log.error({ err: error, import: row.id }, 'an import failed');
    const message = status === 500 ? 'Something went wrong on the server while it was importing; its log says more' : body.message;
    const failed = await changeImport(db, row.id, { state: 'failed', error: message }, ['queued', 'running']);
    if (failed) tell({ share: failed.share, state: 'failed' });
  }
  await afterwards(context, row);
}

async function afterwards({ db, files, events }: Context, { id, project_id }: ImportRow): Promise<void> {
  const row = await db.selectFrom('imports').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) return;
  if (row.items > 0) await events.publish(db, project_id, { kind: 'project' });
  if (row.state !== 'done') return;
  const options = { ...optionsOf(row) };
  await removeUpload(files.dataDirectory, options.file);
  delete options.file;
  await changeImport(db, id, { options });
}

function findRow({ db }: Context, id: number): Promise<ImportRow | undefined> {
  return db.selectFrom('imports').selectAll().where('id', '=', id).executeTakeFirst();
}
