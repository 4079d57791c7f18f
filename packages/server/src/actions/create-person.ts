import { CoreError } from '@labelwright/core/model/errors';
import type { Caller, Context } from '../context.ts';
import { checkPassword, hashPassword } from '../security/passwords.ts';
import { audit } from '../stores/audit.ts';
import { addPerson, findPersonByEmail, type PersonRow } from '../stores/people.ts';

export interface CreatePerson {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly admin: boolean;
}

/** @throws CoreError 'single-user', 'weak-password', 'name-taken' */
export async function createPerson({ db }: Context, caller: Caller, given: CreatePerson): Promise<PersonRow> {
  if (caller.by.kind === 'single-user') {
    // With a second person who can sign in, the first one, who has no password, would be locked out.
    throw new CoreError('single-user', 'Start the server with --accounts and make your own account first');
  }
  checkPassword(given.password, given);
  if (await findPersonByEmail(db, given.email)) throw new CoreError('name-taken', 'There is an account with this email address');
  const passwordHash = await hashPassword(given.password);
  return db.transaction().execute(async (transaction) => {
    const person = await addPerson(transaction, { name: given.name, email: given.email, passwordHash, admin: given.admin });
    await audit(transaction, {
      action: 'person.create',
      person: caller.person.id,
      details: { person: person.id, admin: person.admin },
    });
    return person;
  });
}
