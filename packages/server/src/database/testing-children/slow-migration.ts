import { type Kysely, sql } from 'kysely';
import { connectDatabase } from '../connect.ts';
import { migrate } from '../migrations.ts';

/** Stops in the middle of the second migration, where it is killed: `URL`. */
const { db } = await connectDatabase<unknown>(process.argv[3], { unsafe: true });
const statement = (text: string) => async (one: Kysely<unknown>) => void (await sql.raw(text).execute(one));
await migrate(db, {
  appVersion: '1.0.0',
  migrations: {
    '0002-first': { up: statement('create table first (n integer)') },
    '0003-second': {
      up: async (one) => {
        await statement('create table second (n integer); alter table first add column more text')(one);
        process.stdout.write('in the middle\n');
        await new Promise((resolve) => setTimeout(resolve, 60_000));
      },
    },
  },
});
