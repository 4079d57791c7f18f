import { addComment } from '../actions/add-comment.ts';
import { answerInBulk } from '../actions/answer-in-bulk.ts';
import { viewOf } from '../columns/views.ts';
import { notFound } from '../errors.ts';
import { findItems } from '../find-items.ts';
import { withFurtherQuestions } from '../further-questions.ts';
import type { Handlers } from '../handlers.ts';
import { itemDetails } from '../item-details.ts';
import { isAtLeast } from '../security/authorize.ts';

/** The first question starts the thread that answers it. */
const reasonsWithinMs = 2_000;

export const itemHandlers = {
  queryItems: ({ params, body, context }) => findItems(context, params.project, body),

  getItem: async ({ params, query, caller, context }) => {
    const viewed = await viewOf(context, params.project, query.question);
    const mayReview = isAtLeast(caller.role, 'reviewer');
    const onlooker = { person: caller.person.id, isLabeling: !mayReview, mayReview };
    const items = await itemDetails(context, viewed, [params.ordinal], onlooker, { reasonsWithinMs });
    const [item] = query.further ? await withFurtherQuestions(context, viewed, items, onlooker, { reasonsWithinMs }) : items;
    if (!item) throw notFound('item');
    return item;
  },

  bulkAnswer: ({ params, body, caller, context }) => answerInBulk(context, caller, params.project, body),

  addComment: ({ params, body, caller, context }) => addComment(context, caller, params.project, params.ordinal, body),
} satisfies Partial<Handlers>;
