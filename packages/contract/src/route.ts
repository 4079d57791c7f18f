import type { z } from 'zod';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One call of the API. Paths are `/api/projects/:project/…`; params and query arrive as text, so their schemas coerce. */
export interface Route {
  readonly method: Method;
  readonly path: string;
  readonly summary: string;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Absent: the answer is a stream or a file (SSE, download, upload), described by the summary. */
  readonly reply?: z.ZodType;
}

/** Keeps the literal types of a group of routes. */
export function routes<const Group extends Readonly<Record<string, Route>>>(group: Group): Group {
  return group;
}

type In<Schema> = Schema extends z.ZodType ? z.input<Schema> : undefined;
type Out<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

export type ParamsOf<R extends Route> = Out<R['params']>;
export type QueryOf<R extends Route> = Out<R['query']>;
export type BodyOf<R extends Route> = Out<R['body']>;
export type ReplyOf<R extends Route> = Out<R['reply']>;
/** What a caller passes: only the parts that the route has. */
export type CallOf<R extends Route> = (R extends { params: z.ZodType } ? { readonly params: In<R['params']> } : object) &
  (R extends { query: z.ZodType } ? { readonly query?: In<R['query']> } : object) &
  (R extends { body: z.ZodType } ? { readonly body: In<R['body']> } : object);
