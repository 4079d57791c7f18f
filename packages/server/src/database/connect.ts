import { setTimeout as sleep } from 'node:timers/promises';
import { CoreError, reasonOf } from '@labelwright/core/model/errors';
import { Kysely, PostgresDialect } from 'kysely';
import { Client, type ClientConfig, Pool } from 'pg';
import { connectionFault, parseAddress, withoutPassword } from './connection-faults.ts';
import type { EmbeddedPostgres } from './embedded/start.ts';
import { preparing } from './prepared.ts';
import { valueTypes } from './value-types.ts';

export interface ConnectOptions {
  /** Shown in pg_stat_activity. */
  readonly name?: string;
  /** Connections at most. */
  readonly connections?: number;
  /** A request may take this long; a job that needs more says `set local statement_timeout`. */
  readonly statementTimeoutMs?: number;
  readonly lockTimeoutMs?: number;
  /** A transaction that forgot to end gives its locks back after this. */
  readonly idleInTransactionTimeoutMs?: number;
  readonly log?: (line: string) => void;
  /** For tests: a server that does not wait for the disk will do. */
  readonly unsafe?: boolean;
}

export interface Database<Tables> {
  readonly db: Kysely<Tables>;
  readonly pool: Pool;
  /** For connections of one's own: LISTEN, the job queue. */
  readonly connection: ClientConfig;
  readonly kind: 'embedded' | 'external';
  /** The address without its password. */
  readonly where: string;
  /** "18.4" */
  readonly version: string;
  close(): Promise<void>;
}

const oldestVersion = 15;
const startingMs = 30_000;

/** @param source an embedded server, or the address of a server (`postgres://user:password@host:5432/database`)
 *  @throws CoreError 'database-unreachable', 'database-version', 'database-unsafe', each saying what to do and never the password */
export async function connectDatabase<Tables>(source: EmbeddedPostgres | string, options: ConnectOptions = {}): Promise<Database<Tables>> {
  const log = options.log ?? (() => undefined);
  const isExternal = typeof source === 'string';
  const where = isExternal ? withoutPassword(source) : 'embedded';
  const connection: ClientConfig = {
    ...(isExternal ? { connectionString: checkUrl(source) } : source.connection),
    application_name: options.name ?? 'labelwright',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    types: valueTypes,
  };
  const version = await checkServer(connection, where, isExternal, options);
  const pool = new Pool({
    ...connection,
    max: options.connections ?? 10,
    idleTimeoutMillis: 30_000,
    // A backend keeps the catalogue of every table it met: a fresh one is small again.
    maxLifetimeSeconds: 1_800,
    allowExitOnIdle: true,
    statement_timeout: options.statementTimeoutMs ?? 30_000,
    lock_timeout: options.lockTimeoutMs ?? 10_000,
    idle_in_transaction_session_timeout: options.idleInTransactionTimeoutMs ?? 60_000,
  });
  // Without a listener, a connection that ends while a transaction holds it would end the process.
  const prepare = isExternal ? undefined : preparing();
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
    prepare?.(client);
  });
  pool.on('error', (error) => log(`database: a connection ended: ${reasonOf(error)}`));
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  return { db, pool, connection, kind: isExternal ? 'external' : 'embedded', where, version, close: () => db.destroy() };
}

/** @throws CoreError 'database-unreachable' */
function checkUrl(url: string): string {
  if (parseAddress(url)) return url;
  const text =
    'database: the address must look like postgres://user:password@host:5432/database (special characters of the password as %40 and so on)';
  throw new CoreError('database-unreachable', text);
}

async function checkServer(connection: ClientConfig, where: string, isExternal: boolean, { log, unsafe }: ConnectOptions): Promise<string> {
  const client = await firstConnection(connection, where);
  try {
    const found = (await client.query<Server>(serverQuery)).rows[0];
    const fault = faultOf(found);
    if (fault && !unsafe) throw new CoreError(fault.code, `database ${where}: ${fault.text}`);
    // Right on ZFS and Aurora, which never tear a page.
    if (isExternal && found.pages === 'off')
      log?.(`database ${where}: full_page_writes is off: a power cut may tear pages, unless the storage prevents it`);
    return found.version.split(' ')[0];
  } finally {
    await client.end();
  }
}

/** A server that is still starting is waited for. */
async function firstConnection(connection: ClientConfig, where: string): Promise<Client> {
  for (const end = Date.now() + startingMs; ; await sleep(250)) {
    let client: Client | undefined;
    try {
      client = new Client(connection);
      client.on('error', () => undefined);
      await client.connect();
      return client;
    } catch (error) {
      await client?.end().catch(() => undefined);
      const fault = connectionFault(error, where);
      if (fault.details.reason !== '57P03' || Date.now() > end) throw fault;
    }
  }
}

/** What a server says of itself. */
export interface Server {
  version: string;
  number: number;
  encoding: string;
  fsync: string;
  commit: string;
  pages: string;
  replica: boolean;
}

const serverQuery = `select current_setting('server_version') as version, current_setting('server_version_num')::int as number,
  current_setting('server_encoding') as encoding, current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
  current_setting('full_page_writes') as pages, pg_is_in_recovery() as replica`;

export function faultOf({ version, number, encoding, fsync, commit, replica }: Server): { code: string; text: string } | undefined {
  if (number < oldestVersion * 10_000)
    return { code: 'database-version', text: `it is PostgreSQL ${version}, Labelwright needs ${oldestVersion} or newer` };
  if (replica) return { code: 'database-unsafe', text: 'it is a read-only replica: give the address of the primary' };
  if (encoding !== 'UTF8') return { code: 'database-unsafe', text: `its encoding is ${encoding}: create one with encoding UTF8` };
  if (fsync === 'off') return { code: 'database-unsafe', text: 'fsync is off: a power cut would lose labels: set fsync = on' };
  if (commit === 'off')
    return {
      code: 'database-unsafe',
      text: 'synchronous_commit is off: a crash would lose acknowledged labels: set synchronous_commit = on',
    };
  return undefined;
}
