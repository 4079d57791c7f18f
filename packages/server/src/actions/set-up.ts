import { CoreError } from '@labelwright/core/model/errors';
import type { Context } from '../context.ts';
import { checkPassword, hashPassword } from '../security/passwords.ts';
import { audit } from '../stores/audit.ts';
import { addPerson, changePerson, findSingleUser, hasAccounts, lockPeople, type PersonRow } from '../stores/people.ts';
import { openSession, type Session } from '../stores/sessions.ts';

export interface SetUp {
  readonly key: string;
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

/** Makes the first account: an administrator, who is the single user of before where there was one, with all that they own.
 *  @throws CoreError 'bad-setup-key', 'set-up-already', 'weak-password' */
export async function setUp(context: Context, { key, name, email, password }: SetUp): Promise<{ person: PersonRow; session: Session }> {
  const { setupKey } = context.entrance;
  if (await hasAccounts(context.db)) throw setUpAlready();
  if (!setupKey.matches(key))
    throw new CoreError('bad-setup-key', 'The link is wrong, was used or has expired: start the server again for a new one');
  checkPassword(password, { name, email });
  const passwordHash = await hashPassword(password);
  const made = await context.db.transaction().execute(async (db) => {
    await lockPeople(db);
    if (await hasAccounts(db)) throw setUpAlready();
    const single = await findSingleUser(db);
    const person = single
      ? await changePerson(db, single.id, { name, email, passwordHash, admin: true })
      : await addPerson(db, { name, email, passwordHash, admin: true });
    const session = await openSession(db, person.id);
    await context.events.publishRevoked(db, person.id);
    await audit(db, { action: 'setup', person: person.id });
    return { person, session };
  });
  setupKey.use();
  return made;
}

function setUpAlready(): CoreError {
  return new CoreError('set-up-already', 'There is an account already: sign in');
}
