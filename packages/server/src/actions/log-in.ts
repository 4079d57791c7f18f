import { CoreError } from '@labelwright/core/model/errors';
import type { Context } from '../context.ts';
import { isPassword } from '../security/passwords.ts';
import { tooMany } from '../security/throttle.ts';
import { audit } from '../stores/audit.ts';
import { findPersonByEmail, type PersonRow } from '../stores/people.ts';
import { endSession, openSession, type Session } from '../stores/sessions.ts';

export interface LogIn {
  readonly email: string;
  readonly password: string;
  /** Where the call comes from. */
  readonly address: string;
  /** The session that the browser had so far: it ends. */
  readonly before?: Buffer | undefined;
}

/** @throws CoreError 'bad-login', the same for a wrong password, an account that is not there and one that is disabled; 'too-many-requests' */
export async function logIn(
  context: Context,
  { email, password, address, before }: LogIn,
): Promise<{ person: PersonRow; session: Session }> {
  const { loginsOfAccount, loginsFromAddress } = context.entrance.limits;
  const account = email.toLowerCase();
  await throttled(context, email, address, loginsOfAccount.take(account));
  await throttled(context, email, address, loginsFromAddress.take(address));
  const person = await findPersonByEmail(context.db, email);
  const isRight = await isPassword(password, person?.password_hash);
  if (!person || !isRight || person.disabled_at !== null) {
    await audit(context.db, { action: 'login.failed', person: person?.id, details: { email, address } });
    throw new CoreError('bad-login', 'The email address or the password is wrong');
  }
  // Only failures count.
  loginsOfAccount.giveBack(account);
  loginsFromAddress.giveBack(address);
  const session = await context.db.transaction().execute(async (db) => {
    if (before) await endSession(db, before);
    const opened = await openSession(db, person.id);
    await audit(db, { action: 'login', person: person.id, details: { address } });
    return opened;
  });
  return { person, session };
}

async function throttled({ db, entrance }: Context, email: string, address: string, wait: number): Promise<void> {
  if (wait === 0) return;
  // One entry a minute and address, or the guesser would fill the log instead.
  if (entrance.limits.throttledEntries.take(address) === 0) await audit(db, { action: 'login.throttled', details: { email, address } });
  throw tooMany('failed logins', wait);
}
