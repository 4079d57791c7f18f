import { sql } from 'kysely';
import type { Caller, Db } from '../context.ts';
import { hashToken, randomToken } from '../security/random-token.ts';

/** A session ends after this long without a call, and after a week in any case. */
const idle = '12 hours';
export const longestSessionSeconds = 7 * 86_400;

export interface Session {
  /** For the cookie; the database knows its hash only. */
  readonly token: string;
  readonly csrf: string;
}

export async function openSession(db: Db, personId: number): Promise<Session> {
  const session = { token: randomToken(), csrf: randomToken() };
  await db
    .insertInto('sessions')
    .values({
      token_hash: hashToken(session.token),
      person_id: personId,
      csrf: session.csrf,
      expires_at: sql<Date>`now() + make_interval(secs => ${longestSessionSeconds})`,
    })
    .execute();
  await db.deleteFrom('sessions').where('expires_at', '<', sql<Date>`now()`).execute();
  return session;
}

/** A call by a person keeps a session alive; a page that is merely open does not. */
export type Use = 'use' | 'only-look';

/** Who holds this session, if it lives and its person may come in. */
export async function callerOfSession(db: Db, token: string, use: Use): Promise<Caller | undefined> {
  const hash = hashToken(token);
  const found = await db
    .selectFrom('sessions as s')
    .innerJoin('people as p', 'p.id', 's.person_id')
    .select(['p.id', 'p.name', 'p.email', 'p.admin', 's.csrf', sql<boolean>`s.last_seen_at < now() - interval '1 minute'`.as('stale')])
    .where('s.token_hash', '=', hash)
    .where('p.disabled_at', 'is', null)
    .where('s.expires_at', '>', sql<Date>`now()`)
    .where('s.last_seen_at', '>', sql<Date>`now() - ${sql.lit(idle)}::interval`)
    .executeTakeFirst();
  if (!found) return undefined;
  if (found.stale && use === 'use')
    await db.updateTable('sessions').set({ last_seen_at: sql<Date>`now()` }).where('token_hash', '=', hash).execute();
  const { id, name, email, admin, csrf } = found;
  return { person: { id, name, email, admin }, by: { kind: 'session', hash, csrf } };
}

export async function endSession(db: Db, hash: Buffer): Promise<void> {
  await db.deleteFrom('sessions').where('token_hash', '=', hash).execute();
}

/** All of a person's, or all but one. */
export async function endSessions(db: Db, personId: number, except?: Buffer): Promise<void> {
  let ended = db.deleteFrom('sessions').where('person_id', '=', personId);
  if (except) ended = ended.where('token_hash', '<>', except);
  await ended.execute();
}
