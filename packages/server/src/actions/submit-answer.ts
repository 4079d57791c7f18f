import { randomUUID } from 'node:crypto';
import type { Submit } from '@labelwright/contract/queue';
import { CoreError } from '@labelwright/core/model/errors';
import type { Question } from '@labelwright/core/model/schema';
import type { Context, Db, Member } from '../context.ts';
import { notFound } from '../errors.ts';
import { checkTurn } from './check-turn.ts';
import { concludeAudit } from './conclude-audit.ts';
import { answerTo, questionIn } from '../project-question.ts';
import { isAtLeast } from '../security/authorize.ts';
import { once } from '../stores/actions.ts';
import { findAudit, recordFinding } from '../stores/audits.ts';
import { addAnswer, ownStanding } from '../stores/answers.ts';
import { advanceItem, recount } from '../stores/item-states.ts';
import { removeLeases } from '../stores/leases.ts';
import { findProject, type ProjectRow, settingsOf } from '../stores/projects.ts';

export interface Submitted {
  readonly action: string;
  /** Of the item, from now on. */
  readonly version: number;
  /** Under each question, where the answers were several. */
  readonly versions?: { question: string; version: number }[];
  readonly replayed: boolean;
}

/** Stores what a person says about an item, once; answers to several questions all together, or none.
 *  @throws CoreError 'unknown-label', 'unknown-question', 'bad-request'; 'stale-version', 'conflict': see `checkTurn` */
export async function submitAnswer(context: Context, { person, role }: Member, project: number, given: Submit): Promise<Submitted> {
  const { db, events } = context;
  const row = await findProject(db, project);
  if (!row) throw notFound('project');
  const question = questionIn(row, given.question);
  const parts = partsOf(row, question, given);
  const { overlap } = settingsOf(row);
  const { action, ordinal, audit } = given;
  const { result, replayed } = await once(db, { action, person: person.id, project, kind: 'submit' }, async (transaction) => {
    if (audit !== undefined && !(await findAudit(transaction, project, audit))) throw notFound('audit');
    const versions: { question: string; version: number }[] = [];
    for (const part of parts) {
      const asked = { project, question: part.question };
      const item = await advanceItem(transaction, asked, ordinal);
      if (!item) throw notFound('item');
      const { version, answered } = item;
      const own = await ownStanding(transaction, asked, ordinal, person.id);
      const mayReview = part.audit !== undefined || isAtLeast(role, 'reviewer');
      const isBeyond = checkTurn({ ...part, version, own, answered, overlap, mayReview });
      await addAnswer(transaction, { ...asked, ...part, ordinal, person: person.id, version, overlap: isBeyond ? null : overlap });
      if (part.audit !== undefined) await addFinding(transaction, asked, part.audit, { ...part, ordinal });
      await recount(transaction, asked, [ordinal]);
      versions.push({ question: part.question, version });
    }
    await removeLeases(transaction, project, person.id, [ordinal]);
    await events.publish(transaction, project, { kind: 'answer', ordinal, person: person.id });
    const version = versions.find((each) => each.question === question.id)?.version ?? 0;
    return versions.length > 1 ? { version, versions } : { version };
  });
  if (audit !== undefined) await concludeAudit(context, project, audit);
  return { action, ...result, replayed };
}

/** The answer to one question. */
interface Part {
  readonly action: string;
  readonly question: string;
  readonly kind: Submit['kind'];
  readonly labels: readonly string[] | null;
  readonly note: string | null;
  readonly base: number;
  readonly seconds: number;
  readonly audit?: number | undefined;
  readonly bulk?: string;
}

/** In the order of the questions' ids: two people who answer the same questions at once wait for each other, not for ever. The time was spent on the
 *  item: it is counted once. */
function partsOf(row: ProjectRow, question: Question, given: Submit): Part[] {
  const { action, kind, base, seconds, audit, note = null, also = [] } = given;
  if (audit !== undefined && also.length > 0)
    throw new CoreError('bad-request', 'An audit is about one question: answer the others outside of it');
  const further = also.map((other): Part => {
    const of = questionIn(row, other.question);
    const said = { kind: 'answer' as const, labels: answerTo(of, other.labels), note: null, base: other.base, seconds: 0 };
    return { ...said, action: randomUUID(), question: of.id, bulk: action };
  });
  const parts: Part[] = [
    { action, question: question.id, kind, labels: labelsIn(question, given), note, base, seconds, audit },
    ...further,
  ];
  if (new Set(parts.map((part) => part.question)).size < parts.length)
    throw new CoreError('bad-request', 'A submit answers each question once');
  return parts.sort((a, b) => (a.question < b.question ? -1 : 1));
}

/** A skip leaves the item to somebody else; a flag says that it cannot be told. */
async function addFinding(
  db: Db,
  asked: Parameters<typeof recordFinding>[1],
  audit: number,
  {
    kind,
    ordinal,
    action,
    labels,
  }: { readonly kind: Submit['kind']; readonly ordinal: number; readonly action: string; readonly labels: readonly string[] | null },
): Promise<void> {
  if (kind === 'skip') return;
  const found = await recordFinding(db, asked, audit, { ordinal, action, labels });
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
