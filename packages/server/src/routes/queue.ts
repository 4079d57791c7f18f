import { releaseItems } from '../actions/release-items.ts';
import { reserveItems } from '../actions/reserve-items.ts';
import { submitAnswer } from '../actions/submit-answer.ts';
import { undoAnswer } from '../actions/undo-answer.ts';
import { viewOf } from '../columns/views.ts';
import type { Context, Member } from '../context.ts';
import { notFound } from '../errors.ts';
import type { Handlers } from '../handlers.ts';
import { withFurtherQuestions } from '../further-questions.ts';
import { itemDetails } from '../item-details.ts';
import { isAtLeast } from '../security/authorize.ts';
import { answersOfPerson } from '../stores/answers.ts';
import { countWaiting, findAudit, leaseSample } from '../stores/audits.ts';
import { settingsOf } from '../stores/projects.ts';

/** Items of an audit, without anything that could tell what the machine or anybody else thinks of them. */
async function nextOfAudit(
  context: Context,
  { person }: Member,
  project: number,
  { audit, count, except }: { readonly audit: number; readonly count: number; readonly except: readonly number[] },
) {
  const row = await findAudit(context.db, project, audit);
  if (!row) throw notFound('audit');
  const viewed = await viewOf(context, project, row.question);
  const { leaseSeconds: seconds } = settingsOf(viewed.project);
  const isOpen = row.state === 'open';
  const given = { person: person.id, below: row.drawn, count, except, seconds };
  const leases = isOpen ? await leaseSample(context.db, { project, question: row.question }, audit, given) : [];
  const ordinals = leases.map(({ ordinal }) => ordinal);
  const items = await itemDetails(context, viewed, ordinals, { person: person.id, isLabeling: true, isBlind: true }, { reasonsWithinMs });
  const assignments = leases.flatMap(({ ordinal, until }) => {
    const item = items.find((candidate) => candidate.ordinal === ordinal);
    return item ? [{ item, reason: 'audit: drawn at random', leasedUntil: until.toISOString() }] : [];
  });
  const waiting = isOpen ? await countWaiting(context.db, audit, except) : 0;
  return { assignments, waiting, audit: { id: row.id, number: row.number, answered: row.answered, drawn: row.drawn, state: row.state } };
}

/** Reasons that are not there by then come with the item itself, when it is asked for. */
const reasonsWithinMs = 25;

export const queueHandlers = {
  nextItems: async ({ params, body, caller, context }) => {
    if (body.audit !== undefined) return nextOfAudit(context, caller, params.project, { ...body, audit: body.audit });
    const { leases, waiting, ...viewed } = await reserveItems(context, caller, params.project, body);
    const ordinals = leases.map(({ ordinal }) => ordinal);
    const onlooker = { person: caller.person.id, isLabeling: true, mayReview: isAtLeast(caller.role, 'reviewer') };
    const plain = await itemDetails(context, viewed, ordinals, onlooker, { reasonsWithinMs });
    const items = body.further ? await withFurtherQuestions(context, viewed, plain, onlooker, { reasonsWithinMs }) : plain;
    const assignments = leases.flatMap(({ ordinal, reason, until }) => {
      const item = items.find((candidate) => candidate.ordinal === ordinal);
      return item ? [{ item, reason, leasedUntil: until.toISOString() }] : [];
    });
    return { assignments, waiting };
  },

  release: async ({ params, body, caller, context }) => {
    await releaseItems(context, caller, params.project, body.ordinals);
    return { ok: true };
  },

  submitAnswer: ({ params, body, caller, context }) => submitAnswer(context, caller, params.project, body),

  undoAnswer: ({ params, body, caller, context }) =>
    undoAnswer(context, caller, params.project, { undoes: params.action, action: body.action }),

  myAnswers: async ({ params, query, caller, context }) => {
    const rows = await answersOfPerson(context.db, params.project, caller.person.id, query.limit);
    return rows.map(({ created_at, ...row }) => ({ ...row, createdAt: created_at.toISOString() }));
  },
} satisfies Partial<Handlers>;
