import { CoreError } from '@labelwright/core/model/errors';
import type { FastifyRequest } from 'fastify';
import type { Caller, Context } from '../context.ts';
import { findSingleUser } from '../stores/people.ts';
import { callerOfSession, type Use } from '../stores/sessions.ts';
import { callerOfToken } from '../stores/tokens.ts';
import { readSessionCookie } from './session-cookie.ts';

/** Who is calling: by API token, by session, or because nobody else can reach this server. Asked anew at every call, so that what was
 *  revoked is refused at once. @throws CoreError 'login-required' for a token that is not (or no longer) good */
export async function authenticate(request: FastifyRequest, context: Context, use: Use = 'use'): Promise<Caller | undefined> {
  const { authorization, cookie } = request.headers;
  if (authorization !== undefined) {
    const token = /^bearer +(\S+)$/i.exec(authorization)?.[1];
    const caller = token === undefined ? undefined : await callerOfToken(context.db, token, use);
    if (!caller) throw new CoreError('login-required', 'The API token is wrong, has expired or was revoked');
    return caller;
  }
  const session = readSessionCookie(cookie, context.entrance.isSecure);
  const caller = session === undefined ? undefined : await callerOfSession(context.db, session, use);
  return caller ?? (isForwarded(request) ? undefined : singleUser(context));
}

/** A proxy on this machine passes on what comes from others. */
function isForwarded({ headers }: FastifyRequest): boolean {
  return ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'].some((name) => name in headers);
}

async function singleUser({ db, entrance }: Context): Promise<Caller | undefined> {
  if (!entrance.allowsSingleUser) return undefined;
  const found = await findSingleUser(db);
  if (!found) return undefined;
  const { id, name, email, admin } = found;
  return { person: { id, name, email, admin }, by: { kind: 'single-user', csrf: entrance.secret.sign('csrf', 'single-user') } };
}
