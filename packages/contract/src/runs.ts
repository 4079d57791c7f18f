import { z } from 'zod';
import { id, interval, projectParams, time } from './common.ts';
import { routes } from './route.ts';

const runParams = projectParams.extend({ run: id });

export const run = z.object({
  id: z.int(),
  number: z.int().describe('1, 2, 3 … within the project'),
  state: z.enum(['queued', 'running', 'done', 'failed', 'cancelled']),
  phase: z.string(),
  done: z.int().describe('items answered in this phase'),
  total: z.int(),
  itemsPerSecond: z.number(),
  person: z.string(),
  createdAt: time,
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
  error: z.string().nullable(),
  labelers: z.array(z.object({ id: z.int(), name: z.string(), version: z.int() })),
  results: z.array(
    z.object({
      question: z.string(),
      items: z.int(),
      covered: z.int(),
      conflicting: z.int(),
      accepted: z.int(),
      waiting: z.int(),
      expectedError: z.number(),
      gold: interval.nullable(),
      method: z.string(),
      warnings: z.array(z.string()),
    }),
  ),
});
export type Run = z.infer<typeof run>;

export const comparison = z.object({
  before: z.int(),
  after: z.int(),
  question: z.string(),
  labelersChanged: z.array(z.object({ name: z.string(), change: z.enum(['added', 'removed', 'changed']) })),
  newlyAccepted: z.int(),
  noLongerAccepted: z.int(),
  flips: z.array(z.object({ from: z.string(), to: z.string(), count: z.int() })),
  examples: z.array(
    z.object({ ordinal: z.int(), id: z.string(), from: z.string(), to: z.string(), before: z.number(), after: z.number() }),
  ),
});
export type RunComparison = z.infer<typeof comparison>;

export const runRoutes = routes({
  startRun: {
    method: 'POST',
    path: '/api/projects/:project/runs',
    summary: 'Runs all enabled labelers, or one, then estimates; in the background',
    params: projectParams,
    body: z.object({ labeler: z.int().optional() }),
    reply: run,
  },
  listRuns: {
    method: 'GET',
    path: '/api/projects/:project/runs',
    summary: 'Runs, newest first',
    params: projectParams,
    reply: z.array(run),
  },
  getRun: { method: 'GET', path: '/api/projects/:project/runs/:run', summary: 'One run', params: runParams, reply: run },
  cancelRun: {
    method: 'POST',
    path: '/api/projects/:project/runs/:run/cancel',
    summary: 'Stops a run; the results of the one before stay',
    params: runParams,
    reply: run,
  },
  compareRuns: {
    method: 'GET',
    path: '/api/projects/:project/runs/:run/changes',
    summary: 'What a run changed against another, by default the one before',
    params: runParams,
    query: z.object({ before: z.coerce.number().int().optional(), question: z.string().optional() }),
    reply: comparison,
  },
});
