import { z } from 'zod';
import { projectParams } from './common.ts';
import { routes } from './route.ts';

/** What the event stream says. Clients fetch anew what an event names; events carry no data that a role must not see. */
export const event = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('import'), import: z.int(), share: z.number(), state: z.string() }),
  z.object({ kind: z.literal('run'), run: z.int(), state: z.string(), phase: z.string(), done: z.int(), total: z.int() }),
  z.object({ kind: z.literal('asking'), asking: z.int(), state: z.string(), done: z.int(), total: z.int(), usd: z.number() }),
  z.object({ kind: z.literal('answer'), ordinal: z.int(), person: z.int() }),
  z.object({ kind: z.literal('labelers') }),
  z.object({ kind: z.literal('audit'), audit: z.int(), state: z.string(), answered: z.int() }),
  z.object({ kind: z.literal('gold') }),
  z.object({ kind: z.literal('project') }),
  z.object({ kind: z.literal('export'), export: z.int(), state: z.string() }),
]);
export type Event = z.infer<typeof event>;

export const systemRoutes = routes({
  health: { method: 'GET', path: '/healthz', summary: 'The process is up', reply: z.object({ ok: z.literal(true) }) },
  ready: {
    method: 'GET',
    path: '/readyz',
    summary: 'The database answers and the schema fits',
    reply: z.object({ ok: z.boolean(), version: z.string() }),
  },
  events: { method: 'GET', path: '/api/projects/:project/events', summary: 'Server-sent events of a project', params: projectParams },
  openapi: { method: 'GET', path: '/api/openapi.json', summary: 'This API as OpenAPI 3.1' },
});
