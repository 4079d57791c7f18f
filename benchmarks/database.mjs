// The embedded database: starts, memory, bulk loads, commits. `npx tsc -b packages/server && node benchmarks/database.mjs`
// Options: --rows 100000  --set name=value,name=value (PostgreSQL settings over ours)  --keep (leave the folder)  --json
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectDatabase } from '../packages/server/dist/database/connect.js';
import { copyRows } from '../packages/server/dist/database/copy.js';
import { startEmbeddedPostgres } from '../packages/server/dist/database/embedded/start.js';

const argument = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
};
const rows = Number(argument('rows', 100_000));
const settings = Object.fromEntries(
  argument('set', '')
    .split(',')
    .filter(Boolean)
    .map((pair) => pair.split('=')),
);
const dataDirectory = mkdtempSync(join(tmpdir(), 'labelwright-bench-'));
const figures = {};

const timed = async (work) => {
  const start = performance.now();
  const result = await work();
  return { result, ms: performance.now() - start };
};
const note = (name, value) => {
  figures[name] = Math.round(value * 10) / 10;
};

/** PSS of every process of the cluster: shared pages counted once. */
function memoryMb() {
  const cluster = join(dataDirectory, 'cluster');
  const pids = readdirSync('/proc').filter((name) => {
    try {
      return (
        /^\d+$/.test(name) &&
        execFileSync('readlink', [`/proc/${name}/cwd`])
          .toString()
          .trim() === cluster
      );
    } catch {
      return false;
    }
  });
  const pss = pids.map((pid) => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]));
  return { processes: pids.length, mb: pss.reduce((a, b) => a + b, 0) / 1024 };
}

/** About 330 bytes of JSON, like a short mail. */
const words = 'offer meeting invoice free money hello team release server budget lunch report urgent account label'.split(' ');
const fieldsOf = (n) => {
  let text = '';
  for (let i = 0; i < 40; i++) text += `${words[(n * 7 + i * i * 13) % words.length]} `;
  return JSON.stringify({ text, lang: n % 3 === 0 ? 'de' : 'en', score: (n % 1000) / 1000 });
};

const start = (options) => startEmbeddedPostgres({ dataDirectory, settings, ...options });
const first = await timed(start);
note('first start ms', first.ms);
note('stop ms', (await timed(() => first.result.stop())).ms);
const reopened = await timed(start);
note('reopen ms', reopened.ms);
const embedded = reopened.result;
await sleep(500);
note('idle, empty: PSS MB', memoryMb().mb);
note('idle: processes', memoryMb().processes);

const connection = await connectDatabase(embedded, { statementTimeoutMs: 0 });
const { pool } = connection;
await pool.query('create table items (ordinal integer primary key, id text not null, fields jsonb not null)');

const inserted = await timed(async () => {
  for (let from = 0; from < rows; from += 1_000) {
    const batch = Array.from({ length: Math.min(1_000, rows - from) }, (_, i) => from + i);
    await pool.query('insert into items select * from unnest($1::int[], $2::text[], $3::jsonb[])', [
      batch,
      batch.map((n) => `item-${n}`),
      batch.map(fieldsOf),
    ]);
  }
});
note('insert by unnest, 1,000 a transaction: rows/s', (rows / inserted.ms) * 1_000);

await pool.query('create table copied (like items)');
const loader = await pool.connect();
const copied = await timed(() =>
  copyRows(
    loader,
    'copied (ordinal, id, fields)',
    (function* () {
      for (let n = 0; n < rows; n++) yield [n, `item-${n}`, fieldsOf(n)];
    })(),
  ),
);
loader.release();
note('COPY: rows/s', (rows / copied.ms) * 1_000);
note('build the primary key: ms', (await timed(() => pool.query('alter table copied add primary key (ordinal)'))).ms);
const searchIndex = `create index on copied using gin (jsonb_to_tsvector('simple', fields, '["string"]'))`;
note('build the search index: ms', (await timed(() => pool.query(searchIndex))).ms);
note('count by a JSON field: ms', (await timed(() => pool.query(`select count(*) from copied where fields->>'lang' = 'de'`))).ms);
note(
  'sort all by a JSON field: ms',
  (await timed(() => pool.query(`select ordinal from copied order by fields->>'text', ordinal offset 90000 limit 50`))).ms,
);

await pool.query(
  'create table answers (id integer generated always as identity primary key, item integer, labels jsonb, at timestamptz default now())',
);
const commit = (n) => pool.query('insert into answers (item, labels) values ($1, $2)', [n, '["spam"]']);
const single = await timed(async () => {
  for (let n = 0; n < 2_000; n++) await commit(n);
});
note('commits/s, 1 client', 2_000_000 / single.ms);
const eight = await timed(() =>
  Promise.all(
    Array.from({ length: 8 }, async (_, client) => {
      for (let n = 0; n < 1_000; n++) await commit(client * 1_000 + n);
    }),
  ),
);
note('commits/s, 8 clients', 8_000_000 / eight.ms);

note('after the load: PSS MB', memoryMb().mb);
await connection.close();
await sleep(2_000);
note('idle after the load: PSS MB', memoryMb().mb);
note('this process: RSS MB', process.memoryUsage().rss / 2 ** 20);
note('disk MB', Number(execFileSync('du', ['-sm', dataDirectory]).toString().split('\t')[0]));
note('stop after the load: ms', (await timed(() => embedded.stop())).ms);
if (!process.argv.includes('--keep')) rmSync(dataDirectory, { recursive: true });

if (process.argv.includes('--json')) console.log(JSON.stringify(figures));
else for (const [name, value] of Object.entries(figures)) console.log(`| ${name} | ${value.toLocaleString('en')} |`);
