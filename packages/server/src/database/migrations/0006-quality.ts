import { type Kysely, sql } from 'kysely';

/** Audits by people, what they prove, and gold that is set by hand. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const identity = 'integer generated always as identity primary key';
const created = 'created_at timestamptz not null default now()';
const project = 'project_id integer not null references projects (id) on delete cascade';
const person = 'person_id integer not null references people (id)';
const run = 'run_id integer not null references runs (id) on delete cascade';

const statements = [
  // held_run: the last run that left the accepted labels as they were when the sample was drawn.
  `create table audits (
    id ${identity}, ${project}, number integer not null, question text not null, ${run},
    held_run integer not null references runs (id) on delete cascade, ${person},
    state text not null default 'open' check (state in ('open', 'certified', 'not-certified', 'void', 'cancelled')), reason text,
    target_error double precision not null, confidence double precision not null, planned_looks smallint, looks_before smallint not null default 0,
    seed integer not null, pool integer not null, drawn integer not null, looked integer not null default 0, looks jsonb not null default '[]',
    ${created}, closed_at timestamptz, unique (project_id, number))`,
  `create unique index audits_open on audits (project_id, question) where state = 'open'`,
  // Labels and probabilities are frozen before the draw: nothing that happens later moves a threshold.
  `create table audit_pools (
    audit_id integer primary key references audits (id) on delete cascade, ordinals bytea not null, probabilities bytea not null)`,
  `create table audit_items (
    audit_id integer not null references audits (id) on delete cascade, place integer not null, ordinal integer not null, labels text[] not null,
    probability real not null, action uuid references answers (action), outcome text check (outcome in ('right', 'wrong', 'unclear')),
    answered_at timestamptz, primary key (audit_id, place), unique (audit_id, ordinal), check ((action is null) = (outcome is null)))`,
  'create index audit_items_action on audit_items (action) where action is not null',
  'alter table answers add column audit_id integer references audits (id)',

  `create table certificates (
    id ${identity}, ${project}, audit_id integer not null references audits (id) on delete cascade, ${run}, question text not null,
    state text not null default 'valid' check (state in ('valid', 'void')), reason text, text text not null, pool integer not null,
    accepted integer not null, threshold double precision not null, audited integer not null, wrong integer not null, bound double precision not null,
    confidence double precision not null, look smallint not null, risk_spent double precision not null, method text not null, seed integer not null,
    ${created}, voided_at timestamptz)`,
  `create unique index certificates_valid on certificates (project_id, question) where state = 'valid'`,

  `create table gold_answers (
    ${project}, question text not null, ordinal integer not null, labels jsonb, ${person}, ${created},
    primary key (project_id, question, ordinal))`,
  `create table held_out (
    ${run}, question text not null, ordinal integer not null, posterior real[] not null, primary key (run_id, question, ordinal))`,
];
