import { Client } from 'pg';
import { startEmbeddedPostgres } from '../embedded/start.ts';

/** Starts the server of a folder and commits rows for as long as it lives, telling each that was acknowledged: `FOLDER [attach]`. */
const [folder, attach] = process.argv.slice(3);
const server = await startEmbeddedPostgres({ dataDirectory: folder, attach: attach === 'attach' });
const client = new Client(server.connection);
await client.connect();
await client.query('create table if not exists acknowledged (n integer primary key)');
const { rows } = await client.query<{ next: number }>('select coalesce(max(n), 0) + 1 as next from acknowledged');
process.stdout.write('ready\n');
for (let n = rows[0].next; ; n++) {
  await client.query('insert into acknowledged values ($1)', [n]);
  process.stdout.write(`${n}\n`);
}
