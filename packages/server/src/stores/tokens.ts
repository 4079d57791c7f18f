import { sql } from 'kysely';
import type { Caller, Db } from '../context.ts';
import { hashToken, randomToken } from '../security/random-token.ts';
import type { Use } from './sessions.ts';

const prefix = 'lw_';

export interface NewToken {
  readonly personId: number;
  readonly name: string;
  readonly scope: 'read' | 'write';
  readonly days: number;
}

/** @returns the token itself, which nobody can ever read again */
export async function makeToken(db: Db, { personId, name, scope, days }: NewToken): Promise<{ id: number; token: string }> {
  const token = prefix + randomToken();
  const { id } = await db
    .insertInto('tokens')
    .values({
      person_id: personId,
      name,
      scope,
      token_hash: hashToken(token),
      last_four: token.slice(-4),
      expires_at: sql<Date>`now() + make_interval(days => ${days})`,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return { id, token };
}

export async function callerOfToken(db: Db, token: string, use: Use): Promise<Caller | undefined> {
  if (!token.startsWith(prefix)) return undefined;
  const found = await db
    .selectFrom('tokens as t')
    .innerJoin('people as p', 'p.id', 't.person_id')
    .select(['p.id', 'p.name', 'p.email', 'p.admin', 't.id as token', 't.scope'])
    .select(sql<boolean>`t.last_used_at is null or t.last_used_at < now() - interval '1 minute'`.as('stale'))
    .where('t.token_hash', '=', hashToken(token))
    .where('t.revoked_at', 'is', null)
    .where('t.expires_at', '>', sql<Date>`now()`)
    .where('p.disabled_at', 'is', null)
    .executeTakeFirst();
  if (!found) return undefined;
  if (found.stale && use === 'use')
    await db.updateTable('tokens').set({ last_used_at: sql<Date>`now()` }).where('id', '=', found.token).execute();
  const { id, name, email, admin } = found;
  return { person: { id, name, email, admin }, by: { kind: 'token', id: found.token, scope: found.scope } };
}

/** Those that still work. */
export function tokensOf(db: Db, personId: number) {
  return db
    .selectFrom('tokens')
    .select(['id', 'name', 'scope', 'last_four', 'expires_at', 'last_used_at'])
    .where('person_id', '=', personId)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', sql<Date>`now()`)
    .orderBy('id', 'desc')
    .execute();
}

/** @returns whether there was such a token of this person */
export async function revokeToken(db: Db, personId: number, tokenId: number): Promise<boolean> {
  const { numUpdatedRows } = await revoking(db, personId).where('id', '=', tokenId).executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function revokeTokens(db: Db, personId: number): Promise<void> {
  await revoking(db, personId).execute();
}

function revoking(db: Db, personId: number) {
  return db.updateTable('tokens').set({ revoked_at: sql<Date>`now()` }).where('person_id', '=', personId).where('revoked_at', 'is', null);
}
