import { CoreError } from '@labelwright/core/model/errors';
import type { Context, Member } from '../context.ts';
import { notFound } from '../errors.ts';
import { addJob } from '../jobs/add-job.ts';
import { audit } from '../stores/audit.ts';
import { labelersOf } from '../stores/labelers.ts';
import { lockProject } from '../stores/projects.ts';
import { addRun, findRun, type RunRow, runUnderWay } from '../stores/runs.ts';

/** One run at a time in a project: whoever asks for another gets a conflict that names it.
 *  @param labeler only this one is asked; what the others said before stays  @throws CoreError 'conflict' */
export function startRun(
  { db, events }: Pick<Context, 'db' | 'events'>,
  { person }: { readonly person: Pick<Member['person'], 'id'> },
  project: number,
  labeler?: number,
): Promise<RunRow> {
  return db.transaction().execute(async (transaction) => {
    const row = await lockProject(transaction, project);
    if (!row) throw notFound('project');
    const current = await runUnderWay(transaction, project);
    if (current) throw new CoreError('conflict', `Run ${current.number} is under way: wait for it, or cancel it`, { run: current.id });
    if (row.items === 0) throw new CoreError('conflict', 'There are no items yet: import some first');
    const labelers = (await labelersOf(transaction, project)).filter(({ enabled }) => enabled);
    if (labeler !== undefined && !labelers.some(({ id }) => id === labeler)) throw notFound('labeler');
    if (labelers.length === 0) {
      const answer = await transaction
        .selectFrom('current_answers')
        .select('action')
        .where('project_id', '=', project)
        .limit(1)
        .executeTakeFirst();
      if (!answer) throw new CoreError('conflict', 'There is nobody to answer: add a labeler, switch one on, or label some items');
    }
    const id = await addRun(transaction, project, person.id, labeler);
    await addJob(transaction, 'run', { run: id }, `run:${id}`);
    await events.publish(transaction, project, { kind: 'run', run: id, state: 'queued', phase: '', done: 0, total: row.items });
    await audit(transaction, { action: 'run.start', person: person.id, project, details: { run: id } });
    return (await findRun(transaction, project, id)) as RunRow;
  });
}
