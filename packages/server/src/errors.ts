import type { ApiError } from '@labelwright/contract/common';
import { CoreError } from '@labelwright/core/model/errors';
import { z } from 'zod';

/** The one table of what a fault's code is over HTTP. A code that is not here is ours, not the caller's: 500, and the caller learns nothing of it. */
const statusOf: Readonly<Record<string, number>> = {
  'bad-request': 400,
  'bad-id': 400,
  'bad-making': 400,
  'bad-options': 400,
  'bad-schema': 400,
  'bad-text': 400,
  'bad-votes': 400,
  'bad-file': 400,
  'too-deep': 400,
  'out-of-range': 400,
  'unknown-question': 400,
  'unknown-label': 400,
  'weak-password': 400,
  'bad-login': 401,
  'login-required': 401,
  'bad-setup-key': 403,
  'bad-host': 403,
  'cross-site': 403,
  csrf: 403,
  forbidden: 403,
  'not-found': 404,
  archived: 409,
  'no-key': 409,
  'no-prices': 409,
  'over-budget': 409,
  'unknown-master-key': 409,
  'damaged-secret': 409,
  conflict: 409,
  'label-in-use': 409,
  'question-in-use': 409,
  'last-admin': 409,
  'last-owner': 409,
  'name-taken': 409,
  'set-up-already': 409,
  'single-user': 409,
  'stale-version': 409,
  'too-large': 413,
  'unsupported-type': 415,
  'too-many-requests': 429,
  // What a language model's provider answered, or did not: theirs, not ours.
  'llm-auth': 424,
  'llm-no-credit': 424,
  'llm-no-model': 424,
  'llm-refused-address': 424,
  'llm-rate-limited': 424,
  'llm-overloaded': 424,
  'llm-network': 424,
  'llm-cut-off': 424,
  'llm-timeout': 424,
  'llm-bad-response': 424,
  'llm-bad-request': 424,
  'llm-context-too-long': 424,
  'llm-cancelled': 424,
  'bad-reply': 424,
  'not-ready': 503,
  'database-away': 503,
  'disk-full': 507,
};

export interface Fault {
  readonly status: number;
  readonly body: ApiError;
  readonly retryAfterSeconds?: number;
}

/** What the caller is told of whatever was thrown: never a stack, SQL, a path or a secret. */
export function faultOf(thrown: unknown, requestId: string): Fault {
  const error = understood(thrown);
  const status = statusOf[error.code];
  if (status === undefined) {
    const message = 'Something went wrong on the server; its log says more under this request id';
    return { status: 500, body: { code: 'unexpected', message, requestId } };
  }
  const { retryAfterSeconds, ...details } = error.details;
  return {
    status,
    body: { code: error.code, message: wordsOf(error), requestId, ...(Object.keys(details).length > 0 && { details }) },
    ...(typeof retryAfterSeconds === 'number' && { retryAfterSeconds }),
  };
}

/** Faults of language models name our module first: people need not know it. */
function wordsOf({ code, message }: CoreError): string {
  if (!/^(llm-|no-key|unknown-master-key|damaged-secret)/.test(code)) return message;
  const text = message.replace(/^(?:llm|secrets): /, '');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The same body for what is not there and for what the caller may not see. */
export function notFound(what: string): CoreError {
  return new CoreError('not-found', `There is no such ${what}`);
}

/** @throws CoreError 'bad-request' naming each key and what was expected */
export function parsed<Schema extends z.ZodType>(where: string, schema: Schema, given: unknown): z.output<Schema> {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const issues = result.error.issues.slice(0, 20).map(({ path, message }) => ({ path: path.map(String), message }));
  const faults = issues.map(({ path, message }) => `${[where, ...path].join('.')}: ${message}`);
  throw new CoreError('bad-request', faults.join('; '), { issues });
}

function understood(thrown: unknown): CoreError {
  if (thrown instanceof CoreError) return thrown;
  const { code, statusCode } = (thrown ?? {}) as { code?: unknown; statusCode?: unknown };
  const known = isLostConnection(thrown) ? away : typeof code === 'string' ? (foreign[code] ?? foreignByClass(code)) : undefined;
  if (known) return new CoreError(...known, known[0] === 'database-away' || known[0] === 'disk-full' ? { retryAfterSeconds: 2 } : {});
  if (statusCode === 400) return new CoreError('bad-request', 'The request cannot be read');
  return new CoreError('unexpected', 'unexpected', {}, { cause: thrown });
}

/** Codes of Fastify, PostgreSQL (SQLSTATE) and the system, in our words. */
const away: [string, string] = ['database-away', 'The database does not answer just now: try again in a moment'];
const full: [string, string] = ['disk-full', 'The disk of the server is full: nothing was stored; make room and try again'];
const foreign: Readonly<Record<string, [string, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['too-large', 'The request is larger than the server takes'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported-type', 'Send application/json'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['bad-request', 'The body is not JSON'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['bad-request', 'The body is empty'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['bad-request', 'The body is shorter or longer than it says'],
  FST_ERR_BAD_URL: ['not-found', 'There is no such route'],
  ENOSPC: full,
  EDQUOT: full,
  '53100': full,
  ECONNREFUSED: away,
  ECONNRESET: away,
  EPIPE: away,
  '40001': away,
  '40P01': away,
  '55P03': away,
  '57014': away,
  '25P03': away,
  '22003': ['out-of-range', 'A number is too large'],
  '22021': ['bad-text', 'A text holds a NUL character, which the database cannot store'],
  '22P05': ['bad-text', 'A text holds a NUL character, which the database cannot store'],
  '23505': ['conflict', 'It is there already'],
};

/** The driver's own faults have no code; a socket that is not there has the code of a missing file. */
function isLostConnection(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  const { syscall } = thrown as { syscall?: unknown };
  return (
    syscall === 'connect' ||
    /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/.test(thrown.message)
  );
}

/** Classes of SQLSTATE: 08 connection, 53 resources, 57P operator intervention. */
function foreignByClass(code: string): [string, string] | undefined {
  return /^(08|53|57P)[0-9A-Z]{2,3}$/.test(code) && code.length === 5 ? away : undefined;
}
