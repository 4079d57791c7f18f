import { reasonOf } from '@labelwright/core/model/errors';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { randomUUID } from 'node:crypto';
import type { Context } from './context.ts';
import { faultOf, notFound } from './errors.ts';
import type { Handlers } from './handlers.ts';
import { register } from './register.ts';
import { exportHandlers } from './routes/exports.ts';
import { importHandlers } from './routes/imports.ts';
import { labelerHandlers } from './routes/labelers.ts';
import { llmHandlers } from './routes/llm.ts';
import { itemHandlers } from './routes/items.ts';
import { overviewHandlers } from './routes/overview.ts';
import { peopleHandlers } from './routes/people.ts';
import { projectHandlers } from './routes/projects.ts';
import { qualityHandlers } from './routes/quality.ts';
import { queueHandlers } from './routes/queue.ts';
import { runHandlers } from './routes/runs.ts';
import { systemHandlers } from './routes/system.ts';
import { securityHeaders } from './security/headers.ts';
import { checkJsonDepth } from './security/json-depth.ts';
import { checkOrigin } from './security/request-origin.ts';
import { loadWebPage } from './web-page.ts';

/** All of the API that there is: a file of `routes/` a noun. */
export const allHandlers: Partial<Handlers> = {
  ...systemHandlers,
  ...peopleHandlers,
  ...projectHandlers,
  ...importHandlers,
  ...labelerHandlers,
  ...overviewHandlers,
  ...runHandlers,
  ...itemHandlers,
  ...queueHandlers,
  ...exportHandlers,
  ...qualityHandlers,
  ...llmHandlers,
};

export interface AppOptions {
  /** For tests: others than all. */
  readonly handlers?: Partial<Handlers>;
  /** Whose X-Forwarded-For and -Proto are believed: addresses of proxies. */
  readonly trustProxy?: boolean | string;
  /** The folder of the web page's build. */
  readonly web?: string;
}

const bodyLimit = 4 * 1024 * 1024;

/** The HTTP server over a context: not listening yet. */
export async function createApp(
  context: Context,
  { trustProxy = false, web, handlers = allHandlers }: AppOptions = {},
): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: context.log,
    bodyLimit,
    trustProxy,
    exposeHeadRoutes: false,
    requestTimeout: 300_000,
    genReqId: () => randomUUID(),
    routerOptions: { maxParamLength: 600 },
    frameworkErrors: (error, request, reply) => answerFault(error, request, reply, context),
  }) as unknown as FastifyInstance;
  app.decorateRequest('caller', undefined);
  readBodies(app);
  app.addHook('onRequest', async (request) => checkOrigin(request, context.entrance.origins));
  app.addHook('onSend', async (request, reply, payload) => {
    dress(request, reply, context);
    return payload;
  });
  app.setErrorHandler((error, request, reply) => answerFault(error, request, reply, context));
  const page = await loadWebPage(web);
  app.setNotFoundHandler(async (request, reply) => {
    if (await page?.(request, reply)) return reply;
    throw notFound('route');
  });
  app.addHook('onRoute', ({ config, method, url }) => {
    if (!config?.routeName) throw new Error(`${String(method)} ${url} is not registered by the contract and the access table`);
  });
  app.addHook('preClose', () => context.events.stop());
  register(app, context, handlers);
  return app;
}

/** JSON, and raw bytes as a stream for the routes that take a file. Forms and plain text, which any site's page can send, are nobody's. */
function readBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text: string, done) => {
    try {
      checkJsonDepth(text);
    } catch (error) {
      done(error as Error);
      return;
    }
    void parse(request, text, done);
  });
  app.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload));
}

function dress(request: FastifyRequest, reply: FastifyReply, { entrance }: Context): void {
  const headers = { ...securityHeaders(entrance.isSecure), 'cache-control': 'no-store', 'x-request-id': request.id };
  for (const [name, value] of Object.entries(headers)) if (!reply.hasHeader(name)) reply.header(name, value);
}

function answerFault(thrown: unknown, request: FastifyRequest, reply: FastifyReply, context: Context): FastifyReply {
  const { status, body, retryAfterSeconds } = faultOf(thrown, request.id);
  if (status === 500) request.log.error({ err: thrown }, 'a request failed');
  else if (status > 500) request.log.warn({ code: body.code, route: request.routeOptions.url }, reasonOf(thrown));
  else request.log.info({ code: body.code, person: request.caller?.person.id }, body.message);
  if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds);
  dress(request, reply, context);
  return reply.code(status).type('application/json').send(body);
}
