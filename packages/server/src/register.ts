import { api, type RouteName } from '@labelwright/contract/api';
import { projectParams } from '@labelwright/contract/common';
import type { Route } from '@labelwright/contract/route';
import { CoreError } from '@labelwright/core/model/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { access, type Rule } from './access.ts';
import type { Caller, Context } from './context.ts';
import { notFound, parsed } from './errors.ts';
import type { Call, Handlers } from './handlers.ts';
import { authenticate } from './security/authenticate.ts';
import { authorize } from './security/authorize.ts';
import { checkCrossSiteToken } from './security/cross-site-token.ts';
import { isUnsafe } from './security/request-origin.ts';
import { tooMany } from './security/throttle.ts';

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | undefined;
  }
  interface FastifyContextConfig {
    routeName?: RouteName;
  }
}

/** Registers handlers for the contract's routes. Before a handler runs, and before the body is even read: who is calling, may they, how often. */
export function register(app: FastifyInstance, context: Context, handlers: Partial<Handlers>): void {
  for (const name of Object.keys(handlers) as RouteName[]) registerOne(app, context, name, handlers[name] as AnyHandler);
}

type AnyHandler = (call: Call<RouteName>) => unknown;

function registerOne(app: FastifyInstance, context: Context, name: RouteName, handler: AnyHandler): void {
  const route: Route = api[name];
  const schemas = { params: strict(route.params), query: strict(route.query), body: strict(route.body) };
  app.route({
    method: route.method,
    url: route.path,
    config: { routeName: name },
    onRequest: async (request) => {
      request.caller = await admit(request, context, name);
    },
    handler: async (request, reply) => {
      if (route.body) checkIsJson(request);
      const call = {
        params: parsed('params', schemas.params, request.params),
        query: parsed('query', schemas.query, request.query),
        body: route.body && parsed('body', schemas.body, request.body),
        caller: request.caller,
        context,
        request,
        reply,
      };
      const answer = await handler(call as Call<RouteName>);
      return answer === reply || !route.reply ? answer : route.reply.parse(answer);
    },
  });
}

async function admit(request: FastifyRequest, context: Context, name: RouteName): Promise<Caller | undefined> {
  const rule: Rule = access[name];
  const { limits } = context.entrance;
  const address = `from ${request.ip}`;
  const found = await authenticate(request, context);
  if (found && isUnsafe(request.method) && !rule.opensSession) checkCrossSiteToken(request, found);
  if (found?.by.kind !== 'single-user') {
    const wait = limits.calls.take(found ? `by ${found.person.id}` : address, rule.cost);
    if (wait > 0) throw tooMany('calls', wait);
  }
  return authorize(context, { route: name, rule, caller: found, project: projectOf(name, request) });
}

/** @throws CoreError 'not-found' for what cannot be a project's number */
function projectOf(name: RouteName, request: FastifyRequest): number | undefined {
  if (!api[name].path.includes('/:project')) return undefined;
  const { data } = projectParams.safeParse(request.params);
  if (!data) throw notFound('project');
  return data.project;
}

/** A key that the contract does not name is a mistake or an attempt: said, not dropped. */
function strict(schema: z.ZodType | undefined): z.ZodType {
  return schema instanceof z.ZodObject ? schema.strict() : (schema ?? z.strictObject({}));
}

function checkIsJson(request: FastifyRequest): void {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/json\b/i.test(type)) throw new CoreError('unsupported-type', 'Send application/json');
}
