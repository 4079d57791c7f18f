import { CoreError } from '@labelwright/core/model/errors';
import type { Caller, Context } from '../context.ts';
import { checkPassword, hashPassword, isPassword } from '../security/passwords.ts';
import { tooMany } from '../security/throttle.ts';
import { audit } from '../stores/audit.ts';
import { changePerson, findPerson } from '../stores/people.ts';
import { endSessions } from '../stores/sessions.ts';
import { revokeTokens } from '../stores/tokens.ts';

/** All other sessions and all API tokens end: whoever changes a password may fear that another has it.
 *  @throws CoreError 'bad-login', 'single-user', 'weak-password', 'too-many-requests' */
export async function changePassword(
  context: Context,
  { person, by }: Caller,
  { current, next }: { current: string; next: string },
): Promise<void> {
  if (by.kind !== 'session') throw new CoreError('single-user', 'This server has no accounts yet, so there is no password to change');
  const { loginsOfAccount } = context.entrance.limits;
  const account = person.email.toLowerCase();
  const wait = loginsOfAccount.take(account);
  if (wait > 0) throw tooMany('wrong passwords', wait);
  const row = await findPerson(context.db, person.id);
  if (!(await isPassword(current, row?.password_hash))) {
    await audit(context.db, { action: 'password.failed', person: person.id });
    throw new CoreError('bad-login', 'The current password is wrong');
  }
  loginsOfAccount.giveBack(account);
  checkPassword(next, person);
  const passwordHash = await hashPassword(next);
  await context.db.transaction().execute(async (db) => {
    await changePerson(db, person.id, { passwordHash });
    await endSessions(db, person.id, by.hash);
    await revokeTokens(db, person.id);
    await context.events.publishRevoked(db, person.id);
    await audit(db, { action: 'password.change', person: person.id });
  });
}
