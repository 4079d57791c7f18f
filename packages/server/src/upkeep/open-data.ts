import { readFile } from 'node:fs/promises';
import { databaseUrl, openDatabase } from '../database/open.ts';
import type { Database } from '../database/connect.ts';
import type { Tables } from '../database/tables.ts';
import { CoreError } from '@labelwright/core/model/errors';
import { access } from 'node:fs/promises';
import { join } from 'node:path';

/** Where a command finds the data: the directory of `serve`, and its database where that is another one. */
export interface DataPlace {
  readonly dataDirectory: string;
  readonly database?: string | undefined;
}

/** The database of a command: that of a server that runs, or started for as long as the command takes.
 *  @throws CoreError 'no-file' where nothing was ever kept there */
export async function openData({ dataDirectory, database }: DataPlace, { mayBeNew = false } = {}): Promise<Database<Tables>> {
  const url = databaseUrl(database);
  if (url === undefined && !mayBeNew && !(await exists(join(dataDirectory, 'database'))))
    throw new CoreError('no-file', `${dataDirectory}: there is no Labelwright data; name its directory by --data`);
  return openDatabase<Tables>({
    dataDirectory,
    url,
    attach: true,
    appVersion: await ownVersion(),
    name: 'labelwright command',
    connections: 4,
    statementTimeoutMs: 0,
    idleInTransactionTimeoutMs: 0,
  });
}

export async function ownVersion(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
