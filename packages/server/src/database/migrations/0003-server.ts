import { type Kysely, sql } from 'kysely';

/** Entries of the audit log can be added, not changed; processes that work on jobs say that they live. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create function audit_is_append_only() returns trigger language plpgsql as $$
    begin raise exception 'audit: entries can be added, not changed' using errcode = 'insufficient_privilege'; end $$`,
  'create trigger audit_is_append_only before update or delete or truncate on audit for each statement execute function audit_is_append_only()',

  // The queue itself would leave a job with a killed process for four hours.
  'create table job_processes (name text primary key, seen_at timestamptz not null default now())',

  'create index sessions_person on sessions (person_id)',
  'create index tokens_person on tokens (person_id)',
  'create index members_person on members (person_id)',
  'create index audit_project on audit (project_id, id desc) where project_id is not null',
];
