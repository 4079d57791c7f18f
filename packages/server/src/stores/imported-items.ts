import type { Entry } from '@labelwright/core/formats/format';
import { sql } from 'kysely';
import type { ClientBase } from 'pg';
import type { Db } from '../context.ts';
import { copyRows } from '../database/copy.ts';

/** Ordinals are dense: whoever adds items to a project is alone in it until the transaction ends. */
const lockClass = 7_610_445;

export async function tryLockItems(client: ClientBase, project: number): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_xact_lock($1, $2) as locked', [lockClass, project]);
  return rows[0].locked;
}

/** Waits for whoever adds items. Until the transaction ends. */
export async function lockItems(db: Db, project: number): Promise<void> {
  await sql`select pg_advisory_xact_lock(${sql.lit(lockClass)}, ${project})`.execute(db);
}

export interface Appended {
  /** Ordinal of each entry; undefined for those whose id was there already. */
  readonly ordinals: readonly (number | undefined)[];
  readonly added: number;
}

/** Adds entries behind the items of a project. What is there already stays as it is. In a transaction that holds the lock. */
export async function appendItems(client: ClientBase, project: number, importId: number, entries: readonly Entry[]): Promise<Appended> {
  const known = await client.query<{ id: string }>('select id from items where project_id = $1 and id = any($2)', [
    project,
    entries.map(({ id }) => id),
  ]);
  const counted = await client.query<{ items: number }>('select items from projects where id = $1', [project]);
  const taken = new Set(known.rows.map(({ id }) => id));
  const first = counted.rows[0].items;
  let next = first;
  const ordinals = entries.map(({ id }) => {
    if (taken.has(id)) return undefined;
    taken.add(id);
    return next++;
  });
  function* rows() {
    for (let at = 0; at < entries.length; at++) {
      const ordinal = ordinals[at];
      if (ordinal !== undefined) yield [project, ordinal, entries[at].id, JSON.stringify(entries[at].fields), importId] as const;
    }
  }
  if (next > first) {
    await copyRows(client, 'items (project_id, ordinal, id, fields, import_id)', rows());
    await client.query('update projects set items = $2 where id = $1', [project, next]);
  }
  return { ordinals, added: next - first };
}

/** Puts the words of new items into the search index, which are searched one by one until then. Beside other work; one at a time. */
export async function tidySearch(db: Db): Promise<void> {
  await sql`select gin_clean_pending_list(indexrelid::regclass) from pg_index
    where indexrelid = to_regclass('items_search') and indisvalid`.execute(db);
}

/** The file of an import under another name, imported into this project before: its ids by position are then the same. */
export async function positionPrefixOf(db: Db, project: number, importId: number, sha256: string): Promise<string> {
  const { rows } = await sql<{ prefix: string; same: boolean }>`
    select options ->> 'positionPrefix' as prefix, options ->> 'sha256' = ${sha256} as same from imports
    where project_id = ${project} and id <> ${importId} and options ? 'positionPrefix' and records > 0 order by id`.execute(db);
  const same = rows.find((row) => row.same);
  if (same) return same.prefix;
  return rows.some(({ prefix }) => prefix === '') ? `${sha256.slice(0, 8)}:` : '';
}
