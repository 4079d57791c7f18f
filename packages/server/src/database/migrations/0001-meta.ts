import { type Kysely, sql } from 'kysely';

/** What the database says of itself: `instance`, an id of its own; `schema`, the Labelwright that last opened it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table meta (key text primary key, value jsonb not null, updated_at timestamptz not null default now())`.execute(db);
  await sql`insert into meta (key, value) values ('instance', to_jsonb(gen_random_uuid()))`.execute(db);
}
