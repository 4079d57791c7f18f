import type { ItemFilter } from '@labelwright/contract/items';
import { CoreError } from '@labelwright/core/model/errors';
import { sql } from 'kysely';
import { viewOf } from '../columns/views.ts';
import type { Context, Member } from '../context.ts';
import { findAll } from '../find-items.ts';
import { answerTo } from '../project-question.ts';
import { once } from '../stores/actions.ts';
import { addAnswers } from '../stores/answers.ts';
import { audit } from '../stores/audit.ts';
import { advanceItems, recount } from '../stores/item-states.ts';
import { removeLeases } from '../stores/leases.ts';
import { settingsOf } from '../stores/projects.ts';

export interface AnswerInBulk {
  readonly action: string;
  readonly question?: string | undefined;
  readonly filter: ItemFilter;
  readonly labels: readonly string[];
}

const mostItems = 100_000;
/** A hundred thousand items take seconds, not minutes. */
const longestMs = 120_000;

/** One answer to all items that a filter lets through, by somebody who may review: all of them or none, with one undo.
 *  @throws CoreError 'bad-request' where they are too many */
export async function answerInBulk(
  context: Context,
  { person }: Pick<Member, 'person'>,
  project: number,
  { action, question: id, filter, labels: given }: AnswerInBulk,
): Promise<{ action: string; answered: number }> {
  const { db, events } = context;
  const viewed = await viewOf(context, project, id);
  const { question } = viewed.view;
  const labels = answerTo(question, given);
  const ordinals = [...(await findAll(context, viewed, filter))];
  const { result } = await once(db, { action, person: person.id, project, kind: 'bulk' }, async (transaction) => {
    if (ordinals.length > mostItems) {
      const text = `At most ${mostItems.toLocaleString('en')} items can be answered at once, these are ${ordinals.length.toLocaleString('en')}: narrow the filter`;
      throw new CoreError('bad-request', text, { items: ordinals.length });
    }
    if (ordinals.length === 0) return { answered: 0 };
    await sql`select set_config('statement_timeout', ${String(longestMs)}, true)`.execute(transaction);
    const asked = { project, question: question.id };
    await advanceItems(transaction, asked, ordinals);
    await addAnswers(transaction, asked, ordinals, {
      person: person.id,
      bulk: action,
      labels,
      overlap: settingsOf(viewed.project).overlap,
    });
    await recount(transaction, asked, ordinals);
    await removeLeases(transaction, project, person.id, ordinals);
    await events.publish(transaction, project, { kind: 'project' });
    await audit(transaction, {
      action: 'answer.bulk',
      person: person.id,
      project,
      details: { question: question.id, items: ordinals.length, labels },
    });
    return { answered: ordinals.length };
  });
  return { action, answered: result.answered };
}
