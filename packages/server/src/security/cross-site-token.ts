import { csrfHeader } from '@labelwright/contract/common';
import { CoreError } from '@labelwright/core/model/errors';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../context.ts';
import { isSameToken } from './random-token.ts';

/** A change must carry the token that only our own page can read. A call by API token needs none: no browser sends one by itself.
 *  @throws CoreError 'csrf' */
export function checkCrossSiteToken(request: FastifyRequest, { by }: Caller): void {
  if (by.kind === 'token') return;
  const given = request.headers[csrfHeader];
  if (typeof given === 'string' && isSameToken(given, by.csrf)) return;
  throw new CoreError('csrf', `The header ${csrfHeader} must carry the csrf token of GET /api/session`);
}
