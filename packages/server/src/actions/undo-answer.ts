import { CoreError } from '@labelwright/core/model/errors';
import type { Context, Member } from '../context.ts';
import { notFound } from '../errors.ts';
import { once } from '../stores/actions.ts';
import { forgetFindings } from '../stores/audits.ts';
import { overfilledItem, ownStanding, restorePresent, retractAnswers, targetsOf } from '../stores/answers.ts';
import { advanceItems, lockItems, recount } from '../stores/item-states.ts';
import { addLeases } from '../stores/leases.ts';
import { findProject, settingsOf } from '../stores/projects.ts';

/** Takes back one's own answer, or all of a bulk action. Both stay in the history; what the person had said before holds again.
 *  @throws CoreError 'not-found'; 'conflict' where others took the place of what was said before */
export async function undoAnswer(
  context: Context,
  { person }: Pick<Member, 'person'>,
  project: number,
  { undoes, action }: { readonly undoes: string; readonly action: string },
): Promise<{ retracted: number; version: number | null }> {
  const { db, events } = context;
  const row = await findProject(db, project);
  if (!row) throw notFound('project');
  const { overlap, leaseSeconds } = settingsOf(row);
  const { result } = await once(db, { action, person: person.id, project, kind: 'undo' }, async (transaction) => {
    const seen = await targetsOf(transaction, project, person.id, undoes);
    if (!seen) throw notFound('answer');
    if (seen.length === 0) return { retracted: 0, version: null };
    const asked = { project, question: seen[0].question };
    const ordinals = seen.map(({ ordinal }) => ordinal);
    await lockItems(transaction, asked, ordinals);
    // Another undo of the same may have come between.
    const targets = (await targetsOf(transaction, project, person.id, undoes)) ?? [];
    if (
      await forgetFindings(
        transaction,
        targets.map((target) => target.action),
      )
    )
      throw new CoreError(
        'conflict',
        'An audit has been concluded from this answer: it stays. To correct the label, answer the item again',
      );
    await advanceItems(
      transaction,
      asked,
      targets.map(({ ordinal }) => ordinal),
    );
    await retractAnswers(transaction, asked, targets, { person: person.id, action });
    const restored = await restorePresent(transaction, asked, ordinals, person.id);
    const full = restored > 0 ? await overfilledItem(transaction, asked, ordinals) : undefined;
    if (full !== undefined)
      throw new CoreError('conflict', 'Others answered meanwhile what you had answered before: it cannot be brought back', {
        ordinal: full,
      });
    await recount(transaction, asked, ordinals);
    if (targets.length === 1) {
      const [{ ordinal }] = targets;
      const { version } = await ownStanding(transaction, asked, ordinal, person.id);
      await addLeases(transaction, asked, [{ ordinal, reason: 'taken back' }], { person: person.id, overlap, seconds: leaseSeconds });
      await events.publish(transaction, project, { kind: 'answer', ordinal, person: person.id });
      return { retracted: 1, version };
    }
    await events.publish(transaction, project, { kind: 'project' });
    return { retracted: targets.length, version: null };
  });
  return result;
}
