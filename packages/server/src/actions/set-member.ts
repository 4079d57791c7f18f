import type { Role } from '@labelwright/contract/common';
import { CoreError } from '@labelwright/core/model/errors';
import type { Context, Member } from '../context.ts';
import { notFound } from '../errors.ts';
import { audit } from '../stores/audit.ts';
import { lockOwners, roleOf, setRole } from '../stores/members.ts';
import { findPerson } from '../stores/people.ts';

export interface SetMember {
  readonly project: number;
  readonly person: number;
  /** Null: none any more. */
  readonly role: Role | null;
}

/** Managers say who reviews, annotates and views; who manages and owns is the owners' word.
 *  @throws CoreError 'not-found', 'forbidden', 'last-owner' */
export async function setMember({ db, events }: Context, caller: Member, { project, person, role }: SetMember): Promise<void> {
  if (!(await findPerson(db, person))) throw notFound('person');
  await db.transaction().execute(async (transaction) => {
    const owners = await lockOwners(transaction, project);
    const before = await roleOf(transaction, project, person);
    if (caller.role !== 'owner' && [before, role].some((one) => one === 'owner' || one === 'manager'))
      throw new CoreError('forbidden', "Only a project's owner may say who owns and who manages it");
    if (role !== 'owner' && owners.length === 1 && owners[0] === person)
      throw new CoreError('last-owner', 'A project must have an owner: make another one first');
    if (role === before) return;
    await setRole(transaction, project, person, role);
    await events.publishRevoked(transaction, person);
    await events.publish(transaction, project, { kind: 'project' });
    await audit(transaction, { action: 'member.set', person: caller.person.id, project, details: { person, before, role } });
  });
}
