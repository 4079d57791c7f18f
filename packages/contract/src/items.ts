import { z } from 'zod';
import { actionId, json, ordinal, projectParams, time } from './common.ts';
import { routes } from './route.ts';

/** Everything combines by "and". Only these filters exist: field names are looked up among the project's fields. */
export const itemFilter = z.strictObject({
  search: z.string().max(500).optional().describe('full text, words or "phrases"'),
  field: z
    .array(
      z.strictObject({
        name: z.string().max(1000),
        is: z.enum(['equals', 'contains', 'above', 'below', 'empty']),
        value: z.string().max(1000).optional(),
      }),
    )
    .max(10)
    .optional(),
  answer: z.array(z.string()).optional().describe('the answer is one of these labels'),
  decision: z.array(z.enum(['accepted', 'uncertain', 'no-votes', 'answered'])).optional(),
  probability: z.strictObject({ from: z.number(), to: z.number() }).optional(),
  voted: z.strictObject({ labeler: z.string(), label: z.string().optional() }).optional(),
  disagreement: z.boolean().optional(),
  flagged: z.boolean().optional(),
  flipped: z
    .strictObject({ before: z.int(), after: z.int(), from: z.string().max(2000).optional(), to: z.string().max(2000).optional() })
    .optional()
    .describe('the machine’s answer changed from one run to another; which answers, as the comparison of runs writes them'),
  ordinals: z.array(ordinal).max(10_000).optional(),
});
export type ItemFilter = z.infer<typeof itemFilter>;

export const itemRow = z.object({
  ordinal: z.int(),
  id: z.string(),
  fields: z.record(z.string(), json),
  answer: z.array(z.string()).nullable(),
  probability: z.number().nullable(),
  decision: z.enum(['accepted', 'uncertain', 'no-votes', 'answered']),
  votes: z.int(),
  disagreement: z.boolean(),
  flagged: z.boolean(),
});
export type ItemRow = z.infer<typeof itemRow>;

export const vote = z.object({
  labeler: z.string(),
  kind: z.string().describe('technique, or `person`'),
  labels: z.array(z.string()),
  confidence: z.number().optional(),
  accuracy: z.number().nullable().describe('how far the aggregator trusts this labeler, 0..1'),
  reason: z.string().optional(),
  matches: z
    .array(z.object({ part: z.string(), start: z.int(), end: z.int(), label: z.string().optional() }))
    .optional()
    .describe('code points'),
});

/** The same item under another question, as far as the onlooker may see it. */
export const furtherQuestion = z.object({
  question: z.string(),
  labels: z.array(z.string()),
  posterior: z.array(z.number()).nullable(),
  evidence: z.array(vote).nullable(),
  own: z.array(z.string()).nullable().describe('what the onlooker answers at present'),
  isOpen: z.boolean().describe('the onlooker may answer, or change the answer'),
  version: z.int(),
});
export type FurtherQuestion = z.infer<typeof furtherQuestion>;

export const itemDetail = itemRow.extend({
  parts: z.array(z.object({ name: z.string(), modality: z.string(), content: z.string() })),
  question: z.string(),
  labels: z.array(z.string()),
  posterior: z.array(z.number()).nullable().describe('one per label; null in blind mode or before the first run'),
  evidence: z.array(vote).nullable().describe('null in blind mode'),
  answers: z.array(
    z.object({
      id: z.string(),
      person: z.string(),
      labels: z.array(z.string()).nullable(),
      kind: z.enum(['answer', 'skip', 'flag', 'retract']),
      note: z.string().nullable(),
      seconds: z.number().nullable(),
      createdAt: time,
    }),
  ),
  gold: z.array(z.string()).nullable().optional().describe('trusted labels, for those who may review'),
  comments: z.array(z.object({ id: z.int(), person: z.string(), text: z.string(), createdAt: time })),
  further: z.array(furtherQuestion).optional().describe('where it was asked for: the other questions, in the order of the schema'),
  /** Grows with each answer of a person to this item: sent back with a submit as its base. */
  version: z.int(),
});
export type ItemDetail = z.infer<typeof itemDetail>;

export const sort = z.enum(['position', 'probability', '-probability', '-votes', 'id']);
const itemParams = projectParams.extend({ ordinal });

export const itemRoutes = routes({
  queryItems: {
    method: 'POST',
    path: '/api/projects/:project/items/query',
    summary: 'A page of items by filter and order',
    params: projectParams,
    body: z.object({
      question: z.string().optional(),
      filter: itemFilter.default({}),
      sort: sort.default('position'),
      offset: z.int().min(0).default(0),
      limit: z.int().min(1).max(500).default(100),
      count: z.boolean().default(true).describe('count all that match as well (capped where counting is dear)'),
    }),
    reply: z.object({ rows: z.array(itemRow), total: z.int().nullable(), totalIsCapped: z.boolean() }),
  },
  getItem: {
    method: 'GET',
    path: '/api/projects/:project/items/:ordinal',
    summary: 'One item with its evidence',
    params: itemParams,
    query: z.object({ question: z.string().optional(), further: z.stringbool().optional() }),
    reply: itemDetail,
  },
  bulkAnswer: {
    method: 'POST',
    path: '/api/projects/:project/items/bulk',
    summary: 'Answers all items that match, as one action with one undo',
    params: projectParams,
    body: z.object({ action: actionId, question: z.string().optional(), filter: itemFilter, labels: z.array(z.string()) }),
    reply: z.object({ action: z.string(), answered: z.int() }),
  },
  addComment: {
    method: 'POST',
    path: '/api/projects/:project/items/:ordinal/comments',
    summary: 'A remark on an item',
    params: itemParams,
    body: z.object({ action: actionId, text: z.string().trim().min(1).max(4000) }),
    reply: z.object({ id: z.int() }),
  },
});
