import { Kysely, PostgresDialect } from 'kysely';
import { type ClientBase, type ClientConfig, Pool } from 'pg';
import type { Db } from '../context.ts';
import type { Tables } from '../database/tables.ts';
import { valueTypes } from '../database/value-types.ts';

/** Where the database is, as data that can travel to a thread. */
export type Whereabouts = Omit<ClientConfig, 'types'>;

export function whereaboutsOf(connection: ClientConfig): Whereabouts {
  const where = { ...connection };
  delete where.types;
  return where;
}

export interface ThreadDatabase {
  readonly db: Db;
  readonly pool: Pool;
  close(): Promise<void>;
}

/** The same by Kysely on a connection that somebody else opened, and will close: within their transaction. */
export function databaseOn(client: ClientBase): Db {
  const connection = { query: client.query.bind(client) as never, release: () => undefined };
  const pool = { connect: () => Promise.resolve(connection), end: () => Promise.resolve() };
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}

/** Connections of a thread's own, for statements that take their time. */
export function openThreadDatabase(where: Whereabouts, name: string): ThreadDatabase {
  const pool = new Pool({
    ...where,
    types: valueTypes,
    application_name: name,
    max: 3,
    statement_timeout: 0,
    lock_timeout: 30_000,
    idle_in_transaction_session_timeout: 0,
    // Not told of every word that is too long to be searched. New words wait outside of the search index until `tidySearch`: put in one after the
    // other they would take ten times as long.
    options: '-c client_min_messages=warning -c gin_pending_list_limit=2000MB',
  });
  pool.on('connect', (client) => client.on('error', () => undefined));
  pool.on('error', () => undefined);
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  return { db, pool, close: () => db.destroy() };
}
