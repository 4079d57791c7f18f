import { api, type RouteName } from '@labelwright/contract/api';
import { sql } from 'kysely';
import type { Handlers } from '../handlers.ts';
import { openApi } from '../openapi.ts';
import { streamEvents } from '../stream-events.ts';

export const systemHandlers = {
  health: () => ({ ok: true }),

  ready: async ({ context, reply }) => {
    const ok = await sql`select 1`.execute(context.db).then(
      () => true,
      () => false,
    );
    if (!ok) reply.code(503);
    return { ok, version: context.version };
  },

  openapi: ({ context, request }) => {
    const isThere = (name: RouteName) => request.server.hasRoute({ method: api[name].method, url: api[name].path });
    return openApi((Object.keys(api) as RouteName[]).filter(isThere), context.version);
  },

  events: (call) => streamEvents(call),
} satisfies Partial<Handlers>;
