import { CoreError } from '@labelwright/core/model/errors';
import type { Context, Member } from '../context.ts';
import { notFound } from '../errors.ts';
import { removeJob } from '../jobs/add-job.ts';
import { type AskingEnd, askingEvent, type AskingRow, findAsking, moveAsking } from '../stores/askings.ts';
import { audit } from '../stores/audit.ts';
import { addAskingJob } from './start-asking.ts';

const moves = {
  pause: { to: 'paused', from: ['queued', 'running'] },
  resume: { to: 'queued', from: ['paused'] },
  cancel: { to: 'cancelled', from: ['queued', 'running', 'paused'] },
} as const satisfies Readonly<Record<string, { to: AskingEnd; from: readonly AskingRow['state'][] }>>;

/** What asks notices it by its row, within a second. Where it is already what it is to be, it stays so.
 *  @param budgetUsd of this asking from now on  @throws CoreError 'conflict' where it is over */
export function changeAsking(
  { db, events }: Context,
  { person }: Pick<Member, 'person'>,
  project: number,
  id: number,
  move: keyof typeof moves,
  budgetUsd?: number | null,
): Promise<AskingRow> {
  return db.transaction().execute(async (transaction) => {
    const before = await findAsking(transaction, project, id);
    if (!before) throw notFound('asking');
    const { to, from } = moves[move];
    const moved = await moveAsking(transaction, id, from, { to, budgetUsd });
    if (moved) {
      if (move === 'resume') await addAskingJob(transaction, id);
      else await removeJob(transaction, `asking:${id}`);
      await events.publish(transaction, project, askingEvent(moved));
      const details = { asking: id, ...(budgetUsd !== undefined && { budgetUsd }) };
      await audit(transaction, { action: `asking.${move}`, person: person.id, project, details });
    }
    const now = (await findAsking(transaction, project, id)) as AskingRow;
    const isSo = now.state === to || (move === 'resume' && now.state === 'running');
    if (!isSo) throw new CoreError('conflict', `The asking is ${now.state}: there is nothing to ${move}`);
    return now;
  });
}
