import type { Caller, Context } from '../context.ts';
import { notFound } from '../errors.ts';
import { audit } from '../stores/audit.ts';
import { revokeToken } from '../stores/tokens.ts';

/** @throws CoreError 'not-found', for another person's token as well */
export async function deleteToken({ db, events }: Context, { person }: Caller, token: number): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    if (!(await revokeToken(transaction, person.id, token))) throw notFound('token');
    await events.publishRevoked(transaction, person.id);
    await audit(transaction, { action: 'token.delete', person: person.id, details: { token } });
  });
}
