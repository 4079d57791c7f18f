// What the benchmarks of the server share: a server in a process of its own, texts, imports, figures.
import { spawn } from 'node:child_process';
import { closeSync, createWriteStream, openSync, readdirSync, readFileSync, readlinkSync, readSync, statSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '../packages/contract/dist/client.js';

export const argument = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
};
export const has = (word) => process.argv.includes(word);

export const figures = {};
/** @param bar what it should be at most */
export const note = (name, value, unit, bar) => {
  const rounded = Math.round(value * 10) / 10;
  const verdict = bar === undefined ? '' : value <= bar ? `  (bar ${bar})` : `  (bar ${bar}: MISSED)`;
  figures[name] = { value: rounded, unit, ...(bar !== undefined && { bar }) };
  if (!has('--json')) console.log(`${name.padEnd(66)} ${String(rounded).padStart(9)} ${unit}${verdict}`);
};
export const noteMachine = () => {
  if (!has('--json'))
    console.log(
      `load of the machine: ${loadavg()
        .map((load) => load.toFixed(1))
        .join(' ')}; ${new Date().toISOString().slice(0, 16)}; Node ${process.version}`,
    );
};

/** Milliseconds. */
export async function timed(call) {
  const started = performance.now();
  await call();
  return performance.now() - started;
}

export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
}

const self = fileURLToPath(import.meta.url);

/** The server process: says where it is, and on request how its memory and its event loop did since the last time, and lets people in. */
async function serve(dataDirectory) {
  const { monitorEventLoopDelay } = await import('node:perf_hooks');
  const started = performance.now();
  const { startServer } = await import('../packages/server/dist/main.js');
  const delay = monitorEventLoopDelay({ resolution: 5 });
  const isMeasured = process.argv.includes('--measured');
  let peak = 0;
  const look = () => {
    peak = Math.max(peak, process.memoryUsage().rss);
  };
  if (isMeasured) setInterval(look, 50).unref();
  const server = await startServer({ dataDirectory, port: 0, open: false, sample: false, print: () => undefined });
  if (isMeasured) delay.enable();
  const { context } = server;
  const letIn = async ({ project, count }) => {
    const [{ addPerson }, { setRole }, { openSession }] = await Promise.all(
      ['people', 'members', 'sessions'].map((store) => import(`../packages/server/dist/stores/${store}.js`)),
    );
    const sessions = [];
    for (let n = 0; n < count; n++) {
      const { id } = await addPerson(context.db, {
        name: `Annotator ${n}`,
        email: `a${n}-${Date.now()}@example.org`,
        admin: false,
        passwordHash: null,
      });
      await setRole(context.db, project, id, 'annotator');
      const { token, csrf } = await openSession(context.db, id);
      sessions.push({ cookie: `labelwright=${token}`, 'x-csrf-token': csrf });
    }
    return sessions;
  };
  const answers = {
    measure: () => {
      look();
      const now = {
        peakMb: peak / 1e6,
        rssMb: process.memoryUsage().rss / 1e6,
        p99Ms: delay.percentile(99) / 1e6,
        maxMs: delay.max / 1e6,
        cpuSeconds: process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6,
      };
      peak = 0;
      delay.reset();
      return now;
    },
    connection: () => context.connection,
    letIn,
    stop: async () => {
      await server.stop();
      process.exit(0);
    },
  };
  process.on('message', async ({ id, kind, ...payload }) => process.send({ id, result: await answers[kind](payload) }));
  process.on('disconnect', () => void answers.stop());
  process.send({ url: server.url, readyMs: performance.now() - started });
}

/** @param isMeasured its event loop and its peak of memory are watched, which keeps it from being quite idle */
export async function startServerProcess(dataDirectory, { isMeasured = true } = {}) {
  const started = performance.now();
  const child = spawn(
    process.execPath,
    [...(process.env.BENCH_NODE_FLAGS?.split(' ') ?? []), self, '--serve', dataDirectory, ...(isMeasured ? ['--measured'] : [])],
    {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    },
  );
  const { url } = await new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', () => reject(new Error('the server did not start')));
  });
  const startMs = performance.now() - started;
  const waiting = new Map();
  child.on('message', ({ id, result }) => waiting.get(id)?.(result));
  let last = 0;
  const ask = (kind, payload = {}) =>
    new Promise((resolve) => {
      waiting.set(++last, resolve);
      child.send({ id: last, kind, ...payload });
    });
  let headers = {};
  const client = createClient({ baseUrl: url, headers: () => headers });
  headers = { 'x-csrf-token': (await client.getSession({})).csrf };
  const stop = () =>
    new Promise((resolve) => {
      child.once('exit', resolve);
      child.send({ id: 0, kind: 'stop' });
    });
  return {
    url,
    client,
    startMs,
    pid: child.pid,
    ask,
    measure: () => ask('measure'),
    stop,
    clientOf: (session) => createClient({ baseUrl: url, headers: () => session }),
  };
}

/** Processes of the database of a data directory. */
function databaseProcesses(dataDirectory) {
  const cluster = join(dataDirectory, 'database/cluster');
  const isOfCluster = (name) => {
    try {
      return /^\d+$/.test(name) && readlinkSync(`/proc/${name}/cwd`) === cluster;
    } catch {
      return false;
    }
  };
  return readdirSync('/proc').filter(isOfCluster);
}

/** PSS of the server and of all processes of its database: shared pages counted once. */
export function memoryMb(pid, dataDirectory) {
  const pssOf = (of) => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${of}/smaps_rollup`, 'utf8'))[1]) / 1024;
  const database = databaseProcesses(dataDirectory);
  return { server: pssOf(pid), database: database.map(pssOf).reduce((a, b) => a + b, 0), processes: database.length };
}

/** CPU time so far: it is the same on a busy machine, where the clock on the wall says little. */
export function cpuMs(pid, dataDirectory) {
  // Fields 14 and 15, in hundredths of a second; the name before them may hold spaces.
  const timeOf = (of) => {
    const fields = readFileSync(`/proc/${of}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  };
  const database = databaseProcesses(dataDirectory);
  return { server: timeOf(pid), database: database.map(timeOf).reduce((a, b) => a + b, 0) };
}

/** The same numbers every time (mulberry32). */
export function randomOf(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Texts whose words are as unevenly frequent as those of a language (Zipf), 50,000 different ones; two hundred of them lean to a label. */
export function* textsOf(count, wordsEach) {
  const random = randomOf(1);
  const word = () => Math.floor(50_000 ** random()) - 1;
  for (let n = 0; n < count; n++) {
    const isSpam = random() < 0.3;
    const words = [];
    for (let w = 0; w < wordsEach; w++) {
      const chosen = word();
      words.push(random() < 0.06 ? `${isSpam ? 's' : 'h'}${Math.floor(100 * random())}ign` : `w${chosen.toString(36)}`);
    }
    yield { text: words.join(' '), group: isSpam ? 'spam' : 'ham', size: n % 1000 };
  }
}

/** The same as JSONL. */
export async function writeTexts(path, count, wordsEach) {
  const out = createWriteStream(path);
  let n = 0;
  for (const fields of textsOf(count, wordsEach)) {
    const line = JSON.stringify({ id: `item-${n++}`, ...fields });
    if (!out.write(`${line}\n`)) await new Promise((resolve) => out.once('drain', resolve));
  }
  await new Promise((resolve) => out.end(resolve));
}

const chunkBytes = 8 * 2 ** 20;

export async function importFile(client, project, path) {
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

/** One of a hundred words each that lean to a label. */
export const rule = (n) => ({
  use: 'keywords',
  with: { words: [`${n % 2 === 0 ? 's' : 'h'}${n % 100}ign`], label: n % 2 === 0 ? 'spam' : 'ham' },
});

export async function addRules(client, project, count) {
  for (let n = 0; n < count; n++) await client.createLabeler({ params: { project }, body: { name: `rule ${n}`, ...rule(n) } });
}

export async function run(client, project) {
  const started = performance.now();
  const { id } = await client.startRun({ params: { project }, body: {} });
  for (;;) {
    const state = await client.getRun({ params: { project, run: id } });
    if (state.state === 'done') return { seconds: (performance.now() - started) / 1000, result: state.results[0] };
    if (state.state === 'failed') throw new Error(state.error);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export const schema = {
  questions: [{ kind: 'choice', id: 'kind', title: 'Kind', multiple: false, labels: [{ id: 'spam' }, { id: 'ham' }] }],
};
export const newProject = async (client, name, settings = {}) => (await client.createProject({ body: { name, schema, settings } })).id;

if (has('--serve')) await serve(argument('serve'));
