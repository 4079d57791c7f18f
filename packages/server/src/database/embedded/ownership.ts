import { setTimeout as sleep } from 'node:timers/promises';
import { CoreError } from '@labelwright/core/model/errors';
import type { Client } from 'pg';

/** The owner of an embedded server is the process whose connection holds this lock: taken by one at most, gone with the process. */
const lockKey = 7_610_442;
/** A killed owner's connection takes a moment to be noticed. */
const patienceMs = 2_000;

export async function tryOwn(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [lockKey]);
  return rows[0].got;
}

/** @throws CoreError 'database-in-use' naming the process that owns it */
export async function ownOrRefuse(client: Client, dataDirectory: string): Promise<void> {
  for (const end = Date.now() + patienceMs; ; await sleep(50)) {
    if (await tryOwn(client)) return;
    if (Date.now() > end) break;
  }
  const { rows } = await client.query<{ name: string; since: string }>(
    `select application_name as name, to_char(backend_start, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since
       from pg_locks join pg_stat_activity using (pid) where locktype = 'advisory' and objid = $1 and granted`,
    [lockKey],
  );
  const holder = rows[0] ? `${rows[0].name}, since ${rows[0].since}` : 'another process';
  throw new CoreError(
    'database-in-use',
    `database ${dataDirectory}: it is in use (${holder}): stop that one first, or choose another data folder`,
    {
      holder,
    },
  );
}
