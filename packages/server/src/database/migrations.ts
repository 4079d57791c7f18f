import { CoreError, reasonOf } from '@labelwright/core/model/errors';
import { type Kysely, type Migration, Migrator, sql } from 'kysely';
import * as meta from './migrations/0001-meta.ts';
import * as product from './migrations/0002-product.ts';
import * as server from './migrations/0003-server.ts';
import * as runs from './migrations/0004-runs.ts';
import * as answers from './migrations/0005-answers.ts';
import * as quality from './migrations/0006-quality.ts';
import * as llm from './migrations/0007-llm.ts';

/** In the order of their names. Released ones never change: a mistake is mended by the next. */
export const migrations: Migrations = {
  '0001-meta': meta,
  '0002-product': product,
  '0003-server': server,
  '0004-runs': runs,
  '0005-answers': answers,
  '0006-quality': quality,
  '0007-llm': llm,
};

export type Migrations = Readonly<Record<string, Migration>>;

export interface MigrateOptions {
  /** The Labelwright that opens the database. */
  readonly appVersion: string;
  /** Other tables than the product's, for tests; `0001-meta` comes before them in any case. */
  readonly migrations?: Migrations;
  readonly log?: (line: string) => void;
  /** The tables belong to another process that runs: where they are not up to date, refuse instead of changing them under it. */
  readonly shared?: boolean;
}

const table = 'migrations';
const lockTable = 'migration_lock';
const lockKey = 7_610_443;

/** Brings the schema up to this program: each migration in one transaction (a killed one leaves the schema before it), one process at a time.
 *  @returns the migrations that ran  @throws CoreError 'newer-schema', 'older-schema', 'migration-failed' */
export async function migrate<Tables>(db: Kysely<Tables>, options: MigrateOptions): Promise<readonly string[]> {
  const known = options.migrations ? { '0001-meta': meta, ...options.migrations } : migrations;
  return db.connection().execute(async (connection) => {
    const one = connection as Kysely<unknown>;
    // A large table takes its time; so does waiting for another process that migrates.
    await sql`select set_config(name, '0', false) from unnest(${timeouts}::text[]) as name`.execute(one);
    await sql`select pg_advisory_lock(${lockKey})`.execute(one);
    try {
      const applied = await appliedOn(one);
      await refuseNewer(one, applied, known, options.appVersion);
      if (options.shared) return refuseOlder(applied, known, options.appVersion);
      const ran = await runEach(one, known, options.log ?? (() => undefined));
      await sql`insert into meta (key, value) values ('schema', ${JSON.stringify({ version: options.appVersion })}::jsonb)
        on conflict (key) do update set value = excluded.value, updated_at = now() where meta.value <> excluded.value`.execute(one);
      return ran;
    } finally {
      await sql`select pg_advisory_unlock(${lockKey})`.execute(one).catch(() => undefined);
      for (const name of timeouts) await sql`reset ${sql.ref(name)}`.execute(one).catch(() => undefined);
    }
  });
}

const timeouts = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'];

async function runEach(db: Kysely<unknown>, known: Migrations, log: (line: string) => void): Promise<string[]> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...known }) },
    migrationTableName: table,
    migrationLockTableName: lockTable,
  });
  const ran: string[] = [];
  for (;;) {
    const start = performance.now();
    const { error, results } = await migrator.migrateUp();
    const step = results?.[0];
    if (error) {
      const text = `database: the migration ${step?.migrationName ?? ''} failed and was rolled back: ${reasonOf(error)}`;
      throw new CoreError('migration-failed', text, {}, { cause: error });
    }
    if (!step) return ran;
    ran.push(step.migrationName);
    log(`database: migrated to ${step.migrationName} in ${Math.round(performance.now() - start)} ms`);
  }
}

async function appliedOn(db: Kysely<unknown>): Promise<string[]> {
  const exists = await sql<{ found: boolean }>`select to_regclass(${table}) is not null as found`.execute(db);
  if (!exists.rows[0].found) return [];
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(table)} order by name`.execute(db);
  return rows.map(({ name }) => name);
}

/** An older program must not touch what a newer one made of the tables. */
async function refuseNewer(db: Kysely<unknown>, applied: readonly string[], known: Migrations, appVersion: string): Promise<void> {
  const unknown = applied.filter((name) => !(name in known));
  if (unknown.length === 0) return;
  const by = await sql<{ version: string }>`select value->>'version' as version from meta where key = 'schema'`.execute(db);
  throw new CoreError(
    'newer-schema',
    `database: Labelwright ${by.rows[0]?.version ?? 'of a newer version'} changed its tables (${unknown.join(', ')}), this is ${appVersion}: ` +
      'start the newer Labelwright, or restore a backup made before it',
    { unknown, appVersion },
  );
}

function refuseOlder(applied: readonly string[], known: Migrations, appVersion: string): readonly string[] {
  const missing = Object.keys(known).filter((name) => !applied.includes(name));
  if (missing.length === 0) return [];
  const text = `database: the Labelwright that is running is older than this one (${appVersion}; not there yet: ${missing.join(', ')}): stop it and start this one`;
  throw new CoreError('older-schema', text, { missing, appVersion });
}
