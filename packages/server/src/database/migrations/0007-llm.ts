import { type Kysely, sql } from 'kysely';

/** Language models: where they are reached, what they were asked, what they answered and what it cost. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const identity = 'integer generated always as identity primary key';
const created = 'created_at timestamptz not null default now()';
const project = 'project_id integer not null references projects (id) on delete cascade';
const labeler = 'labeler_id integer not null references labelers (id) on delete cascade';
const person = 'person_id integer not null references people (id)';
const count = (name: string) => `${name} bigint not null default 0`;
const usd = (name: string) => `${name} double precision not null default 0`;

const statements = [
  `create table connections (
    id ${identity}, ${project}, name text not null, provider text not null, base_url text, sealed_key text, key_last_four text,
    allow_private boolean not null default false, prices jsonb not null default '[]', concurrency integer not null default 32,
    calls_per_minute integer, version integer not null default 1, ${created}, updated_at timestamptz not null default now(),
    unique (project_id, name), check ((sealed_key is null) = (key_last_four is null)))`,

  `create table askings (
    id ${identity}, ${project}, ${labeler}, version integer not null, ${person},
    state text not null default 'queued' check (state in ('queued', 'running', 'paused', 'done', 'failed', 'cancelled')), reason text,
    done integer not null default 0, total integer not null default 0, cached integer not null default 0, failures jsonb not null default '{}',
    ${usd('settled_usd')}, ${usd('open_usd')}, budget_usd double precision, item_limit integer, then_run boolean not null default true,
    examples text, items_per_second double precision not null default 0, heartbeat_at timestamptz, ${created}, finished_at timestamptz)`,
  `create unique index askings_under_way on askings (labeler_id) where state in ('queued', 'running', 'paused')`,
  'create index askings_project on askings (project_id, id)',

  // The lock of a project's money: whoever reserves or settles holds this row.
  `create table llm_budgets (project_id integer primary key references projects (id) on delete cascade, budget_usd double precision)`,
  // labeler_id 0: trials, tests of connections, proposals.
  `create table llm_accounts (
    ${project}, labeler_id integer not null, budget_usd double precision, ${usd('settled_usd')}, ${usd('open_usd')}, ${count('calls')},
    ${count('answers')}, ${count('input_tokens')}, ${count('cached_tokens')}, ${count('output_tokens')}, primary key (project_id, labeler_id))`,
  `create table llm_calls (
    id uuid primary key, ${project}, labeler_id integer not null, asking_id integer references askings (id) on delete set null,
    highest_usd double precision not null, usd double precision, input_tokens bigint, cached_tokens bigint, output_tokens bigint, ${created},
    settled_at timestamptz, check ((usd is null) = (settled_at is null)))`,
  'create index llm_calls_open on llm_calls (project_id) where settled_at is null',
  'create index llm_calls_asking on llm_calls (asking_id)',

  // What was paid for, by what it depends on: the same question about the same text is not asked twice.
  `create table llm_replies (${project}, key text not null, answer jsonb not null, ${created}, primary key (project_id, key))`,
  `create table llm_answers (
    ${labeler}, version integer not null, ordinal integer not null, asking_id integer not null references askings (id) on delete cascade,
    labels jsonb, confidence double precision, failure text, key text not null, ${created}, primary key (labeler_id, version, ordinal),
    check (labels is null or failure is null))`,
];
