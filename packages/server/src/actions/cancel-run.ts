import type { Context, Member } from '../context.ts';
import { notFound } from '../errors.ts';
import { removeJob } from '../jobs/add-job.ts';
import { audit } from '../stores/audit.ts';
import { endRun, findRun, type RunRow } from '../stores/runs.ts';

/** What runs notices it by its row, within a second; a run that is over stays as it is. */
export function cancelRun({ db, events }: Context, { person }: Member, project: number, id: number): Promise<RunRow> {
  return db.transaction().execute(async (transaction) => {
    const before = await findRun(transaction, project, id);
    if (!before) throw notFound('run');
    if (await endRun(transaction, id, 'cancelled', null)) {
      if (before.state === 'queued') await removeJob(transaction, `run:${id}`);
      const { done, total } = before;
      await events.publish(transaction, project, { kind: 'run', run: id, state: 'cancelled', phase: '', done, total });
      await audit(transaction, { action: 'run.cancel', person: person.id, project, details: { run: id } });
    }
    return (await findRun(transaction, project, id)) as RunRow;
  });
}
