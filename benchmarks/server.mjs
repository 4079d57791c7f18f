// The server under load, in a process of its own with its embedded database: `npx tsc -b packages/server && node benchmarks/server.mjs [import] [preview] [estimate]`
// Options: --items 100000 (of import and preview)  --million 1000000 (of estimate)  --keep (leave the folder)  --json
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
  const server = await startServer({ dataDirectory, port: 0, open: false, sample: false, print: () => undefined });
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
  const parts = { import: benchImport, preview: benchPreview, estimate: benchEstimate };
  const wanted = Object.keys(parts).filter(has);
  const dataDirectory = mkdtempSync(join(tmpdir(), 'labelwright-bench-'));
  const server = await startServerProcess(dataDirectory);
  try {
    for (const part of wanted.length > 0 ? wanted : Object.keys(parts)) await parts[part](server, dataDirectory);
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

async function benchPreview({ client, measure }, folder) {
  const count = Number(argument('items', 100_000));
  const path = join(folder, 'texts.jsonl');
  await writeTexts(path, count, 90);
  const project = await newProject(client, 'preview', { goldField: 'group' });
  await importFile(client, project, path);
  await addRules(client, project, 5);
  await run(client, project);
  const params = { project };
  const timed = async (call) => {
    const started = performance.now();
    await call();
    return performance.now() - started;
  };
  const { labelers } = await client.listLabelers({ params });
  note('preview: first, sample not in memory', await timed(() => client.previewLabeler({ params, body: rule(7) })), 'ms');
  await measure();
  const bodies = {
    'a word': rule(8),
    'fifty words': { use: 'keywords', with: { words: Array.from({ length: 50 }, (_, n) => `w${(n * 37).toString(36)}`), label: 'spam' } },
    'a pattern': { use: 'regex', with: { pattern: '\\bs[0-9]+ign\\b.*\\bs[0-9]+ign\\b', label: 'spam' } },
    'an expression': { use: 'expression', with: { when: 'text.contains("s1ign") && size > 10.0', label: 'spam' } },
  };
  for (const [name, body] of Object.entries(bodies)) {
    const times = [];
    for (let n = 0; n < 5; n++)
      times.push(await timed(() => client.previewLabeler({ params, body: { ...body, replaces: labelers[0].id } })));
    note(`preview on 10,000 of ${count.toLocaleString('en')} texts: ${name}, median`, times.sort((a, b) => a - b)[2], 'ms');
  }
  note('suggested rules', await timed(() => client.suggestRules({ params })), 'ms');
  note('preview: event loop of the server, max', (await measure()).maxMs, 'ms');
}

/** One of a hundred words each that lean to a label. */
const rule = (n) => ({
  use: 'keywords',
  with: { words: [`${n % 2 === 0 ? 's' : 'h'}${n % 100}ign`], label: n % 2 === 0 ? 'spam' : 'ham' },
});

async function addRules(client, project, count) {
  for (let n = 0; n < count; n++) await client.createLabeler({ params: { project }, body: { name: `rule ${n}`, ...rule(n) } });
}

async function run(client, project) {
  const started = performance.now();
  const { id } = await client.startRun({ params: { project }, body: {} });
  for (;;) {
    const state = await client.getRun({ params: { project, run: id } });
    if (state.state === 'done') return { seconds: (performance.now() - started) / 1000, result: state.results[0] };
    if (state.state === 'failed') throw new Error(state.error);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function benchEstimate({ client, measure }, folder) {
  const count = Number(argument('million', 1_000_000));
  const path = join(folder, 'million.jsonl');
  await writeTexts(path, count, 20);
  const project = await newProject(client, 'estimate');
  const importing = performance.now();
  await importFile(client, project, path);
  note(
    `import, ${count.toLocaleString('en')} texts of ${Math.round(statSync(path).size / count)} bytes: storing`,
    (performance.now() - importing) / 1000,
    's',
  );
  rmSync(path);
  await addRules(client, project, 20);
  const before = await measure();
  const name = `${count.toLocaleString('en')} items × 20 labelers`;
  note(`${name}: all answer, then estimate`, (await run(client, project)).seconds, 's');
  await measure();
  const again = await run(client, project);
  const after = await measure();
  note(`${name}: estimated again`, again.seconds, 's');
  note(`${name}: memory above idle`, after.peakMb - before.rssMb, 'MB');
  note(`${name}: event loop p99`, after.p99Ms, 'ms');
  note(`${name}: event loop max`, after.maxMs, 'ms');
  const { id } = (await client.listRuns({ params: { project } }))[0];
  const comparing = performance.now();
  await client.compareRuns({ params: { project, run: id } });
  note(`${name}: compared with the run before`, performance.now() - comparing, 'ms');
}

if (has('--serve')) await serve(argument('serve'));
else await main();
