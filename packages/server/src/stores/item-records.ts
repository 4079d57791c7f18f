import type { Json } from '@labelwright/core/model/json';
import { isMade, madeField } from '@labelwright/core/model/made';
import { sql } from 'kysely';
import type { Db } from '../context.ts';
import type { AnswerKind } from './answers.ts';
import type { Asked } from './item-states.ts';

/** An item as it was imported. */
export interface ItemRecord {
  readonly ordinal: number;
  readonly id: string;
  readonly fields: Readonly<Record<string, Json>>;
}

export async function itemRecords(db: Db, project: number, ordinals: readonly number[]): Promise<ReadonlyMap<number, ItemRecord>> {
  const { rows } = await sql<ItemRecord>`
    select ordinal, id, fields from items where project_id = ${project} and ordinal = any(${ordinals})`.execute(db);
  return new Map(rows.map((row) => [row.ordinal, row]));
}

export async function itemExists(db: Db, project: number, ordinal: number): Promise<boolean> {
  const { rows } = await sql`select from items where project_id = ${project} and ordinal = ${ordinal}`.execute(db);
  return rows.length > 0;
}

export interface HistoryEntry {
  readonly action: string;
  readonly ordinal: number;
  readonly person: number;
  readonly name: string;
  readonly kind: AnswerKind | 'retract';
  readonly labels: readonly string[] | null;
  readonly note: string | null;
  readonly seconds: number;
  readonly created_at: Date;
  /** It is what the person says at present. */
  readonly present: boolean;
}

/** All that people ever said of these items, in order. */
export async function historyOf(db: Db, { project, question }: Asked, ordinals: readonly number[]): Promise<HistoryEntry[]> {
  const { rows } = await sql<HistoryEntry>`
    select a.action, a.ordinal, a.person_id as person, p.name, a.kind, a.labels, a.note, a.seconds, a.created_at,
      exists (select from current_answers c where c.project_id = a.project_id and c.question = a.question and c.ordinal = a.ordinal
        and c.person_id = a.person_id and c.action = a.action) as present
    from answers a join people p on p.id = a.person_id
    where a.project_id = ${project} and a.question = ${question} and a.ordinal = any(${ordinals})
    order by a.ordinal, a.version`.execute(db);
  return rows;
}

export async function versionsOf(db: Db, { project, question }: Asked, ordinals: readonly number[]): Promise<ReadonlyMap<number, number>> {
  const { rows } = await sql<{ ordinal: number; version: number }>`
    select ordinal, version from item_states where project_id = ${project} and question = ${question} and ordinal = any(${ordinals})`.execute(
    db,
  );
  return new Map(rows.map(({ ordinal, version }) => [ordinal, version]));
}

export interface Comment {
  readonly id: number;
  readonly ordinal: number;
  readonly person: string;
  readonly text: string;
  readonly created_at: Date;
}

export async function commentsOn(db: Db, project: number, ordinals: readonly number[]): Promise<Comment[]> {
  const { rows } = await sql<Comment>`
    select c.id, c.ordinal, p.name as person, c.text, c.created_at from comments c join people p on p.id = c.person_id
    where c.project_id = ${project} and c.ordinal = any(${ordinals}) order by c.id`.execute(db);
  return rows;
}

export async function posteriorsOf(
  db: Db,
  run: number,
  question: string,
  ordinals: readonly number[],
): Promise<ReadonlyMap<number, number[]>> {
  const { rows } = await sql<{ ordinal: number; posterior: number[] }>`
    select ordinal, posterior from estimates where run_id = ${run} and question = ${question} and ordinal = any(${ordinals})`.execute(db);
  return new Map(rows.map(({ ordinal, posterior }) => [ordinal, posterior]));
}

/** Items that were made, not found. Reads all items: for what happens now and then. */
export async function madeItems(db: Db, project: number): Promise<ReadonlySet<number>> {
  const { rows } = await sql<{ ordinal: number; fields: ItemRecord['fields'] }>`
    select ordinal, jsonb_build_object(${madeField}::text, fields -> ${madeField}) as fields from items
    where project_id = ${project} and fields ? ${madeField}`.execute(db);
  return new Set(rows.filter(isMade).map(({ ordinal }) => ordinal));
}

export async function ordinalIds(db: Db, project: number, ordinals: readonly number[]): Promise<ReadonlyMap<number, string>> {
  const { rows } = await sql<{ ordinal: number; id: string }>`
    select ordinal, id from items where project_id = ${project} and ordinal = any(${ordinals}::int[])`.execute(db);
  return new Map(rows.map(({ ordinal, id }) => [ordinal, id]));
}
