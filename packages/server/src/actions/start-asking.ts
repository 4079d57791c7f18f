import { CoreError } from '@labelwright/core/model/errors';
import { countAnswered } from '../asking/pending.ts';
import { planOf, pricesAt } from '../asking/plan.ts';
import type { Context, Member } from '../context.ts';
import { notFound } from '../errors.ts';
import { addJob } from '../jobs/add-job.ts';
import { addAsking, askingEvent, type AskingRow, askingUnderWay, findAsking } from '../stores/askings.ts';
import { audit } from '../stores/audit.ts';
import { lockLabeler } from '../stores/labelers.ts';
import { lockProject } from '../stores/projects.ts';

export interface StartAsking {
  readonly limit?: number | undefined;
  readonly budgetUsd: number | null;
  readonly thenRun: boolean;
}

/** One asking at a time of a labeler. @throws CoreError 'conflict', 'bad-options', 'no-prices' */
export function startAsking(
  { db, events }: Context,
  { person }: Pick<Member, 'person'>,
  project: number,
  labeler: number,
  given: StartAsking,
): Promise<AskingRow> {
  return db.transaction().execute(async (transaction) => {
    const found = await lockProject(transaction, project);
    const row = await lockLabeler(transaction, project, labeler);
    if (!found || !row || row.deleted_at) throw notFound('labeler');
    const plan = await planOf(transaction, found, { use: row.use, with: row.options, question: row.question });
    pricesAt(plan.connection, plan.options.model);
    const current = await askingUnderWay(transaction, labeler);
    if (current) {
      const isPaused = current.state === 'paused';
      const cure = isPaused ? 'is paused: let it go on, or cancel it' : 'is under way: wait for it, or cancel it';
      throw new CoreError('conflict', `An asking of '${row.name}' ${cure}`, { asking: current.id });
    }
    const answered = await countAnswered(transaction, labeler, row.version);
    if (answered >= found.items)
      throw new CoreError('conflict', `'${row.name}' has answered all items in its present version: there is nothing to ask`);
    const total = Math.min(given.limit ?? found.items, found.items - answered);
    const id = await addAsking(transaction, {
      ...given,
      limit: given.limit,
      project,
      labeler,
      version: row.version,
      person: person.id,
      total,
    });
    await addAskingJob(transaction, id);
    const asking = (await findAsking(transaction, project, id)) as AskingRow;
    await events.publish(transaction, project, askingEvent(asking));
    const details = { asking: id, labeler, name: row.name, budgetUsd: given.budgetUsd, limit: given.limit ?? null };
    await audit(transaction, { action: 'asking.start', person: person.id, project, details });
    return asking;
  });
}

/** Askings last for hours: at most two at a time, so that runs and imports are not kept waiting. */
export function addAskingJob(db: Context['db'], asking: number): Promise<void> {
  return addJob(db, 'ask', { asking }, `asking:${asking}`, `askings ${asking % 2}`);
}
