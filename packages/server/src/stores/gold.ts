import type { Settings } from '@labelwright/contract/projects';
import type { LabelId } from '@labelwright/core/model/ids';
import type { Question } from '@labelwright/core/model/schema';
import { goldLabels } from '@labelwright/engine/runs/read-gold';
import { sql } from 'kysely';
import type { Pool } from 'pg';
import type { Db } from '../context.ts';
import type { ItemRecord } from './item-records.ts';
import type { Asked } from './item-states.ts';

const pageItems = 20_000;

/** Trusted answers by ordinal, which only score: from the gold field, which belongs to the project's first question, and those that people set,
 *  which win over it. Values that are no label are left out. */
export async function loadGold(
  pool: Pool,
  project: number,
  settings: Pick<Settings, 'goldField' | 'goldLabels'>,
  question: Question,
  ordinals: { readonly below: number } | Int32Array,
): Promise<Map<number, readonly LabelId[]>> {
  const gold = await fieldGold(pool, project, settings, question, ordinals);
  const isWanted = ordinals instanceof Int32Array ? 'ordinal = any($3)' : 'ordinal < $3';
  const { rows } = await pool.query<{ ordinal: number; labels: LabelId[] | null }>(
    `select ordinal, labels from gold_answers where project_id = $1 and question = $2 and ${isWanted} order by ordinal`,
    [project, question.id, ordinals instanceof Int32Array ? [...ordinals] : ordinals.below],
  );
  const known = new Set(question.labels.map(({ id }) => id));
  for (const { ordinal, labels } of rows) {
    if (labels === null) gold.delete(ordinal);
    else if (labels.every((label) => known.has(label)) && (question.multiple || labels.length === 1)) gold.set(ordinal, labels);
  }
  return gold;
}

/** Of the gold field alone. */
export async function fieldGold(
  pool: Pool,
  project: number,
  { goldField, goldLabels: mapping }: Pick<Settings, 'goldField' | 'goldLabels'>,
  question: Question,
  ordinals: { readonly below: number } | Int32Array,
): Promise<Map<number, readonly LabelId[]>> {
  const gold = new Map<number, readonly LabelId[]>();
  if (goldField === undefined) return gold;
  const known = new Set<string>(question.labels.map(({ id }) => id));
  const take = (rows: readonly { ordinal: number; value: unknown }[]) => {
    for (const { ordinal, value } of rows) {
      const read = goldLabels(value, known, mapping);
      if (read && 'labels' in read && (question.multiple || read.labels.length === 1)) gold.set(ordinal, read.labels);
    }
  };
  const select = 'select ordinal, fields -> $2 as value from items where project_id = $1 and fields ? $2';
  if (ordinals instanceof Int32Array) {
    take(
      (await pool.query<{ ordinal: number; value: unknown }>(`${select} and ordinal = any($3)`, [project, goldField, [...ordinals]])).rows,
    );
    return gold;
  }
  for (let first = 0; first < ordinals.below; first += pageItems) {
    const until = Math.min(ordinals.below, first + pageItems);
    const { rows } = await pool.query<{ ordinal: number; value: unknown }>(`${select} and ordinal >= $3 and ordinal < $4`, [
      project,
      goldField,
      first,
      until,
    ]);
    take(rows);
  }
  return gold;
}

export interface SetGold {
  readonly ordinal: number;
  /** Null: no gold, whatever the field says. */
  readonly labels: readonly string[] | null;
}

/** Trusted labels by hand; what was set before is replaced. */
export async function storeGold(db: Db, { project, question }: Asked, person: number, given: readonly SetGold[]): Promise<void> {
  await sql`
    insert into gold_answers (project_id, question, ordinal, labels, person_id)
    select ${project}::int, ${question}, (g ->> 'ordinal')::int, nullif(g -> 'labels', 'null'::jsonb), ${person}::int
    from jsonb_array_elements(${JSON.stringify(given)}::jsonb) as g
    on conflict (project_id, question, ordinal) do update set labels = excluded.labels, person_id = excluded.person_id, created_at = now()`.execute(
    db,
  );
}

/** @returns whether something had been set */
export async function removeGold(db: Db, { project, question }: Asked, ordinal: number): Promise<boolean> {
  const { numAffectedRows } = await sql`
    delete from gold_answers where project_id = ${project} and question = ${question} and ordinal = ${ordinal}`.execute(db);
  return numAffectedRows === 1n;
}

export interface GoldEntry extends ItemRecord {
  readonly labels: readonly string[] | null;
  readonly person: string;
  readonly created_at: Date;
}

/** What people set, newest first. */
export async function goldEntries(
  db: Db,
  { project, question }: Asked,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<{ rows: GoldEntry[]; total: number }> {
  const { rows } = await sql<GoldEntry & { total: number }>`
    select g.ordinal, i.id, i.fields, g.labels, p.name as person, g.created_at, g.total from (
      select *, count(*) over ()::int as total from gold_answers where project_id = ${project} and question = ${question}
      order by created_at desc, ordinal limit ${limit} offset ${offset}) g
    join items i on i.project_id = g.project_id and i.ordinal = g.ordinal join people p on p.id = g.person_id
    order by g.created_at desc, g.ordinal`.execute(db);
  return { rows, total: rows[0]?.total ?? 0 };
}

/** Changes with everything that is set or taken away. */
export async function goldRevision(db: Db, { project, question }: Asked): Promise<string> {
  const { rows } = await sql<{ revision: string }>`
    select count(*) || ' ' || coalesce(max(created_at)::text, '') as revision from gold_answers
    where project_id = ${project} and question = ${question}`.execute(db);
  return rows[0].revision;
}

export async function ordinalsOfIds(db: Db, project: number, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ id: string; ordinal: number }>`
    select id, ordinal from items where project_id = ${project} and id = any(${ids}::text[])`.execute(db);
  return new Map(rows.map(({ id, ordinal }) => [id, ordinal]));
}
