import { viewOf } from '../columns/views.ts';
import type { Context, Member } from '../context.ts';
import { notFound } from '../errors.ts';
import { once } from '../stores/actions.ts';
import { addFlags } from '../stores/answers.ts';
import { audit } from '../stores/audit.ts';
import { advanceItems, recount } from '../stores/item-states.ts';

/** Flags items in one's own name, so that somebody who may review decides: all of them, with one undo. What one had said of them oneself is in
 *  question from then on, and stays in the history. */
export async function sendToReview(
  context: Context,
  { person }: Pick<Member, 'person'>,
  project: number,
  given: {
    readonly action: string;
    readonly question?: string | undefined;
    readonly ordinals: readonly number[];
    readonly note?: string | undefined;
  },
): Promise<{ action: string; flagged: number }> {
  const { db, events } = context;
  const { view } = await viewOf(context, project, given.question);
  const ordinals = [...new Set(given.ordinals)];
  if (ordinals.some((ordinal) => ordinal >= view.n)) throw notFound('item');
  const { action } = given;
  const { result } = await once(db, { action, person: person.id, project, kind: 'review' }, async (transaction) => {
    const asked = { project, question: view.question.id };
    await advanceItems(transaction, asked, ordinals);
    await addFlags(transaction, asked, ordinals, { person: person.id, bulk: action, note: given.note ?? null });
    await recount(transaction, asked, ordinals);
    await events.publish(transaction, project, { kind: 'project' });
    await audit(transaction, {
      action: 'answer.review',
      person: person.id,
      project,
      details: { question: asked.question, items: ordinals.length },
    });
    return { flagged: ordinals.length };
  });
  return { action, flagged: result.flagged };
}
