import { type Kysely, sql } from 'kysely';

/** The product's tables. Items are immutable once imported; what people do to them is append-only (`answers`) with the present state kept beside it;
 *  what computed labelers say are chunked columns; what the aggregator believes are rows, one partition per run. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const identity = 'integer generated always as identity primary key';
const created = 'created_at timestamptz not null default now()';
const project = 'project_id integer not null references projects (id) on delete cascade';
const person = 'person_id integer not null references people (id)';

const statements = [
  `create table people (
    id ${identity}, name text not null, email text not null, password_hash text,
    admin boolean not null default false, disabled_at timestamptz, ${created})`,
  'create unique index people_email on people (lower(email))',
  `create table sessions (
    token_hash bytea primary key, ${person}, csrf text not null, ${created},
    last_seen_at timestamptz not null default now(), expires_at timestamptz not null)`,
  `create table tokens (
    id ${identity}, ${person}, name text not null, token_hash bytea not null unique, last_four text not null,
    scope text not null check (scope in ('read', 'write')), expires_at timestamptz not null, last_used_at timestamptz, revoked_at timestamptz, ${created})`,

  `create table projects (
    id ${identity}, name text not null, schema jsonb not null, settings jsonb not null, version integer not null default 1,
    items integer not null default 0, current_run integer, created_by integer not null references people (id), ${created}, archived_at timestamptz)`,
  `create table members (
    ${project}, person_id integer not null references people (id), role text not null check (role in ('owner', 'manager', 'reviewer', 'annotator', 'viewer')),
    primary key (project_id, person_id))`,

  `create table imports (
    id ${identity}, ${project}, ${person}, file_name text not null,
    state text not null default 'uploading' check (state in ('uploading', 'uploaded', 'queued', 'running', 'done', 'failed', 'cancelled')),
    size_bytes bigint not null, received_bytes bigint not null default 0, options jsonb not null default '{}',
    records bigint not null default 0, items integer not null default 0, duplicates integer not null default 0,
    problems integer not null default 0, first_problems jsonb not null default '[]', share real not null default 0, error text,
    heartbeat_at timestamptz, ${created})`,
  // records = records of the file that are dealt with, in the same transaction as the items that came of them: a killed import goes on there.

  `create table items (
    ${project}, ordinal integer not null, id text not null, fields jsonb not null, import_id integer references imports (id) on delete set null, ${created},
    primary key (project_id, ordinal))`,
  'create unique index items_id on items (project_id, id)',
  // Full-text search: 0004-runs.
  // Only items that people touched have a state: a submit locks this row.
  `create table item_states (
    ${project}, ordinal integer not null, question text not null, version integer not null default 0, answered integer not null default 0,
    flagged boolean not null default false, primary key (project_id, question, ordinal))`,
  'create index item_states_flagged on item_states (project_id, question) where flagged',

  `create table answers (
    action uuid primary key, ${project}, ordinal integer not null, question text not null, ${person},
    kind text not null check (kind in ('answer', 'skip', 'flag', 'retract')), labels jsonb, note text,
    base integer not null, version integer not null, seconds real not null default 0, retracts uuid, bulk uuid, ${created},
    unique (project_id, question, ordinal, version))`,
  'create index answers_person on answers (project_id, person_id, created_at desc)',
  'create index answers_bulk on answers (bulk) where bulk is not null',
  // What each person says at present; answers is the history.
  `create table current_answers (
    ${project}, question text not null, ordinal integer not null, ${person}, action uuid not null references answers (action),
    kind text not null, labels jsonb, ${created}, primary key (project_id, question, ordinal, person_id))`,
  'create index current_answers_person on current_answers (project_id, person_id)',
  `create table actions (
    action uuid primary key, ${person}, project_id integer, kind text not null, result jsonb not null, ${created})`,
  `create table leases (
    ${project}, question text not null, ordinal integer not null, ${person}, until timestamptz not null, reason text not null,
    primary key (project_id, question, ordinal, person_id))`,
  'create index leases_person on leases (project_id, person_id)',
  `create table comments (
    id ${identity}, ${project}, ordinal integer not null, ${person}, action uuid not null unique, text text not null, ${created})`,
  'create index comments_item on comments (project_id, ordinal)',

  `create table labelers (
    id ${identity}, ${project}, name text not null, use text not null, question text not null, options jsonb not null, version integer not null default 1,
    enabled boolean not null default true, cost_usd double precision not null default 0, statistics jsonb, updated_at timestamptz not null default now(), deleted_at timestamptz)`,
  'create unique index labelers_name on labelers (project_id, name) where deleted_at is null',
  `create table labeler_versions (
    labeler_id integer not null references labelers (id) on delete cascade, version integer not null, options jsonb not null, ${person}, ${created},
    primary key (labeler_id, version))`,
  // 65,536 items a chunk: u16 codes (0 abstained, 1 failed, 2 + index into answers), f32 confidences.
  `create table answer_chunks (
    labeler_id integer not null references labelers (id) on delete cascade, version integer not null, chunk integer not null, items integer not null,
    codes bytea not null, confidences bytea, answers jsonb not null, failures jsonb not null default '[]', primary key (labeler_id, version, chunk))`,

  `create table runs (
    id ${identity}, ${project}, number integer not null, ${person},
    state text not null default 'queued' check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
    phase text not null default '', done integer not null default 0, total integer not null default 0, items_per_second real not null default 0,
    labelers jsonb not null default '[]', results jsonb not null default '[]', only_labeler integer, error text, cancel_requested boolean not null default false,
    ${created}, started_at timestamptz, finished_at timestamptz, heartbeat_at timestamptz, unique (project_id, number))`,
  // One partition per run (estimates_<run id>), loaded whole, indexed, then attached; the last runs stay for comparison.
  `create table estimates (
    run_id integer not null, question text not null, ordinal integer not null, answer text[] not null, probability real not null, margin real not null,
    posterior real[] not null, decision smallint not null, votes smallint not null, disagreement boolean not null) partition by list (run_id)`,

  `create table exports (
    id ${identity}, ${project}, number integer not null, ${person}, state text not null default 'queued' check (state in ('queued', 'running', 'done', 'failed')),
    options jsonb not null, format text not null, file_name text, items integer not null default 0, size_bytes bigint, sha256 text, losses jsonb not null default '[]',
    card text, error text, ${created}, unique (project_id, number))`,
  // Each entry carries the hash of the one before: nothing can be taken out unseen.
  `create table audit (
    id bigint generated always as identity primary key, time timestamptz not null default now(), person_id integer, action text not null,
    project_id integer, details jsonb not null default '{}', hash bytea not null)`,
];
