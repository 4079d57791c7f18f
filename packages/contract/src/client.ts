import { type ApiError, apiError } from './common.ts';
import { type Api, api, type RouteName } from './api.ts';
import type { CallOf, ReplyOf, Route } from './route.ts';

/** A fault that the server named, or `offline` where there was no answer at all. */
export class CallError extends Error {
  readonly status: number;
  readonly fault: ApiError;
  constructor(status: number, fault: ApiError) {
    super(fault.message);
    this.name = 'CallError';
    this.status = status;
    this.fault = fault;
  }
}

export interface ClientOptions {
  /** '' in the browser; 'http://127.0.0.1:4477' elsewhere. */
  readonly baseUrl?: string;
  readonly headers?: () => Readonly<Record<string, string>>;
  readonly fetch?: typeof fetch;
}

export type Client = {
  readonly [Name in RouteName]: (
    call: CallOf<Api[Name]>,
    options?: { signal?: AbortSignal; raw?: BodyInit },
  ) => Promise<ReplyOf<Api[Name]>>;
};

/** The typed client: one function per route, made from the contract; replies are checked by the same schemas that the server used.
 *  @throws CallError */
export function createClient({ baseUrl = '', headers, fetch: send = fetch }: ClientOptions = {}): Client {
  const call = async (
    route: Route,
    given: { params?: unknown; query?: unknown; body?: unknown },
    options: { signal?: AbortSignal; raw?: BodyInit } = {},
  ): Promise<unknown> => {
    const content = contentOf(route, given.body, options.raw);
    const init: RequestInit = {
      method: route.method,
      headers: { ...headers?.(), ...(content && { 'content-type': content.type }) },
      ...(content && { body: content.body }),
      ...(options.signal && { signal: options.signal }),
    };
    const response = await send(baseUrl + urlOf(route, given), init).catch((error: unknown) => {
      if (error instanceof DOMException && error.name === 'AbortError') throw error;
      throw new CallError(0, { code: 'offline', message: 'The server does not answer', requestId: '' });
    });
    const text = await response.text();
    if (!response.ok) throw new CallError(response.status, faultIn(text, response.status));
    return route.reply ? route.reply.parse(JSON.parse(text)) : text;
  };
  return Object.fromEntries(
    Object.entries(api).map(([name, route]) => [name, (given: object, options?: { signal?: AbortSignal }) => call(route, given, options)]),
  ) as unknown as Client;
}

function contentOf(route: Route, body: unknown, raw: BodyInit | undefined): { type: string; body: BodyInit } | undefined {
  if (raw !== undefined) return { type: 'application/octet-stream', body: raw };
  return route.body && { type: 'application/json', body: JSON.stringify(body) };
}

/** `/api/projects/7/items/3?question=spam` */
export function urlOf(route: Pick<Route, 'path'>, { params, query }: { params?: unknown; query?: unknown }): string {
  const values = (params ?? {}) as Readonly<Record<string, unknown>>;
  const path = route.path.replace(/:(\w+)/g, (_, key: string) => encodeURIComponent(String(values[key])));
  const search = new URLSearchParams(
    Object.entries(query ?? {}).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value as string | number | boolean)]])),
  );
  return search.size > 0 ? `${path}?${search}` : path;
}

function faultIn(text: string, status: number): ApiError {
  try {
    return apiError.parse(JSON.parse(text));
  } catch {
    return { code: 'unexpected', message: `The server answered with status ${status}`, requestId: '' };
  }
}
