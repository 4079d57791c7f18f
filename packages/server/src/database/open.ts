import { join } from 'node:path';
import { connectDatabase, type ConnectOptions, type Database } from './connect.ts';
import { type EmbeddedOptions, startEmbeddedPostgres } from './embedded/start.ts';
import { migrate } from './migrations.ts';

export interface OpenOptions extends ConnectOptions, Pick<EmbeddedOptions, 'attach' | 'settings' | 'onState'> {
  /** Labelwright's: the embedded server lives in `database/` below it. Not touched where a url is given. */
  readonly dataDirectory: string;
  /** An external server: `--database URL`, else `DATABASE_URL`. */
  readonly url?: string | undefined;
  readonly appVersion: string;
}

/** The database of a process, ready for use: embedded or external, connected, migrated. `close` stops what was started. */
export async function openDatabase<Tables>(options: OpenOptions): Promise<Database<Tables>> {
  const embedded =
    options.url === undefined
      ? await startEmbeddedPostgres({ ...options, dataDirectory: join(options.dataDirectory, 'database') })
      : undefined;
  try {
    const database = await connectDatabase<Tables>(embedded ?? (options.url as string), options);
    const close = async () => {
      await database.close();
      await embedded?.stop();
    };
    try {
      await migrate(database.db, { ...options, shared: embedded?.owned === false });
      return { ...database, close };
    } catch (error) {
      await database.close();
      throw error;
    }
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
}

/** What the flag says, else the environment; empty is nothing. */
export function databaseUrl(flag: string | undefined, environment: NodeJS.ProcessEnv = process.env): string | undefined {
  return flag || environment.DATABASE_URL || undefined;
}
