import type { Context, Member } from '../context.ts';
import { notFound } from '../errors.ts';
import { removeJob } from '../jobs/add-job.ts';
import { audit } from '../stores/audit.ts';
import { changeImport, type ImportRow, lockImport } from '../stores/imports.ts';

/** What runs notices by its row, at the next batch. */
export function cancelImport({ db, events }: Context, { person }: Member, project: number, id: number): Promise<ImportRow> {
  return db.transaction().execute(async (transaction) => {
    const row = await lockImport(transaction, project, id);
    if (!row) throw notFound('import');
    const cancelled = await changeImport(transaction, id, { state: 'cancelled' }, ['uploading', 'uploaded', 'queued', 'running']);
    if (!cancelled) return row;
    if (row.state === 'queued') await removeJob(transaction, `import:${id}`);
    await events.publish(transaction, project, { kind: 'import', import: id, share: row.share, state: 'cancelled' });
    await audit(transaction, { action: 'import.cancel', person: person.id, project, details: { import: id } });
    return cancelled;
  });
}
