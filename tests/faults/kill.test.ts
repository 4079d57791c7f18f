import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CallError } from '@labelwright/contract/client';
import type { Finding } from '@labelwright/server/upkeep/doctor';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { labelwright } from '../cli/run-cli.ts';
import { type ServerProcess, startServerProcess, type Victims } from './server-process.ts';

/** Short here; `node benchmarks/faults.mjs` asks for more kills, on more items, at other moments. */
const rounds = Number(process.env.LABELWRIGHT_FAULT_ROUNDS ?? 2);
const size = Number(process.env.LABELWRIGHT_FAULT_ITEMS ?? 6_000);
const seed = Number(process.env.LABELWRIGHT_FAULT_SEED ?? 1);

const data = mkdtempSync(join(tmpdir(), 'labelwright-kill-'));
let server: ServerProcess;
beforeAll(async () => void (server = await startServerProcess(data)));
afterAll(async () => {
  await server?.stop();
  rmSync(data, { recursive: true, force: true, maxRetries: 3 });
});

/** A share of the work per round, after which the server dies: the same ones for the same seed. */
const moments: { share: number; victims: Victims }[] = Array.from({ length: rounds }, (_, round) => {
  const share = ((((seed * 7919 + round * 104_729) % 1000) + 1000) % 1000) / 1000;
  return { share: (round + share) / rounds, victims: round % 2 === 0 ? 'server' : 'server and database' };
});

async function killAndRestart(victims: Victims): Promise<void> {
  await server.kill(victims);
  server = await startServerProcess(data);
}

/** As a user would call it, beside the server that runs. */
function expectHealthy(): void {
  const { status, stdout, stderr } = labelwright(['doctor', '--data', data, '--json']);
  const findings = JSON.parse(stdout) as Finding[];
  expect(findings.filter(({ violations }) => violations > 0)).toEqual([]);
  expect([status, stderr]).toEqual([0, '']);
}

const question = { kind: 'choice' as const, id: 'kind', title: 'Kind', labels: [{ id: 'spam' }, { id: 'ham' }], multiple: false };

async function newProject(name: string): Promise<number> {
  return (await server.client.createProject({ body: { name, schema: { questions: [question] } } })).id;
}

const textOf = (n: number) => `${n % 3 === 0 ? 'Win a free prize' : 'Re: the meeting'} ${n} ${'word '.repeat(n % 30)}`;

async function startImport(project: number, count: number): Promise<number> {
  const lines = Array.from({ length: count }, (_, n) => JSON.stringify({ id: `mail-${n}`, text: textOf(n) }));
  const bytes = new TextEncoder().encode(lines.join('\n'));
  const { id } = await server.client.createImport({ params: { project }, body: { fileName: 'mails.jsonl', sizeBytes: bytes.length } });
  const params = { project, import: id };
  await server.client.uploadChunk({ params, query: { offset: 0 } }, { raw: bytes });
  await server.client.startImport({ params, body: {} });
  return id;
}

interface Progress {
  readonly state: string;
  readonly error: string | null;
}

/** Looks again and again until it is so. @throws when what is looked at failed, or after a minute */
async function until<Row extends Progress>(read: () => Promise<Row>, isSo: (row: Row) => boolean): Promise<Row> {
  for (const deadline = Date.now() + 60_000; ; await sleep(5)) {
    const row = await read();
    if (isSo(row)) return row;
    if (row.state === 'failed' || Date.now() > deadline) throw new Error(`it is ${row.state}: ${row.error}`);
  }
}

const isDone = ({ state }: Progress) => state === 'done';

async function importedProject(name: string, count: number): Promise<number> {
  const project = await newProject(name);
  const id = await startImport(project, count);
  await until(() => server.client.getImport({ params: { project, import: id } }), isDone);
  return project;
}

const countOf = async (project: number) => (await server.client.getProject({ params: { project } })).items;

test('P62: kill -9 in the middle of an import: it goes on, and each item is there once', async () => {
  const project = await newProject('import');
  const id = await startImport(project, size);
  const read = () => server.client.getImport({ params: { project, import: id } });
  for (const { share, victims } of moments) {
    const before = await until(read, (row) => isDone(row) || row.items >= share * size);
    await killAndRestart(victims);
    // What was said to be stored is stored, and no more is counted than is there.
    expect(await countOf(project)).toBeGreaterThanOrEqual(before.items);
    expectHealthy();
  }
  expect(await until(read, isDone)).toMatchObject({ items: size, duplicates: 0, problems: 0 });
  const { rows, total } = await server.client.queryItems({ params: { project }, body: { limit: 3, offset: size - 2 } });
  expect([total, rows.map((row) => row.id)]).toEqual([size, [`mail-${size - 2}`, `mail-${size - 1}`]]);
  expectHealthy();
});

test('P61, P64: kill -9 in the middle of a burst of submits: all that was confirmed is there, once', async () => {
  const burst = Math.min(size, 300);
  const project = await importedProject('submits', burst * rounds);
  const confirmed: { action: string; ordinal: number; label: string }[] = [];
  for (const [round, { share, victims }] of moments.entries()) {
    const submits = Array.from({ length: burst }, (_, n) => {
      const ordinal = round * burst + n;
      return { action: randomUUID(), ordinal, label: ordinal % 3 === 0 ? 'spam' : 'ham' };
    });
    const send = ({ action, ordinal, label }: (typeof submits)[number]) =>
      server.client.submitAnswer({ params: { project }, body: { action, ordinal, kind: 'answer', labels: [label], base: 0, seconds: 1 } });
    const waiting = [...submits];
    const lost: typeof submits = [];
    let heard = 0;
    const dies = new AbortController();
    const annotator = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        try {
          await send(next);
          confirmed.push(next);
          if (++heard >= (0.2 + share * 0.6) * burst) dies.abort();
        } catch (error) {
          if (!(error instanceof CallError)) throw error;
          lost.push(next);
        }
        if (dies.signal.aborted && lost.length === 0) await sleep(0);
      }
    };
    const killed = new Promise<void>((resolve, reject) => {
      dies.signal.addEventListener('abort', () => void server.kill(victims).then(resolve, reject));
    });
    await Promise.all([killed, ...Array.from({ length: 8 }, annotator)]);
    expect(lost.length).toBeGreaterThan(0);
    server = await startServerProcess(data);
    expectHealthy();
    // The browser's outbox sends again what it heard nothing of: stored already or not, it is there once in the end.
    for (const submit of lost) await send(submit);
    confirmed.push(...lost);
    // And what it heard of, if it lost its memory: the same answer as the first time.
    expect(await send(submits[0])).toMatchObject({ version: 1, replayed: true });
  }
  const total = burst * rounds;
  expect(new Set(confirmed.map(({ ordinal }) => ordinal)).size).toBe(total);
  const filter = { decision: ['answered' as const] };
  const answered = await server.client.queryItems({ params: { project }, body: { filter, limit: 1 } });
  expect(answered.total).toBe(total);
  for (const label of ['spam', 'ham']) {
    const given = await server.client.queryItems({ params: { project }, body: { filter: { ...filter, answer: [label] }, limit: 1 } });
    expect(given.total).toBe(confirmed.filter((submit) => submit.label === label).length);
  }
  expectHealthy();
});

test('P64: kill -9 in the middle of a run: it is done in the end, once, by whoever comes after', async () => {
  const project = await importedProject('run', size);
  for (const [name, use, options] of [
    ['prizes', 'keywords', { words: ['free', 'prize'], label: 'spam' }],
    ['meetings', 'regex', { pattern: 'meet(ing)?', label: 'ham' }],
    ['long', 'expression', { when: 'text.size() > 120', label: 'ham' }],
  ] as const)
    await server.client.createLabeler({ params: { project }, body: { name, use, with: options } });
  for (const [round, { share, victims }] of moments.entries()) {
    const { id } = await server.client.startRun({ params: { project }, body: {} });
    const read = () => server.client.getRun({ params: { project, run: id } });
    await until(read, (row) => row.state !== 'queued');
    await sleep(share * 250);
    await killAndRestart(victims);
    expectHealthy();
    const done = await until(read, isDone);
    expect(done.results).toMatchObject([{ items: size }]);
    const runs = await server.client.listRuns({ params: { project } });
    expect(runs.map(({ number, state }) => [number, state])).toEqual(Array.from({ length: round + 1 }, (_, n) => [round + 1 - n, 'done']));
  }
  expect((await server.client.getOverview({ params: { project } })).covered).toBe(size);
  expectHealthy();
});

test('P63: kill -9 in the middle of an export: no half of a file can be had, and it is made in the end', async () => {
  const project = await importedProject('export', size);
  for (const { share, victims } of moments) {
    const { id } = await server.client.createExport({ params: { project }, body: { format: 'jsonl' } });
    const read = async () => (await server.client.listExports({ params: { project } })).find((row) => row.id === id) as Progress;
    await until(read, ({ state }) => state !== 'queued');
    await sleep(share * 60);
    await server.kill(victims);
    server = await startServerProcess(data);
    const response = await fetch(`${server.url}/api/projects/${project}/exports/${id}/file`);
    const lines = (await response.text()).trimEnd().split('\n').length;
    expect(response.status === 409 || (response.ok && lines === size)).toBe(true);
    await until(read, isDone);
    const file = String(await server.client.downloadExport({ params: { project, export: id } }));
    expect(file.trimEnd().split('\n')).toHaveLength(size);
  }
  expect(readdirSync(join(data, 'exports')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  expectHealthy();
});
