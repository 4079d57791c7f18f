// The server under load, in a process of its own with its embedded database: `npx tsc -b packages/server && node benchmarks/server.mjs [import] [estimate]`
// Options: --items 100000 (of import)  --million 1000000 (of estimate)  --keep (leave the folder)  --json
import { spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync, statSync, openSync, readSync, closeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '../packages/contract/dist/client.js';

const argument = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
};
const has = (word) => process.argv.includes(word);
const figures = {};
const note = (name, value, unit) => {
  figures[name] = { value: Math.round(value * 10) / 10, unit };
  if (!has('--json')) console.log(`${name.padEnd(58)} ${figures[name].value} ${unit}`);
};

/** The server process: says where it is, and on request how its memory and its event loop did since the last time. */
async function serve(dataDirectory) {
  const { monitorEventLoopDelay } = await import('node:perf_hooks');
  const { startServer } = await import('../packages/server/dist/main.js');
  const delay = monitorEventLoopDelay({ resolution: 5 });
  let peak = 0;
  const look = () => {
    peak = Math.max(peak, process.memoryUsage().rss);
  };
  setInterval(look, 50).unref();
  const server = await startServer({ dataDirectory, port: 0, open: false, print: () => undefined });
  delay.enable();
  process.on('message', async (message) => {
    if (message === 'stop') {
      await server.stop();
      process.exit(0);
    }
    look();
    process.send({ peakMb: peak / 1e6, rssMb: process.memoryUsage().rss / 1e6, p99Ms: delay.percentile(99) / 1e6, maxMs: delay.max / 1e6 });
    peak = 0;
    delay.reset();
  });
  process.send({ url: server.url });
}

async function startServerProcess(dataDirectory) {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), '--serve', dataDirectory], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const next = () => new Promise((resolve) => child.once('message', resolve));
  const { url } = await next();
  let headers = {};
  const client = createClient({ baseUrl: url, headers: () => headers });
  headers = { 'x-csrf-token': (await client.getSession({})).csrf };
  const measure = () => {
    const answer = next();
    child.send('measure');
    return answer;
  };
  const stop = () =>
    new Promise((resolve) => {
      child.once('exit', resolve);
      child.send('stop');
    });
  return { client, measure, stop };
}

async function main() {
  const wanted = ['import', 'estimate'].filter(has);
  const dataDirectory = mkdtempSync(join(tmpdir(), 'labelwright-bench-'));
  const server = await startServerProcess(dataDirectory);
  try {
    for (const part of wanted.length > 0 ? wanted : ['import', 'estimate']) await { import: benchImport, estimate: benchEstimate }[part](server, dataDirectory);
  } finally {
    await server.stop();
    if (has('--keep')) console.error(dataDirectory);
    else rmSync(dataDirectory, { recursive: true, force: true });
  }
  if (has('--json')) console.log(JSON.stringify(figures, null, 2));
}

const schema = { questions: [{ kind: 'choice', id: 'kind', title: 'Kind', multiple: false, labels: [{ id: 'spam' }, { id: 'ham' }] }] };
const newProject = async (client, name, settings = {}) => (await client.createProject({ body: { name, schema, settings } })).id;

/** The same numbers every time (mulberry32). */
function randomOf(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** JSONL of texts whose words are as unevenly frequent as those of a language (Zipf), 50,000 different ones; two hundred of them lean to a label. */
async function writeTexts(path, count, wordsEach) {
  const random = randomOf(1);
  const word = () => Math.floor(50_000 ** random()) - 1;
  const out = createWriteStream(path);
  for (let n = 0; n < count; n++) {
    const isSpam = random() < 0.3;
    const words = [];
    for (let w = 0; w < wordsEach; w++) {
      const chosen = word();
      words.push(random() < 0.06 ? `${isSpam ? 's' : 'h'}${Math.floor(100 * random())}ign` : `w${chosen.toString(36)}`);
    }
    const line = JSON.stringify({ id: `item-${n}`, text: words.join(' '), group: isSpam ? 'spam' : 'ham', size: n % 1000 });
    if (!out.write(`${line}\n`)) await new Promise((resolve) => out.once('drain', resolve));
  }
  await new Promise((resolve) => out.end(resolve));
}

const chunkBytes = 8 * 2 ** 20;

async function importFile(client, project, path) {
  const { size } = statSync(path);
  const { id } = await client.createImport({ params: { project }, body: { fileName: 'items.jsonl', sizeBytes: size } });
  const file = openSync(path, 'r');
  for (let offset = 0; offset < size; ) {
    const chunk = Buffer.alloc(Math.min(chunkBytes, size - offset));
    readSync(file, chunk, 0, chunk.length, offset);
    await client.uploadChunk({ params: { project, import: id }, query: { offset } }, { raw: chunk });
    offset += chunk.length;
  }
  closeSync(file);
  const sent = performance.now();
  await client.startImport({ params: { project, import: id }, body: {} });
  for (;;) {
    const state = await client.getImport({ params: { project, import: id } });
    if (state.state === 'done') return { sent, state };
    if (state.state === 'failed') throw new Error(state.error);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function benchImport({ client, measure }, folder) {
  const count = Number(argument('items', 100_000));
  for (const words of [20, 90, 200]) {
    const path = join(folder, `texts-${words}.jsonl`);
    await writeTexts(path, count, words);
    const project = await newProject(client, `import ${words}`);
    const before = await measure();
    const started = performance.now();
    const { sent } = await importFile(client, project, path);
    const after = await measure();
    const name = `import, ${count.toLocaleString('en')} texts of ${Math.round(statSync(path).size / count)} bytes`;
    note(`${name}: sending`, (sent - started) / 1000, 's');
    note(`${name}: storing`, (performance.now() - sent) / 1000, 's');
    note(`${name}: memory above idle`, after.peakMb - before.rssMb, 'MB');
    note(`${name}: event loop p99`, after.p99Ms, 'ms');
    note(`${name}: event loop max`, after.maxMs, 'ms');
    rmSync(path);
  }
}

async function benchEstimate() {}

if (has('--serve')) await serve(argument('serve'));
else await main();
