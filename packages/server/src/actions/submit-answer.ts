import type { Submit } from '@labelwright/contract/queue';
import { CoreError } from '@labelwright/core/model/errors';
import type { Question } from '@labelwright/core/model/schema';
import type { Context, Db, Member } from '../context.ts';
import { notFound } from '../errors.ts';
import { concludeAudit } from './conclude-audit.ts';
import { answerTo, questionIn } from '../project-question.ts';
import { isAtLeast } from '../security/authorize.ts';
import { once } from '../stores/actions.ts';
import { findAudit, recordFinding } from '../stores/audits.ts';
import { addAnswer, ownStanding, type OwnStanding } from '../stores/answers.ts';
import { advanceItem, recount } from '../stores/item-states.ts';
import { removeLeases } from '../stores/leases.ts';
import { findProject, settingsOf } from '../stores/projects.ts';

export interface Submitted {
  readonly action: string;
  /** Of the item, from now on. */
  readonly version: number;
  readonly replayed: boolean;
}

/** Stores what a person says about an item, once.
 *  @throws CoreError 'unknown-label', 'bad-request'; 'stale-version' where the person or, on an item that wants no more answers, somebody else
 *  was there since `base`; 'conflict' where the item has all the answers that it wants */
export async function submitAnswer(context: Context, { person, role }: Member, project: number, given: Submit): Promise<Submitted> {
  const { db, events } = context;
  const row = await findProject(db, project);
  if (!row) throw notFound('project');
  const question = questionIn(row, given.question);
  const { overlap } = settingsOf(row);
  const labels = labelsIn(question, given);
  const { action, ordinal, kind, base, audit } = given;
  const asked = { project, question: question.id };
  const { result, replayed } = await once(db, { action, person: person.id, project, kind: 'submit' }, async (transaction) => {
    if (audit !== undefined && !(await findAudit(transaction, project, audit))) throw notFound('audit');
    const item = await advanceItem(transaction, asked, ordinal);
    if (!item) throw notFound('item');
    const { version } = item;
    const own = await ownStanding(transaction, asked, ordinal, person.id);
    const isBeyond = checkTurn({
      kind,
      base,
      version,
      own,
      answered: item.answered,
      overlap,
      mayReview: audit !== undefined || isAtLeast(role, 'reviewer'),
    });
    await addAnswer(transaction, {
      ...asked,
      action,
      ordinal,
      person: person.id,
      kind,
      labels,
      note: given.note ?? null,
      base,
      version,
      seconds: given.seconds,
      overlap: isBeyond ? null : overlap,
      audit,
    });
    if (audit !== undefined) await addFinding(transaction, asked, audit, { ordinal, action, kind, labels });
    await recount(transaction, asked, [ordinal]);
    await removeLeases(transaction, project, person.id, [ordinal]);
    await events.publish(transaction, project, { kind: 'answer', ordinal, person: person.id });
    return { version };
  });
  if (audit !== undefined) await concludeAudit(context, project, audit);
  return { action, version: result.version, replayed };
}

/** A skip leaves the item to somebody else; a flag says that it cannot be told. */
async function addFinding(
  db: Db,
  asked: Parameters<typeof recordFinding>[1],
  audit: number,
  {
    kind,
    ...said
  }: { readonly kind: Submit['kind']; readonly ordinal: number; readonly action: string; readonly labels: readonly string[] | null },
): Promise<void> {
  if (kind === 'skip') return;
  const found = await recordFinding(db, asked, audit, said);
  if (found === 'not-in-sample') throw notFound('item in this audit');
  if (found === 'closed')
    throw new CoreError('conflict', 'This audit is over, or has been looked at with the answer that it had: answer the item outside of it');
}

function labelsIn(question: Question, { kind, labels }: Submit): readonly string[] | null {
  if (kind === 'answer' && labels === undefined)
    throw new CoreError('bad-request', 'An answer has labels; an empty list says "none apply"');
  if (kind !== 'answer' && labels !== undefined) throw new CoreError('bad-request', `Labels belong to an answer, not to a ${kind}`);
  return labels === undefined ? null : answerTo(question, labels);
}

interface Turn {
  readonly kind: Submit['kind'];
  readonly base: number;
  /** With this submit counted. */
  readonly version: number;
  readonly own: OwnStanding;
  readonly answered: number;
  readonly overlap: number;
  readonly mayReview: boolean;
}

/** @returns whether the answer goes beyond the number of people who were to answer: by somebody who may review, and who knew */
function checkTurn({ kind, base, version, own, answered, overlap, mayReview }: Turn): boolean {
  const now = version - 1;
  if (base > now) throw new CoreError('stale-version', 'This item is not what you saw: look at it again', { version: now });
  if (own.version > base)
    throw new CoreError('stale-version', 'You changed your answer to this item elsewhere meanwhile: look at it again', { version: now });
  if (kind !== 'answer' || own.kind === 'answer' || answered < overlap) return false;
  if (base < now) throw new CoreError('stale-version', 'Somebody else answered this item meanwhile', { version: now });
  if (mayReview) return true;
  const people = overlap === 1 ? 'somebody else' : `${overlap} people`;
  throw new CoreError('conflict', `This item has been answered by ${people}: that is as many as the project asks for`, { version: now });
}
