import type { Person } from '@labelwright/contract/people';
import { type Selectable, sql } from 'kysely';
import type { Db } from '../context.ts';
import type { Tables } from '../database/tables.ts';

export type PersonRow = Selectable<Tables['people']>;

export interface NewPerson {
  readonly name: string;
  readonly email: string;
  readonly passwordHash: string | null;
  readonly admin: boolean;
}

export function presentPerson(row: PersonRow): Person {
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    admin: row.admin,
    disabled: row.disabled_at !== null,
    createdAt: row.created_at.toISOString(),
  };
}

export function allPeople(db: Db): Promise<PersonRow[]> {
  return db.selectFrom('people').selectAll().orderBy('name').orderBy('id').execute();
}

export function findPerson(db: Db, id: number): Promise<PersonRow | undefined> {
  return db.selectFrom('people').selectAll().where('id', '=', id).executeTakeFirst();
}

export function findPersonByEmail(db: Db, email: string): Promise<PersonRow | undefined> {
  return db.selectFrom('people').selectAll().where(sql`lower(email)`, '=', sql`lower(${email})`).executeTakeFirst();
}

export function addPerson(db: Db, { name, email, passwordHash, admin }: NewPerson): Promise<PersonRow> {
  return db.insertInto('people').values({ name, email, password_hash: passwordHash, admin }).returningAll().executeTakeFirstOrThrow();
}

export interface PersonChange {
  readonly name?: string | undefined;
  readonly email?: string | undefined;
  readonly passwordHash?: string | undefined;
  readonly admin?: boolean | undefined;
  readonly disabled?: boolean | undefined;
}

export function changePerson(db: Db, id: number, change: PersonChange): Promise<PersonRow> {
  const { name, email, passwordHash, admin, disabled } = change;
  return db
    .updateTable('people')
    .set({
      // So that no change at all is a statement as well.
      name: name ?? sql<string>`name`,
      ...(email !== undefined && { email }),
      ...(passwordHash !== undefined && { password_hash: passwordHash }),
      ...(admin !== undefined && { admin }),
      ...(disabled !== undefined && { disabled_at: disabled ? sql<Date>`coalesce(disabled_at, now())` : null }),
    })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Whether anybody can sign in at all: before that, a server is single-user or waits for its first account. */
export async function hasAccounts(db: Db): Promise<boolean> {
  const found = await db.selectFrom('people').select('id').where('password_hash', 'is not', null).limit(1).executeTakeFirst();
  return found !== undefined;
}

export async function hasOtherAdmin(db: Db, id: number): Promise<boolean> {
  const found = await db
    .selectFrom('people')
    .select('id')
    .where('admin', '=', true)
    .where('disabled_at', 'is', null)
    .where('password_hash', 'is not', null)
    .where('id', '<>', id)
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

/** The one user of a server without accounts, made at its first start. */
export async function ensureSingleUser(db: Db): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await lockPeople(transaction);
    const anybody = await transaction.selectFrom('people').select('id').limit(1).executeTakeFirst();
    if (!anybody) await addPerson(transaction, { name: 'You', email: 'you@localhost', passwordHash: null, admin: true });
  });
}

/** The one user of a server without accounts. */
export function findSingleUser(db: Db): Promise<PersonRow | undefined> {
  return db
    .selectFrom('people')
    .selectAll()
    .where('password_hash', 'is', null)
    .where((eb) => eb.not(eb.exists(eb.selectFrom('people as other').select('other.id').where('other.password_hash', 'is not', null))))
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
}

/** What changes who may come in happens one after the other: two first accounts, or the last two admins leaving at once. */
export async function lockPeople(db: Db): Promise<void> {
  await sql`lock table people in share row exclusive mode`.execute(db);
}
