import type { Caller, Context } from '../context.ts';
import { audit } from '../stores/audit.ts';
import { endSession } from '../stores/sessions.ts';

export async function logOut({ db, events }: Context, { person, by }: Caller): Promise<void> {
  if (by.kind !== 'session') return;
  await db.transaction().execute(async (transaction) => {
    await endSession(transaction, by.hash);
    await events.publishRevoked(transaction, person.id);
    await audit(transaction, { action: 'logout', person: person.id });
  });
}
