import type { Caller, Context } from '../context.ts';
import { audit } from '../stores/audit.ts';
import { makeToken, type NewToken } from '../stores/tokens.ts';

/** @returns the token, which is shown this once */
export function createToken(
  { db }: Context,
  { person }: Caller,
  given: Omit<NewToken, 'personId'>,
): Promise<{ id: number; token: string }> {
  return db.transaction().execute(async (transaction) => {
    const made = await makeToken(transaction, { ...given, personId: person.id });
    await audit(transaction, {
      action: 'token.create',
      person: person.id,
      details: { token: made.id, name: given.name, scope: given.scope, days: given.days },
    });
    return made;
  });
}
