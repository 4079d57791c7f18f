import { type Kysely, sql } from 'kysely';

/** What submitting, undoing and the queue need to find at once. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // Each server keeps a copy of these in memory: what was committed since its last look is found by the transaction that did it.
  'alter table item_states add column changed xid8 not null default pg_current_xact_id()',
  'create index item_states_changed on item_states (project_id, question, changed)',

  // How many people were to answer the item when this was said; null where somebody who may review said it beyond that number, knowingly.
  'alter table answers add column overlap smallint',
  'create index answers_retracts on answers (retracts) where retracts is not null',
  'alter table current_answers add column version integer not null default 0',

  // Whoever leaves gives back what was reserved.
  `create function leases_end_with_person() returns trigger language plpgsql as $$
    begin delete from leases where person_id = new.id; return null; end $$`,
  `create trigger leases_end_with_person after update of disabled_at on people for each row
    when (new.disabled_at is not null) execute function leases_end_with_person()`,
  `create function leases_end_with_membership() returns trigger language plpgsql as $$
    begin delete from leases where person_id = old.person_id and project_id = old.project_id; return null; end $$`,
  `create trigger leases_end_with_membership after delete or update on members for each row
    when (pg_trigger_depth() = 0) execute function leases_end_with_membership()`,

  // With the ordinal in it, the order by id is read from the index alone.
  'drop index items_id',
  'create unique index items_id on items (project_id, id) include (ordinal)',

  // Compressed, one item's code would cost the unpacking of all 65,536.
  'alter table answer_chunks alter column codes set storage external, alter column confidences set storage external',
];
