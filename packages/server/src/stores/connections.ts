import type { Connection, ModelPrices } from '@labelwright/contract/llm';
import { type Selectable, sql } from 'kysely';
import type { Db } from '../context.ts';
import type { Tables } from '../database/tables.ts';

export type ConnectionRow = Selectable<Tables['connections']>;

/** All that leaves the server: never the key, sealed or not. */
export function presentConnection(row: ConnectionRow, usedBy: readonly string[]): Connection {
  return {
    id: row.id,
    name: row.name,
    provider: row.provider,
    baseUrl: row.base_url,
    allowPrivate: row.allow_private,
    prices: row.prices,
    concurrency: row.concurrency,
    callsPerMinute: row.calls_per_minute,
    keyLastFour: row.key_last_four,
    usedBy: [...usedBy],
    version: row.version,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}

/** In the order they were made. */
export function connectionsOf(db: Db, project: number): Promise<ConnectionRow[]> {
  return db.selectFrom('connections').selectAll().where('project_id', '=', project).orderBy('id').execute();
}

export function findConnection(db: Db, project: number, id: number): Promise<ConnectionRow | undefined> {
  return db.selectFrom('connections').selectAll().where('project_id', '=', project).where('id', '=', id).executeTakeFirst();
}

export function connectionNamed(db: Db, project: number, name: string): Promise<ConnectionRow | undefined> {
  return db.selectFrom('connections').selectAll().where('project_id', '=', project).where('name', '=', name).executeTakeFirst();
}

/** Kept from changing until the transaction ends. */
export function lockConnection(db: Db, project: number, id: number): Promise<ConnectionRow | undefined> {
  return db.selectFrom('connections').selectAll().where('project_id', '=', project).where('id', '=', id).forUpdate().executeTakeFirst();
}

/** Names of the labelers that ask through a connection of that name. */
export async function usersOf(db: Db, project: number, name: string): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select name from labelers where project_id = ${project} and deleted_at is null and options ->> 'connection' = ${name} order by id`.execute(
    db,
  );
  return rows.map((row) => row.name);
}

export interface ConnectionFields {
  readonly name: string;
  readonly provider: ConnectionRow['provider'];
  readonly baseUrl: string | null;
  readonly allowPrivate: boolean;
  readonly prices: readonly ModelPrices[];
  readonly concurrency: number;
  readonly callsPerMinute: number | null;
}

export function addConnection(db: Db, project: number, fields: ConnectionFields): Promise<ConnectionRow> {
  return db
    .insertInto('connections')
    .values({ project_id: project, ...columnsOf(fields) })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export interface SealedKey {
  readonly sealed_key: string;
  readonly key_last_four: string;
}

/** @param key null takes it away; undefined leaves it */
export function changeConnection(
  db: Db,
  id: number,
  fields: ConnectionFields,
  key: SealedKey | null | undefined,
  isNew = false,
): Promise<ConnectionRow> {
  return db
    .updateTable('connections')
    .set({
      ...columnsOf(fields),
      ...(key !== undefined && (key ?? { sealed_key: null, key_last_four: null })),
      ...(!isNew && { version: sql<number>`version + 1`, updated_at: sql<Date>`now()` }),
    })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

function columnsOf({ name, provider, baseUrl, allowPrivate, prices, concurrency, callsPerMinute }: ConnectionFields) {
  return {
    name,
    provider,
    base_url: baseUrl,
    allow_private: allowPrivate,
    prices: JSON.stringify(prices),
    concurrency,
    calls_per_minute: callsPerMinute,
  };
}
