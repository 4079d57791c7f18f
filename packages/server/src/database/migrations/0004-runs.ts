import { type Kysely, sql } from 'kysely';

/** What runs remember: what a column of answers depended on, what labelers learned, votes that came with a file, and a run's figures.
 *  And full-text search: `item_words(fields) @@ websearch_to_tsquery('simple', …)` uses the index. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // More than a megabyte of different words is no tsvector: of such an item the beginning is searched, instead of refusing it. One expression,
  // so that it costs nothing: PostgreSQL puts it in the place of the call.
  `create function item_words(fields jsonb) returns tsvector language sql immutable parallel safe return
    case when octet_length(fields::text) < 400000 then jsonb_to_tsvector('simple', fields, '["string"]')
    else to_tsvector('simple', left(fields::text, 200000)) end`,
  'drop index if exists items_search',
  'create index items_search on items using gin (item_words(fields))',

  // A column is used again as long as its fingerprint (technique, options, question, what items show) is the same.
  `alter table answer_chunks add column fingerprint text not null default '', add column seconds real not null default 0`,
  // One per fold, gzipped JSON: an item is answered, and its evidence explained, by the model that never saw it.
  `create table labeler_models (
    labeler_id integer not null references labelers (id) on delete cascade, version integer not null, fold smallint not null,
    fingerprint text not null, model bytea not null, primary key (labeler_id, version, fold))`,
  `create table imported_votes (
    labeler_id integer not null references labelers (id) on delete cascade, ordinal integer not null, labels jsonb not null, confidence real,
    primary key (labeler_id, ordinal))`,
  // Figures for screens and for the next run; results are what the API shows of them.
  `alter table runs add column details jsonb not null default '{}'`,
  'create index runs_project on runs (project_id, number desc)',
  'create index imports_project on imports (project_id, id desc)',
];
