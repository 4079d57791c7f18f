import type { Role } from '@labelwright/contract/common';
import type { Api, RouteName } from '@labelwright/contract/api';
import type { BodyOf, ParamsOf, QueryOf, Route } from '@labelwright/contract/route';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { AccessTable } from './access.ts';
import type { Caller, Context, Member } from './context.ts';

/** What a handler gets: all of it is checked, by the contract's schemas and by the access table. */
export interface Call<Name extends RouteName> {
  readonly params: ParamsOf<Api[Name]>;
  readonly query: QueryOf<Api[Name]>;
  readonly body: BodyOf<Api[Name]>;
  readonly caller: CallerOf<AccessTable[Name]['who']>;
  readonly context: Context;
  /** For streams: raw bytes sent as application/octet-stream are `request.body`, a Readable. */
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

type CallerOf<Who> = Who extends 'anyone' ? Caller | undefined : Who extends Role ? Member : Caller;

/** What the contract says, checked on the way out: keys that it does not name are left out. Where it names none: a Readable, a Buffer or a text. */
type Answered<R extends Route> = R['reply'] extends z.ZodType ? z.input<R['reply']> : unknown;

/** A file of `routes/` exports some of these: `export const itemHandlers = { queryItems: async ({ params, body, context }) => … } satisfies Partial<Handlers>` */
export type Handlers = { readonly [Name in RouteName]: (call: Call<Name>) => Promise<Answered<Api[Name]>> | Answered<Api[Name]> };
