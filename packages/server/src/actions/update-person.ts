import { CoreError } from '@labelwright/core/model/errors';
import type { Caller, Context } from '../context.ts';
import { notFound } from '../errors.ts';
import { checkPassword, hashPassword } from '../security/passwords.ts';
import { audit } from '../stores/audit.ts';
import { changePerson, findPerson, hasOtherAdmin, lockPeople, type PersonRow } from '../stores/people.ts';
import { endSessions } from '../stores/sessions.ts';
import { revokeTokens } from '../stores/tokens.ts';

export interface UpdatePerson {
  readonly name?: string | undefined;
  readonly disabled?: boolean | undefined;
  readonly admin?: boolean | undefined;
  readonly password?: string | undefined;
}

/** Who is disabled or gets another password is out at once, by session and by token.
 *  @throws CoreError 'not-found', 'forbidden', 'last-admin', 'weak-password', 'single-user' */
export async function updatePerson(context: Context, caller: Caller, id: number, change: UpdatePerson): Promise<PersonRow> {
  const { name, disabled, admin, password } = change;
  const before = await findPerson(context.db, id);
  if (!before) throw notFound('person');
  if (caller.by.kind === 'single-user' && (disabled !== undefined || admin !== undefined || password !== undefined))
    throw new CoreError('single-user', 'This server has no accounts: the one who sits at it owns it');
  if (password !== undefined && id === caller.person.id)
    throw new CoreError('forbidden', 'Change your own password by naming the present one');
  if (password !== undefined) checkPassword(password, before);
  const passwordHash = password === undefined ? undefined : await hashPassword(password);
  return context.db.transaction().execute(async (db) => {
    await lockPeople(db);
    const losesAdmin = disabled === true || admin === false;
    if (losesAdmin && before.admin && !(await hasOtherAdmin(db, id))) {
      throw new CoreError('last-admin', 'There must be an administrator: make another one first');
    }
    const person = await changePerson(db, id, { name, disabled, admin, passwordHash });
    if (disabled === true || passwordHash !== undefined) {
      await endSessions(db, id);
      await revokeTokens(db, id);
    }
    if (disabled !== undefined || admin !== undefined || passwordHash !== undefined) await context.events.publishRevoked(db, id);
    await audit(db, {
      action: 'person.update',
      person: caller.person.id,
      details: {
        person: id,
        ...(name !== undefined && { name }),
        ...(disabled !== undefined && { disabled }),
        ...(admin !== undefined && { admin }),
        ...(password !== undefined && { password: 'changed' }),
      },
    });
    return person;
  });
}
