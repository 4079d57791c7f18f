// A project of a million items and 20 computed labelers: runs, a start on its data, idle memory, the first page, Explore, 50 annotators at once.
// `npx tsc -b && node benchmarks/server-load.mjs [runs] [start] [page] [explore] [annotators]` (default all)
// Options: --million 1000000  --people 50  --seconds 30  --data DIR (kept, and used again)  --json
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { copyRows } from '../packages/server/dist/database/copy.js';
import {
  addRules,
  argument,
  cpuMs,
  figures,
  has,
  memoryMb,
  newProject,
  note,
  noteMachine,
  quantile,
  run,
  startServerProcess,
  textsOf,
  timed,
} from './server-process.mjs';

const { Client } = createRequire(new URL('../packages/server/package.json', import.meta.url))('pg');
const count = Number(argument('million', 1_000_000));
const items = `${count.toLocaleString('en')} items`;
const dataDirectory = argument('data') ?? mkdtempSync(join(tmpdir(), 'labelwright-load-'));
const isNew = !existsSync(join(dataDirectory, 'database'));
const parts = ['runs', 'start', 'page', 'explore', 'annotators'];
const wanted = parts.some(has) ? parts.filter(has) : parts;
const wants = (part) => wanted.includes(part);

async function main() {
  noteMachine();
  let server = await startServerProcess(dataDirectory);
  let project = 1;
  if (isNew) project = await fill(server);
  if (isNew || wants('runs')) await benchRuns(server, project);
  await server.stop();
  server = await startServerProcess(dataDirectory, { isMeasured: false });
  if (wants('start')) await benchStart(server);
  if (wants('page')) await benchPage(server, project);
  await server.stop();
  server = await startServerProcess(dataDirectory);
  try {
    if (wants('explore')) await benchExplore(server, project);
    if (wants('annotators')) await benchAnnotators(server, project);
  } finally {
    await server.stop();
    if (argument('data') === undefined) rmSync(dataDirectory, { recursive: true, force: true });
  }
  noteMachine();
  if (has('--json')) console.log(JSON.stringify(figures, null, 2));
}

/** The items by COPY, and the search index after them: an import of as many takes a minute or two, and is measured elsewhere. */
async function fill({ client, ask }) {
  const project = await newProject(client, 'load', { textFields: ['text'], goldField: 'group', overlap: 1 });
  const database = new Client({ ...(await ask('connection')), types: undefined });
  await database.connect();
  const { rows } = await database.query(`select indexdef from pg_indexes where indexname = 'items_search'`);
  await database.query('drop index items_search');
  function* records() {
    let n = 0;
    for (const fields of textsOf(count, 15)) yield [project, n, `item-${n++}`, JSON.stringify(fields)];
  }
  await copyRows(database, 'items (project_id, ordinal, id, fields)', records());
  await database.query('update projects set items = $1 where id = $2', [count, project]);
  await database.query(rows[0].indexdef);
  await database.query('vacuum analyze items');
  await database.end();
  await addRules(client, project, 20);
  return project;
}

async function benchRuns({ client, measure }, project) {
  const before = await measure();
  const name = `${items} × 20 labelers`;
  note(`${name}: all answer (unless they have), then estimate`, (await run(client, project)).seconds, 's');
  await measure();
  note(`${name}: estimated again, end to end`, (await run(client, project)).seconds, 's', 30);
  const after = await measure();
  note(`${name}: memory above idle`, after.peakMb - before.rssMb, 'MB');
  note(`${name}: event loop p99 / max`, after.p99Ms, 'ms');
  note(`${name}: event loop max`, after.maxMs, 'ms', 250);
}

async function benchStart({ startMs, pid }) {
  note(`start on ${items}, process and database`, startMs / 1000, 's', 3);
  await sleep(10_000);
  const { server, database, processes } = memoryMb(pid, dataDirectory);
  note('idle after the start: server (PSS)', server, 'MB');
  note(`idle after the start: database (PSS of ${processes} processes)`, database, 'MB');
  note('idle after the start: together', server + database, 'MB', 250);
}

/** In headless Chromium, its cache empty: until the button to submit can be pressed, and the list of projects be clicked. */
async function benchPage({ url, pid }, project) {
  const { chromium } = await import('playwright-core');
  const executablePath = process.env.LABELWRIGHT_CHROMIUM ?? '/usr/bin/chromium';
  if (!existsSync(executablePath)) return console.log('first page: skipped, there is no Chromium (LABELWRIGHT_CHROMIUM)');
  const browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
  try {
    const visit = async (path, ready) => {
      const context = await browser.newContext();
      const page = await context.newPage();
      let gzipBytes = 0;
      const reading = [];
      page.on('response', (response) => {
        if (!/\.js($|\?)/.test(response.url())) return;
        reading.push(response.body().then((body) => (gzipBytes += gzipSync(body).length)));
      });
      const ms = await timed(async () => {
        await page.goto(`${url}${path}`, { waitUntil: 'commit' });
        await ready(page).waitFor();
      });
      await page.waitForLoadState('networkidle');
      await Promise.all(reading);
      await context.close();
      return { ms, gzipBytes };
    };
    const home = (page) => page.getByRole('link', { name: /load/ }).first();
    const workbench = (page) => page.getByRole('button', { name: /^Submit/ });
    await visit('/login', (page) => page.locator('body'));
    note('first page (projects) can be used', (await visit('/', home)).ms, 'ms', 1500);
    const first = await visit(`/projects/${project}/label`, workbench);
    note(`workbench on ${items}, the first after the start`, first.ms, 'ms');
    note('workbench, the next', (await visit(`/projects/${project}/label`, workbench)).ms, 'ms', 1500);
    note('JavaScript of the workbench, gzip', first.gzipBytes / 1000, 'kB', 300);
  } finally {
    await browser.close();
  }
  await sleep(2_000);
  const { server, database } = memoryMb(pid, dataDirectory);
  note('after the first visitor: server and database (PSS)', server + database, 'MB');
}

/** Pages that nobody asked for before: other words, other thresholds each time. */
async function benchExplore({ client, measure }, project) {
  const query = (body) => timed(() => client.queryItems({ params: { project }, body: { limit: 100, ...body } }));
  note(`Explore, ${items}: the first page after the start`, await query({}), 'ms');
  await measure();
  const code = (n) => `w${n.toString(36)}`;
  const kinds = {
    'no filter, far down': (n) => ({ offset: (n * 90_001) % count }),
    decision: (n) => ({ filter: { decision: [n % 2 === 0 ? 'uncertain' : 'accepted'], probability: { from: 0.5 + n / 100, to: 1 } } }),
    'answer, by probability': (n) => ({
      filter: { answer: ['spam'], probability: { from: n / 50, to: 1 } },
      sort: n % 2 === 0 ? 'probability' : '-probability',
    }),
    'by votes, far down': (n) => ({ sort: '-votes', offset: (n * 50_021) % count }),
    'by id': (n) => ({ sort: 'id', offset: (n * 70_001) % count }),
    'labelers disagree': (n) => ({ filter: { disagreement: true, probability: { from: 0.3 + n / 100, to: 1 } } }),
    'voted by a labeler': (n) => ({ filter: { voted: { labeler: `rule ${n}`, label: n % 2 === 0 ? 'spam' : 'ham' } } }),
    'full text, frequent word': (n) => ({ filter: { search: code(n) } }),
    'full text, rare word': (n) => ({ filter: { search: code(40_000 + n * 613) } }),
    'full text, two words': (n) => ({ filter: { search: `${code(n)} ${code(n + 20)}` }, sort: '-probability' }),
    'full text, not there': (n) => ({ filter: { search: `nowhere${n}` } }),
    'field equals': (n) => ({
      filter: {
        field: [
          { name: 'group', is: 'equals', value: n % 2 === 0 ? 'spam' : 'ham' },
          { name: 'size', is: 'above', value: String(n * 90) },
        ],
      },
    }),
    'field contains, frequent': (n) => ({ filter: { field: [{ name: 'text', is: 'contains', value: `${code(n)} w` }] } }),
    'field contains, rare': (n) => ({
      filter: { field: [{ name: 'text', is: 'contains', value: `${code(4_000 + n * 613)} ${code(n)} w` }] },
    }),
    'field contains, not there': (n) => ({ filter: { field: [{ name: 'text', is: 'contains', value: `nowhere${n}` }] } }),
  };
  const all = [];
  for (const [kind, body] of Object.entries(kinds)) {
    const times = [];
    for (let n = 0; n < 10; n++) times.push(await query(body(n)));
    all.push(...times);
    note(`Explore: ${kind}: median of 10`, quantile(times, 0.5), 'ms');
    note(`Explore: ${kind}: slowest of 10`, Math.max(...times), 'ms');
  }
  note(`Explore, ${items}, ${all.length} pages: p95`, quantile(all, 0.95), 'ms', 200);
  note('Explore: event loop of the server, max', (await measure()).maxMs, 'ms', 250);
}

async function benchAnnotators({ client, ask, measure, clientOf, pid }, project) {
  const people = Number(argument('people', 50));
  const seconds = Number(argument('seconds', 30));
  const sessions = await ask('letIn', { project, count: people });
  const next = [];
  const submits = [];
  const seen = new Set();
  let twice = 0;
  let refused = 0;
  await client.nextItems({ params: { project }, body: { count: 1 } });
  await measure();
  const cpuBefore = cpuMs(pid, dataDirectory);
  const began = performance.now();
  const ends = began + seconds * 1000;
  const annotate = async (session, place) => {
    const own = clientOf(session);
    const params = { project };
    await sleep((place / people) * 500);
    for (let due = performance.now(); due < ends; due += 500) {
      await sleep(Math.max(0, due - performance.now()));
      let given;
      next.push(await timed(async () => (given = await own.nextItems({ params, body: { count: 3 } }))));
      const [{ item }] = given.assignments;
      if (seen.has(item.ordinal)) twice++;
      seen.add(item.ordinal);
      const body = { action: randomUUID(), ordinal: item.ordinal, kind: 'answer', labels: ['spam'], base: item.version, seconds: 0.5 };
      submits.push(await timed(() => own.submitAnswer({ params, body }).catch(() => refused++)));
    }
  };
  await Promise.all(sessions.map(annotate));
  const tookSeconds = (performance.now() - began) / 1000;
  const after = await measure();
  const cpuAfter = cpuMs(pid, dataDirectory);
  const name = `${people} annotators`;
  note(`${name}: answers a second (asked for: ${people * 2})`, submits.length / tookSeconds, '/s');
  note(`${name}: next p50 (of ${next.length})`, quantile(next, 0.5), 'ms');
  note(`${name}: next p95`, quantile(next, 0.95), 'ms', 50);
  note(`${name}: submit p50`, quantile(submits, 0.5), 'ms');
  note(`${name}: submit p95`, quantile(submits, 0.95), 'ms', 100);
  note(`${name}: items given to two, answers refused`, twice + refused, '', 0);
  const perItem = (of) => (cpuAfter[of] - cpuBefore[of]) / submits.length;
  note(`${name}: CPU of the server, next and submit together`, perItem('server'), 'ms');
  note(`${name}: CPU of the database, next and submit together`, perItem('database'), 'ms');
  note(`${name}: event loop p99`, after.p99Ms, 'ms');
  note(`${name}: event loop max`, after.maxMs, 'ms', 250);
  await sleep(5_000);
  const { server, database } = memoryMb(pid, dataDirectory);
  note('after the annotators: server (PSS)', server, 'MB');
  note('after the annotators: database (PSS)', database, 'MB');
}

await main();
