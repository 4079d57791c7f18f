import type { Role } from '@labelwright/contract/common';
import type { Db } from '../context.ts';

/** What a person is in a project, in one question: undefined where there is no such project. */
export async function standingIn(
  db: Db,
  projectId: number,
  personId: number,
): Promise<{ role: Role | null; archived: boolean } | undefined> {
  const found = await db
    .selectFrom('projects')
    .leftJoin('members', (join) => join.onRef('members.project_id', '=', 'projects.id').on('members.person_id', '=', personId))
    .select(['members.role', 'projects.archived_at'])
    .where('projects.id', '=', projectId)
    .executeTakeFirst();
  return found && { role: found.role, archived: found.archived_at !== null };
}

export async function managesAnything(db: Db, personId: number): Promise<boolean> {
  const found = await db
    .selectFrom('members')
    .select('role')
    .where('person_id', '=', personId)
    .where('role', 'in', ['owner', 'manager'])
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

export function membersOf(db: Db, projectId: number) {
  return db
    .selectFrom('members')
    .innerJoin('people', 'people.id', 'members.person_id')
    .select(['people.id as person', 'people.name', 'members.role'])
    .where('project_id', '=', projectId)
    .orderBy('people.name')
    .execute();
}

/** The owners, kept from changing until the transaction ends. */
export async function lockOwners(db: Db, projectId: number): Promise<number[]> {
  await db.selectFrom('projects').select('id').where('id', '=', projectId).forUpdate().execute();
  const rows = await db.selectFrom('members').select('person_id').where('project_id', '=', projectId).where('role', '=', 'owner').execute();
  return rows.map(({ person_id }) => person_id);
}

export async function roleOf(db: Db, projectId: number, personId: number): Promise<Role | null> {
  const query = db.selectFrom('members').select('role').where('project_id', '=', projectId).where('person_id', '=', personId);
  return (await query.executeTakeFirst())?.role ?? null;
}

export async function setRole(db: Db, projectId: number, personId: number, role: Role | null): Promise<void> {
  if (role === null) {
    await db.deleteFrom('members').where('project_id', '=', projectId).where('person_id', '=', personId).execute();
    return;
  }
  await db
    .insertInto('members')
    .values({ project_id: projectId, person_id: personId, role })
    .onConflict((conflict) => conflict.columns(['project_id', 'person_id']).doUpdateSet({ role }))
    .execute();
}
