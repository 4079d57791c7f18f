import type { FastifyBaseLogger, FastifyRequest } from 'fastify';
import pino, { type DestinationStream } from 'pino';

/** Never written down, wherever in an entry they are. */
const secretKeys = [
  'password',
  'current',
  'next',
  'key',
  'token',
  'apiKey',
  'secret',
  'csrf',
  'cookie',
  'set-cookie',
  'authorization',
  'x-csrf-token',
];

export interface LogOptions {
  /** 'info' names every call; 'warn' only what went wrong. */
  readonly level?: string | undefined;
  /** Else the standard error. */
  readonly destination?: DestinationStream | undefined;
}

export function makeLog({ level = 'warn', destination = pino.destination(2) }: LogOptions = {}): FastifyBaseLogger {
  const paths = secretKeys.flatMap((key) => [`["${key}"]`, `*["${key}"]`, `*.*["${key}"]`]);
  return pino({ level, redact: { paths, censor: '[redacted]' }, serializers: { req: describeRequest } }, destination);
}

/** Without the query, which holds setup links and what people search for, and without headers. */
function describeRequest({ method, url, ip }: FastifyRequest) {
  return { method, path: url.split('?', 1)[0], address: ip };
}
