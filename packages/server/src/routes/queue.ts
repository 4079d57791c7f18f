import { releaseItems } from '../actions/release-items.ts';
import { reserveItems } from '../actions/reserve-items.ts';
import { submitAnswer } from '../actions/submit-answer.ts';
import { undoAnswer } from '../actions/undo-answer.ts';
import type { Handlers } from '../handlers.ts';
import { itemDetails } from '../item-details.ts';
import { answersOfPerson } from '../stores/answers.ts';

/** Reasons that are not there by then come with the item itself, when it is asked for. */
const reasonsWithinMs = 25;

export const queueHandlers = {
  nextItems: async ({ params, body, caller, context }) => {
    const { leases, waiting, ...viewed } = await reserveItems(context, caller, params.project, body);
    const ordinals = leases.map(({ ordinal }) => ordinal);
    const items = await itemDetails(context, viewed, ordinals, { person: caller.person.id, isLabeling: true }, { reasonsWithinMs });
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
