import { z } from 'zod';
import { actionId, done, id, ordinal, projectParams, time } from './common.ts';
import { itemDetail } from './items.ts';
import { routes } from './route.ts';

export const answerKind = z.enum(['answer', 'skip', 'flag']);

/** What is said of the same item in answer to another question, in the same action: all of it is stored, or nothing, and one undo takes all of it back. */
export const furtherAnswer = z.object({
  question: z.string(),
  labels: z.array(z.string()).describe('an empty list says "none apply"'),
  base: z.int().min(0).describe('the version of the item under this question that the person saw'),
});

/** One submit. `base` is the version of the item that the person saw: where another person was faster, the server says 409 and keeps the work as a vote only if overlap allows. */
export const submit = z.object({
  action: actionId,
  question: z.string().optional(),
  audit: id.optional().describe('the audit that it answers'),
  ordinal,
  kind: answerKind,
  labels: z.array(z.string()).optional().describe('for `answer`; an empty list says "none apply"'),
  note: z.string().max(4000).optional(),
  base: z.int().min(0),
  seconds: z.number().min(0).max(86_400).describe('active time, idle time left out'),
  also: z.array(furtherAnswer).max(19).optional().describe('answers to other questions, each question once'),
});
export type Submit = z.infer<typeof submit>;

/** Of an item, from now on, under each question that an action was about. */
const versions = z.array(z.object({ question: z.string(), version: z.int() }));

export const assignment = z.object({
  item: itemDetail,
  reason: z.string().describe('why this one next: "uncertain: margin 0.03"'),
  leasedUntil: time,
});
export type Assignment = z.infer<typeof assignment>;

export const queueRoutes = routes({
  nextItems: {
    method: 'POST',
    path: '/api/projects/:project/queue/next',
    summary: 'Reserves the next items for the caller; items already reserved by the caller come first',
    params: projectParams,
    body: z.object({
      question: z.string().optional(),
      count: z.int().min(1).max(20).default(3),
      order: z.enum(['uncertainty', 'random', 'oldest']).optional(),
      audit: id.optional().describe('items of this audit, blind, instead of those of the planner'),
      except: z.array(ordinal).max(50).default([]).describe('items that the browser has answered but not sent yet'),
      further: z.boolean().default(false).describe('also what is known of the items under the other questions; never in an audit'),
    }),
    reply: z.object({
      assignments: z.array(assignment),
      waiting: z.int().describe("items that still want this person's label"),
      audit: z
        .object({ id: z.int(), number: z.int(), answered: z.int(), drawn: z.int(), state: z.string() })
        .optional()
        .describe('how far the audit is'),
    }),
  },
  release: {
    method: 'POST',
    path: '/api/projects/:project/queue/release',
    summary: 'Gives reserved items back',
    params: projectParams,
    body: z.object({ ordinals: z.array(ordinal).max(50) }),
    reply: done,
  },
  submitAnswer: {
    method: 'POST',
    path: '/api/projects/:project/answers',
    summary: 'Stores an answer, once per action id',
    params: projectParams,
    body: submit,
    reply: z.object({ action: z.string(), version: z.int(), versions: versions.optional(), replayed: z.boolean() }),
  },
  undoAnswer: {
    method: 'POST',
    path: '/api/projects/:project/answers/:action/undo',
    summary: "Takes back one's own answer (or a bulk action); both stay in the history",
    params: projectParams.extend({ action: z.uuid() }),
    body: z.object({ action: actionId }),
    reply: z.object({
      retracted: z.int(),
      version: z.int().nullable().describe('of the item, from now on; null where that is not one item under one question'),
      versions: versions.optional().describe('where it was one item under several questions'),
    }),
  },
  myAnswers: {
    method: 'GET',
    path: '/api/projects/:project/answers/mine',
    summary: "The caller's last answers, newest first",
    params: projectParams,
    query: z.object({ limit: z.coerce.number().int().min(1).max(200).default(50) }),
    reply: z.array(
      z.object({
        action: z.string(),
        ordinal: z.int(),
        id: z.string(),
        question: z.string().optional(),
        set: z.string().nullable().optional().describe('the action that it was a part of: a submit to several questions, or a bulk action'),
        kind: answerKind,
        labels: z.array(z.string()).nullable(),
        createdAt: time,
      }),
    ),
  },
});
