// Speed and peak memory of reading and writing files, each figure from a process of its own, as Markdown.
// `npx tsc -b packages/core && node benchmarks/formats.mjs [--items 1000000] [--gigabytes 1] [--only votes|convert|labels]`
// Files are made in the folder for temporary files and removed afterwards. The peer is Python's csv module (C), into dicts and lists.
import { spawnSync } from 'node:child_process';
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import csv from '../packages/core/dist/formats/csv.js';
import json from '../packages/core/dist/formats/json.js';
import jsonl from '../packages/core/dist/formats/jsonl.js';
import { writeLabels } from '../packages/core/dist/formats/labels.js';
import { readVotes } from '../packages/core/dist/formats/votes.js';
import xlsx from '../packages/core/dist/formats/xlsx.js';
import { createRandom } from '../packages/core/dist/math/random.js';

const argument = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
};
const formats = { csv, json, jsonl, xlsx };
const labels = ['billing', 'support', 'sales', 'other'];
const source = (path) => ({ path, bytes: () => createReadStream(path, { highWaterMark: 1 << 18 }) });
const save = (path, chunks) => pipeline(Readable.from(chunks), createWriteStream(path));

/** What a child process does: one measurement, printed as JSON. */
const tasks = {
  async votes(path) {
    const { votes, problemCount } = await readVotes(source(path));
    return { rows: votes.item.length, items: votes.items.length, problems: problemCount };
  },
  async convert(path, from, to, out) {
    let rows = 0;
    let problems = 0;
    async function* entries() {
      for await (const event of formats[from].read(source(path), {})) {
        if (event.kind === 'problem') {
          problems++;
          continue;
        }
        rows++;
        yield event.entry;
      }
    }
    const writing = formats[to].write({ schema: { questions: [] }, entries: entries() });
    await save(out, writing.chunks);
    return { rows, problems, losses: writing.losses().length };
  },
  async labels(count, out) {
    const n = Number(count);
    const posterior = new Float64Array(n * labels.length);
    const random = createRandom(1);
    for (let row = 0; row < n; row++) {
      const shares = labels.map(() => random.next());
      const sum = shares.reduce((total, share) => total + share, 0);
      for (let label = 0; label < labels.length; label++) posterior[row * labels.length + label] = shares[label] / sum;
    }
    const items = Array.from({ length: n }, (_, row) => `item-${String(row).padStart(6, '0')}`);
    const started = performance.now();
    await save(out, writeLabels({ items, labels, posterior }));
    return { rows: n, seconds: (performance.now() - started) / 1000 };
  },
};

const python = `
import csv, sys, time, resource
started = time.perf_counter()
items, labelers, labels, item, labeler, label = {}, {}, {}, [], [], []
with open(sys.argv[1], newline='', encoding='utf-8') as file:
    rows = csv.reader(file)
    next(rows)
    for i, j, k in rows:
        item.append(items.setdefault(i, len(items)))
        labeler.append(labelers.setdefault(j, len(labelers)))
        label.append(labels.setdefault(k, len(labels)))
print('{"rows": %d, "seconds": %.3f, "megabytes": %.0f}' % (len(item), time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))
`;

async function child() {
  const [, , , task, ...parameters] = process.argv;
  const started = performance.now();
  const result = await tasks[task](...parameters);
  const cpu = process.cpuUsage();
  const figures = {
    seconds: (performance.now() - started) / 1000,
    cpu: (cpu.user + cpu.system) / 1e6,
    megabytes: process.resourceUsage().maxRSS / 1024,
  };
  console.log(JSON.stringify({ ...figures, ...result }));
}

function measure(command, parameters) {
  const { stdout, stderr, status } = spawnSync(command, parameters, { encoding: 'utf8', maxBuffer: 1 << 24 });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

const run = (...parameters) => measure(process.execPath, [fileURLToPath(import.meta.url), '--child', ...parameters.map(String)]);
const row = (...cells) => console.log(`| ${cells.join(' | ')} |`);
const perSecond = ({ rows, seconds }) => `${(rows / seconds / 1e6).toFixed(2)} M/s`;
const per = (figure) => [figure.seconds.toFixed(1), perSecond(figure), Math.round(figure.megabytes)];

function* voteLines(n, order, quoted) {
  const random = createRandom(1);
  const quote = quoted ? '"' : '';
  yield ['item', 'labeler', 'label'].map((name) => quote + name + quote).join(',') + '\n';
  let chunk = '';
  for (let vote = 0; vote < n * 10; vote++) {
    const item = order === 'item' ? Math.floor(vote / 10) : vote % n;
    const labeler = order === 'item' ? vote % 10 : Math.floor(vote / n);
    const cells = [`item-${String(item).padStart(6, '0')}`, `lf-${labeler}`, labels[random.integer(4)]];
    chunk += `${quote}${cells.join(`${quote},${quote}`)}${quote}\n`;
    if (chunk.length < 1 << 18) continue;
    yield chunk;
    chunk = '';
  }
  yield chunk;
}

async function votes(folder) {
  const n = Number(argument('items', 1_000_000));
  console.log(`\n### Votes: CSV of ${(n * 10).toLocaleString('en-US')} lines (${n.toLocaleString('en-US')} items × 10 labelers)\n`);
  row('file', 's', 'lines', 'peak MB', 'csv module s', 'its MB', 'times faster');
  row(...Array(7).fill('---'));
  for (const [title, order, quoted] of [
    ['by item', 'item', false],
    ['by labeler', 'labeler', false],
    ['by item, all cells quoted', 'item', true],
  ]) {
    const path = join(folder, 'votes.csv');
    await save(path, voteLines(n, order, quoted));
    const ours = run('votes', path);
    if (ours.rows !== n * 10 || ours.problems > 0) throw new Error(`${ours.rows} rows, ${ours.problems} problems`);
    const peer = measure('python3', ['-c', python, path]);
    row(title, ...per(ours), peer.seconds.toFixed(1), peer.megabytes, (peer.seconds / ours.seconds).toFixed(1));
    rmSync(path);
  }
}

function* itemLines(bytes) {
  const random = createRandom(1);
  const words =
    'refund order invoice please the account cannot open thanks "quoted" ümlaut newline, tax 42 meeting tomorrow offer free'.split(' ');
  let size = 0;
  let chunk = '';
  for (let item = 0; size < bytes; item++) {
    const text = Array.from({ length: 30 + random.integer(60) }, () => words[random.integer(words.length)]).join(' ');
    const line = `${JSON.stringify({ id: `item-${item}`, text, sender: `user${random.integer(1000)}@example.org`, amount: random.integer(10_000) / 100, tags: ['a', 'b'] })}\n`;
    size += line.length;
    chunk += line;
    if (chunk.length < 1 << 18) continue;
    yield chunk;
    chunk = '';
  }
  yield chunk;
}

async function convert(folder) {
  const bytes = Number(argument('gigabytes', 1)) * 1e9;
  console.log(`\n### Converting ${(bytes / 1e9).toFixed(1)} GB of JSON Lines\n`);
  row('from → to', 'items', 's', 'items/s', 'MB read/s', 'peak MB');
  row(...Array(6).fill('---'));
  const path = (format) => join(folder, `items.${format}`);
  await save(path('jsonl'), itemLines(bytes));
  for (const [from, to] of [
    ['jsonl', 'csv'],
    ['csv', 'json'],
    ['json', 'jsonl'],
  ]) {
    const { size } = statSync(path(from));
    const figure = run('convert', path(from), from, to, path(to));
    if (figure.problems > 0) throw new Error(`${figure.problems} problems`);
    row(
      `${from} → ${to}`,
      figure.rows.toLocaleString('en-US'),
      figure.seconds.toFixed(1),
      Math.round(figure.rows / figure.seconds).toLocaleString('en-US'),
      Math.round(size / 1e6 / figure.seconds),
      Math.round(figure.megabytes),
    );
    rmSync(path(from));
  }
  rmSync(path('jsonl'));
  await save(path('jsonl'), itemLines(bytes / 10));
  for (const [from, to] of [
    ['jsonl', 'xlsx'],
    ['xlsx', 'csv'],
  ]) {
    const { size } = statSync(path(from));
    const figure = run('convert', path(from), from, to, path(to));
    row(
      `${from} → ${to} (a tenth of it)`,
      figure.rows.toLocaleString('en-US'),
      figure.seconds.toFixed(1),
      Math.round(figure.rows / figure.seconds).toLocaleString('en-US'),
      Math.round(size / 1e6 / figure.seconds),
      Math.round(figure.megabytes),
    );
  }
}

async function writingLabels(folder) {
  const figure = run('labels', 1_000_000, join(folder, 'labels.csv'));
  console.log(
    `\n### Writing LABELS: 1,000,000 items × 4 labels\n\n${figure.seconds.toFixed(1)} s, ${perSecond(figure)}, peak ${Math.round(figure.megabytes)} MB`,
  );
}

if (process.argv[2] === '--child') {
  await child();
} else {
  const folder = mkdtempSync(join(tmpdir(), 'labelwright-formats-'));
  const only = argument('only', undefined);
  console.log(`Node ${process.version}, ${cpus()[0]?.model} × ${cpus().length}`);
  try {
    for (const [name, part] of Object.entries({ votes, convert, labels: writingLabels }))
      if (only === undefined || only === name) await part(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
