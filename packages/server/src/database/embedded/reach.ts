import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CoreError } from '@labelwright/core/model/errors';
import { Client, type ClientConfig } from 'pg';
import { role } from './cluster.ts';
import { type Endpoint, hostOf } from './endpoint.ts';

/** `absent`: nobody listens. `not-ready`: it is starting, replaying its log or stopping. */
export type Reached = Client | 'absent' | 'not-ready';

/** Everything is said here: the environment (PGHOST, PGOPTIONS, PGSSLMODE …) is about other servers. */
export function connectionTo(endpoint: Endpoint, password: string, database: string): ClientConfig {
  return { host: hostOf(endpoint), port: endpoint.port, user: role, password, database, ssl: false, options: '-c search_path=public' };
}

const absent = new Set(['ECONNREFUSED', 'ENOENT', 'ENOTSOCK']);
const passing = new Set(['57P03', '57P01', '57P02', 'ECONNRESET', 'EPIPE']);

/** A connection for us alone, to the maintenance database of the server of this very cluster.
 *  @throws CoreError 'database-password', 'database-port' */
export async function reach(endpoint: Endpoint, password: string, cluster: string): Promise<Reached> {
  const client = new Client({
    ...connectionTo(endpoint, password, 'postgres'),
    application_name: `labelwright owner, process ${process.pid}`,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (cause) {
    await client.end().catch(() => undefined);
    const { code = '', message } = cause as NodeJS.ErrnoException;
    if (absent.has(code)) return 'absent';
    if (passing.has(code) || message.includes('terminated') || message.includes('timeout')) return 'not-ready';
    if (code !== '28P01') throw cause;
    const text = `database ${cluster}: PostgreSQL refused the password in labelwright.password: stop Labelwright, remove that file and start again`;
    throw new CoreError('database-password', text, {}, { cause });
  }
  const served = await client.query<{ id: string }>('select system_identifier::text as id from pg_control_system()');
  if (served.rows[0].id === (await identifierOf(cluster))) return client;
  await client.end();
  throw new CoreError(
    'database-port',
    `database ${cluster}: another PostgreSQL server listens at ${hostOf(endpoint)}:${endpoint.port}: stop it`,
  );
}

/** The first eight bytes of the control file, in the byte order of every machine we run on. */
async function identifierOf(cluster: string): Promise<string> {
  return (await readFile(join(cluster, 'global', 'pg_control'))).readBigUInt64LE(0).toString();
}
