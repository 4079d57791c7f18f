import { APICallError } from '@ai-sdk/provider';
import { CoreError } from '@labelwright/core/model/errors';
import { LlmError, type LlmFault } from './llm-error.ts';
import { oneLine } from './scrub.ts';

/** One table for the errors of four wires. @param scrub takes the key out of texts  @param now milliseconds, for dates in `Retry-After` */
export function toLlmError(error: unknown, scrub: (text: string) => string, now: number): LlmError {
  if (error instanceof LlmError) return error;
  const door = causeOf(error, (each): each is CoreError => each instanceof CoreError);
  if (door) return new LlmError(doorFaults[door.code] ?? 'network', scrub(door.message));
  if (causeOf(error, (each): each is Error => each instanceof Error && (each.name === 'AbortError' || each.name === 'TimeoutError')))
    return new LlmError('cancelled', 'llm: the call was cancelled');
  const call = causeOf(error, (each): each is APICallError => APICallError.isInstance(each));
  if (call?.statusCode === undefined || call.statusCode < 400)
    return new LlmError('bad-response', 'llm: the server answered with something that is not a reply of a model');
  const { said, code } = bodyOf(call);
  const fault = faultOf(call.statusCode, said, code);
  // What is said about keys quotes them, often with stars: it helps nobody.
  const detail = said === '' || fault === 'auth' ? '' : `: ${oneLine(scrub(said))}`;
  return new LlmError(fault, `llm: ${meaning[fault]} (HTTP ${call.statusCode})${detail}`, retryAfterMs(call, now));
}

const doorFaults: Readonly<Record<string, LlmFault>> = {
  'address-refused': 'refused-address',
  'host-not-allowed': 'refused-address',
  'redirect-refused': 'refused-address',
  'response-too-large': 'bad-response',
  'timed-out': 'timeout',
  unreachable: 'network',
  'cut-off': 'cut-off',
};

const meaning: Readonly<Partial<Record<LlmFault, string>>> = {
  auth: 'the key was refused',
  'no-credit': 'the account has no credit left',
  'no-model': 'the model or address is not known there',
  'rate-limited': 'too many requests',
  overloaded: 'the server is overloaded or broken',
  'context-too-long': 'the request is longer than the model takes',
  'bad-request': 'the request was not understood',
};

function faultOf(status: number, said: string, code: string): LlmFault {
  if (/insufficient_quota|billing|credit balance|exceeded your current quota, please check your plan/i.test(`${code} ${said}`))
    return 'no-credit';
  if (status === 401 || status === 403 || /api[ _]key not valid|invalid[ _]api[ _]key/i.test(`${code} ${said}`)) return 'auth';
  if (status === 404) return 'no-model';
  if (status === 429) return 'rate-limited';
  if (status >= 500 || status === 408 || status === 409) return 'overloaded';
  const isTooLong =
    status === 413 ||
    /context[ _]length|context window|too long|too many (?:input )?tokens|maximum.{0,30}tokens|token count.{0,40}exceeds/i.test(
      `${code} ${said}`,
    );
  return isTooLong ? 'context-too-long' : 'bad-request';
}

/** The message and code in the error object that all four wires have; nothing of bodies that have another shape. */
function bodyOf(call: APICallError): { said: string; code: string } {
  const body = parsed(call.responseBody);
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined;
  if (typeof error === 'string') return { said: error, code: '' };
  const { message, code, type, status } = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>;
  return {
    said: typeof message === 'string' ? message : '',
    code: [code, type, status].filter((each) => typeof each === 'string').join(' '),
  };
}

function retryAfterMs({ responseHeaders = {}, responseBody }: APICallError, now: number): number | undefined {
  const milliseconds = Number(responseHeaders['retry-after-ms'] ?? Number.NaN);
  if (milliseconds >= 0) return Math.min(milliseconds, longestWaitMs);
  const header = responseHeaders['retry-after'];
  // Google says it in the body.
  const text = header ?? /"retryDelay":\s*"([\d.]+)s"/.exec(responseBody ?? '')?.[1];
  if (text === undefined) return undefined;
  const waitMs = /^\s*\d+(?:\.\d+)?\s*$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(waitMs) ? Math.min(Math.max(0, waitMs), longestWaitMs) : undefined;
}

const longestWaitMs = 3_600_000;

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

function causeOf<Kind>(error: unknown, is: (each: unknown) => each is Kind): Kind | undefined {
  for (let each = error, depth = 0; each !== undefined && each !== null && depth < 10; depth++) {
    if (is(each)) return each;
    each = (each as { cause?: unknown }).cause;
  }
  return undefined;
}
