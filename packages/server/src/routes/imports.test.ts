import { randomUUID } from 'node:crypto';
import { rm, symlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import type { ImportState } from '@labelwright/contract/imports';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startTestServer, type TestPerson, type TestServer } from '../testing.ts';
import { importFile } from '../threads/import-file.ts';
import { openThreadDatabase, whereaboutsOf } from '../threads/thread-database.ts';
import { threadFile } from '../threads/thread.ts';
import { uploadPath } from '../uploads.ts';

let server: TestServer;
let ada: TestPerson;
beforeAll(async () => {
  server = await startTestServer({ jobs: 'run' });
  ada = await server.addPerson();
});
afterAll(() => server.close());

const newProject = () => server.addProject(ada);
const client = () => server.client(ada);

async function upload(project: number, fileName: string, content: string | Uint8Array): Promise<number> {
  const bytes = Buffer.from(content);
  const { id } = await client().createImport({ params: { project }, body: { fileName, sizeBytes: bytes.length } });
  if (bytes.length > 0) await client().uploadChunk({ params: { project, import: id }, query: { offset: 0 } }, { raw: bytes });
  return id;
}

type Start = Partial<{ format: string; encoding: string; idField: string; onProblem: 'skip' | 'all-or-nothing' }>;

async function finish(project: number, id: number): Promise<ImportState> {
  return vi.waitFor(
    async () => {
      const state = await client().getImport({ params: { project, import: id } });
      expect(['done', 'failed', 'cancelled']).toContain(state.state);
      return state;
    },
    { timeout: 30_000, interval: 50 },
  );
}

async function importAs(project: number, fileName: string, content: string | Uint8Array, start: Start = {}): Promise<ImportState> {
  const id = await upload(project, fileName, content);
  await client().startImport({ params: { project, import: id }, body: start });
  return finish(project, id);
}

const itemsOf = (project: number) =>
  server.db.selectFrom('items').select(['ordinal', 'id', 'fields']).where('project_id', '=', project).orderBy('ordinal').execute();
const countOf = async (project: number) =>
  (await server.db.selectFrom('projects').select('items').where('id', '=', project).executeTakeFirstOrThrow()).items;

describe('sending a file', () => {
  test('in pieces, each where the one before ended; another offset says how much is here', async () => {
    const project = await newProject();
    const bytes = Buffer.from('id,text\n1,hello\n2,world\n');
    const created = await client().createImport({
      params: { project },
      body: { fileName: '../../etc/mails.csv', sizeBytes: bytes.length },
    });
    expect(created).toMatchObject({ fileName: 'mails.csv', state: 'uploading', receivedBytes: 0 });
    const params = { project, import: created.id };
    const send = (offset: number, part: Buffer) => client().uploadChunk({ params, query: { offset } }, { raw: part });
    expect(await send(0, bytes.subarray(0, 10))).toMatchObject({ state: 'uploading', receivedBytes: 10 });
    await expect(send(0, bytes)).rejects.toMatchObject({ status: 409, fault: { code: 'conflict', details: { receivedBytes: 10 } } });
    await expect(send(10, Buffer.concat([bytes, bytes]))).rejects.toMatchObject({ status: 413, fault: { code: 'too-large' } });
    await expect(client().startImport({ params, body: {} })).rejects.toMatchObject({ status: 409 });
    expect(await send(10, bytes.subarray(10))).toMatchObject({ state: 'uploaded', receivedBytes: bytes.length });
    await client().startImport({ params, body: {} });
    expect(await finish(project, created.id)).toMatchObject({ state: 'done', items: 2, share: 1, problems: 0 });
    expect(await itemsOf(project)).toMatchObject([
      { ordinal: 0, id: '1', fields: { text: 'hello' } },
      { ordinal: 1, id: '2', fields: { text: 'world' } },
    ]);
  });

  test('P65: a full disk is said, nothing is lost, and it goes on when there is room', async () => {
    const project = await newProject();
    const content = Buffer.from('id,text\n1,hello\n');
    const { id } = await client().createImport({ params: { project }, body: { fileName: 'a.csv', sizeBytes: content.length } });
    const { options } = await server.db.selectFrom('imports').select('options').where('id', '=', id).executeTakeFirstOrThrow();
    const path = uploadPath(server.context.files.dataDirectory, (options as { file: string }).file);
    await rm(path);
    await symlink('/dev/full', path);
    const send = () => client().uploadChunk({ params: { project, import: id }, query: { offset: 0 } }, { raw: content });
    await expect(send()).rejects.toMatchObject({ status: 507, fault: { code: 'disk-full' } });
    await rm(path);
    await importAs(await newProject(), 'b.csv', content);
    await expect(send()).rejects.toMatchObject({ status: 409 });
    const again = await importAs(project, 'a.csv', content);
    expect(again).toMatchObject({ state: 'done', items: 1 });
  });

  test('more than 2 GiB is refused before anything is sent', async () => {
    const project = await newProject();
    const call = client().createImport({ params: { project }, body: { fileName: 'huge.csv', sizeBytes: 3 * 2 ** 30 } });
    await expect(call).rejects.toMatchObject({ status: 413, fault: { code: 'too-large' } });
  });
});

describe('looking at a file before it is imported', () => {
  test('first rows, fields, and what to do with them', async () => {
    const project = await newProject();
    const rows = Array.from({ length: 40 }, (_, n) => ({
      mail_id: `m${n}`,
      body: `Dear reader, this is mail number ${n}, and it says something about ${n % 7} things.`,
      subject: `Mail ${n} of the forty that were sent`,
      group: n % 2 === 0 ? 'spam' : 'ham',
      size: n * 10,
      urgent: n % 3 === 0,
    }));
    const id = await upload(project, 'mails.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'));
    const preview = await client().previewImport({ params: { project, import: id } });
    expect(preview).toMatchObject({
      format: 'jsonl',
      suggestion: {
        idField: 'mail_id',
        textFields: ['subject', 'body'],
        metadataFields: ['mail_id', 'size', 'urgent'],
        goldField: 'group',
      },
      problems: [],
    });
    expect(preview.rows).toHaveLength(40);
    expect(preview.rows[0]).toMatchObject({ id: '1', fields: { size: 0 } });
    expect(Object.fromEntries(preview.fields.map(({ name, kind }) => [name, kind]))).toEqual({
      mail_id: 'text',
      body: 'text',
      subject: 'text',
      group: 'category',
      size: 'number',
      urgent: 'boolean',
    });
  });

  test('P17: bytes that are not UTF-8 are said, and shown as they are once the encoding is named', async () => {
    const project = await newProject();
    const id = await upload(project, 'german.csv', Buffer.from('id,text\n1,Gr\xfc\xdfe\n', 'latin1'));
    const params = { project, import: id };
    const [problem] = (await client().previewImport({ params })).problems;
    expect(problem).toMatchObject({ file: 'german.csv', line: 2 });
    expect(problem.message).toContain('0xFC');
    const preview = await client().previewImport({ params, query: { encoding: 'windows-1252' } });
    expect(preview.rows).toEqual([{ id: '1', fields: { text: 'Grüße' } }]);
    await client().startImport({ params, body: {} });
    expect(await finish(project, id)).toMatchObject({ state: 'failed', items: 0, error: expect.stringContaining('0xFC') });
    await client().startImport({ params, body: { encoding: 'windows-1252' } });
    expect(await finish(project, id)).toMatchObject({ state: 'done', items: 1, problems: 0, error: null });
    expect(await itemsOf(project)).toMatchObject([{ fields: { text: 'Grüße' } }]);
  });

  test('a file that nobody can read is a fault of the file', async () => {
    const project = await newProject();
    const id = await upload(project, 'picture.png', Buffer.from([0x89, 0x50, 0x4e, 0x47, 1, 2, 3]));
    await expect(client().previewImport({ params: { project, import: id } })).rejects.toMatchObject({
      status: 400,
      fault: { code: 'bad-file' },
    });
    await client().startImport({ params: { project, import: id }, body: {} });
    expect(await finish(project, id)).toMatchObject({ state: 'failed', items: 0 });
  });
});

describe('bad input', () => {
  test('P14, P15: byte order mark, quoted line breaks, NUL and halves of characters', async () => {
    const project = await newProject();
    const csv = await importAs(project, 'a.csv', '\ufeffid,text\r\n1,"two\r\nlines"\r\n2,a\0b\r\n');
    expect(csv).toMatchObject({ state: 'done', items: 2, problems: 1, firstProblems: [{ line: 4, key: 'text' }] });
    const jsonl = await importAs(
      project,
      'b.jsonl',
      '{"id":"x","text":"a\\u0000b","n":{"k\\u0000":1}}\n{"id":"y","text":"\\ud83d alone","l":["\\udc00"]}\n',
    );
    expect(jsonl).toMatchObject({ state: 'done', items: 2, problems: 2 });
    expect((await itemsOf(project)).map(({ fields }) => fields)).toEqual([
      { text: 'two\r\nlines' },
      { text: 'a\ufffdb' },
      { text: 'a\ufffdb', n: { 'k\ufffd': 1 } },
      { text: '\ufffd alone', l: ['\ufffd'] },
    ]);
  });

  test('P16: a line that does not end is refused while it streams, the others are read', async () => {
    const project = await newProject();
    const long = `{"id":"long","text":"${'x'.repeat(20 << 20)}"}`;
    const state = await importAs(project, 'a.jsonl', `{"id":"a","text":"one"}\n${long}\n{"id":"b","text":"two"}\n`);
    expect(state).toMatchObject({ state: 'done', items: 2, problems: 1, firstProblems: [{ line: 2 }] });
    const endless = await importAs(await newProject(), 'b.csv', `id,text\n1,"${'x'.repeat(20 << 20)}`);
    expect(endless).toMatchObject({ state: 'failed', items: 0 });
  });

  test('P18: nesting beyond the limit is refused, the other records are read', async () => {
    const project = await newProject();
    const deep = `{"id":"deep","x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    const state = await importAs(project, 'a.jsonl', `{"id":"a","text":"one"}\n${deep}\n{"id":"b","text":"two"}\n`);
    expect(state).toMatchObject({ state: 'done', items: 2, problems: 1, firstProblems: [{ line: 2 }] });
  });

  test('P19: a broken line is named; skipping keeps the others, all-or-nothing keeps none', async () => {
    const lines = Array.from({ length: 5000 }, (_, n) =>
      n === 3210 ? '{"id": broken' : JSON.stringify({ id: `i${n}`, text: `mail ${n}` }),
    );
    const [skipping, strict] = [await newProject(), await newProject()];
    expect(await importAs(skipping, 'a.jsonl', lines.join('\n'))).toMatchObject({
      state: 'done',
      items: 4999,
      problems: 1,
      firstProblems: [{ file: 'a.jsonl', line: 3211 }],
    });
    const refused = await importAs(strict, 'a.jsonl', lines.join('\n'), { onProblem: 'all-or-nothing' });
    expect(refused).toMatchObject({ state: 'failed', items: 0, problems: 1, firstProblems: [{ line: 3211 }] });
    expect([await countOf(strict), await itemsOf(strict)]).toEqual([0, []]);
    lines[3210] = JSON.stringify({ id: 'i3210', text: 'mended' });
    expect(await importAs(strict, 'a.jsonl', lines.join('\n'), { onProblem: 'all-or-nothing' })).toMatchObject({
      state: 'done',
      items: 5000,
    });
    expect(await countOf(strict)).toBe(5000);
  });

  test('a text of more different words than can be searched is stored all the same', async () => {
    const project = await newProject();
    const text = Array.from({ length: 200_000 }, (_, n) => `word${n.toString(36)}`).join(' ');
    expect(await importAs(project, 'a.jsonl', JSON.stringify({ id: 'long', text }))).toMatchObject({
      state: 'done',
      items: 1,
      problems: 0,
    });
  });

  test('empty files, and files without a single item', async () => {
    const project = await newProject();
    expect(await importAs(project, 'empty.csv', '')).toMatchObject({ state: 'failed', error: expect.stringContaining('empty') });
    expect(await importAs(project, 'header.csv', 'id,text\n')).toMatchObject({
      state: 'failed',
      error: expect.stringContaining('No item'),
    });
  });
});

test('P21: the same file again adds nothing, and what was there stays as it is', async () => {
  const project = await newProject();
  const csv = 'id,text\na,one\nb,two\n';
  expect(await importAs(project, 'a.csv', csv)).toMatchObject({ items: 2, duplicates: 0 });
  expect(await importAs(project, 'again.csv', gzipSync('id,text\nb,changed\nc,three\n'))).toMatchObject({ items: 1, duplicates: 1 });
  expect(await importAs(project, 'a.csv', csv)).toMatchObject({ state: 'done', items: 0, duplicates: 2 });
  expect((await itemsOf(project)).map(({ ordinal, id, fields }) => [ordinal, id, fields])).toEqual([
    [0, 'a', { text: 'one' }],
    [1, 'b', { text: 'two' }],
    [2, 'c', { text: 'three' }],
  ]);
});

test('P20: while a large import runs, the others in its project go on', async () => {
  const project = await newProject();
  await importAs(project, 'first.jsonl', Array.from({ length: 200 }, (_, n) => JSON.stringify({ id: `f${n}`, text: 'x' })).join('\n'));
  const lines = Array.from({ length: 20_000 }, (_, n) => JSON.stringify({ id: `i${n}`, text: `mail ${n} ${'word '.repeat(20)}` }));
  const id = await upload(project, 'large.jsonl', lines.join('\n'));
  expect(await client().startImport({ params: { project, import: id }, body: {} })).toMatchObject({ state: 'queued' });
  const shares: number[] = [];
  let answered = 0;
  for (let isOver = false; !isOver && answered < 200; answered++) {
    const { assignments } = await client().nextItems({ params: { project }, body: { count: 1, order: 'oldest' } });
    const body = {
      action: randomUUID(),
      ordinal: assignments[0].item.ordinal,
      kind: 'answer' as const,
      labels: ['spam'],
      base: 0,
      seconds: 1,
    };
    await client().submitAnswer({ params: { project }, body });
    const { state, share } = await client().getImport({ params: { project, import: id } });
    if (state === 'running') shares.push(share);
    isOver = state === 'done';
  }
  expect(await finish(project, id)).toMatchObject({ state: 'done', items: 20_000 });
  expect(answered).toBeGreaterThan(3);
  expect(shares.length).toBeGreaterThan(1);
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  expect(await countOf(project)).toBe(20_200);
});

test('files without ids: each its own, the same one again nothing new', async () => {
  const project = await newProject();
  expect(await importAs(project, 'a.csv', 'text\none\ntwo\n')).toMatchObject({ items: 2 });
  expect(await importAs(project, 'b.csv', 'text\nthree\n')).toMatchObject({ items: 1, duplicates: 0 });
  expect(await importAs(project, 'renamed.csv', 'text\nthree\n')).toMatchObject({ items: 0, duplicates: 1 });
  expect((await itemsOf(project)).map(({ id }) => id)).toEqual(['1', '2', expect.stringMatching(/^[0-9a-f]{8}:1$/)]);
});

test('votes in a file become those of imported labelers; what does not fit is named', async () => {
  const project = await newProject();
  const lines = [
    { id: 'a', text: 'one', votes: [{ labeler: 'old-model', question: 'kind', label: 'spam', confidence: 0.9 }] },
    { id: 'b', text: 'two', votes: [{ labeler: 'old-model', question: 'kind', label: 'eggs' }] },
    {
      id: 'c',
      text: 'three',
      votes: [
        { labeler: 'old-model', label: 'ham' },
        { labeler: 'bob', label: 'ham' },
      ],
    },
  ];
  const state = await importAs(project, 'votes.jsonl', lines.map((line) => JSON.stringify(line)).join('\n'));
  expect(state).toMatchObject({ state: 'done', items: 3, problems: 1, firstProblems: [{ line: 2, key: 'votes' }] });
  const votes = await server.db
    .selectFrom('imported_votes as v')
    .innerJoin('labelers as l', 'l.id', 'v.labeler_id')
    .select(['l.name', 'v.ordinal', 'v.labels', 'v.confidence'])
    .where('l.project_id', '=', project)
    .orderBy('l.name')
    .orderBy('v.ordinal')
    .execute();
  expect(votes).toEqual([
    { name: 'bob (imported)', ordinal: 2, labels: ['ham'], confidence: null },
    { name: 'old-model (imported)', ordinal: 0, labels: ['spam'], confidence: expect.closeTo(0.9, 5) },
    { name: 'old-model (imported)', ordinal: 2, labels: ['ham'], confidence: null },
  ]);
});

describe('interruptions', () => {
  const lines = Array.from({ length: 6000 }, (_, n) =>
    n % 500 === 7 ? '{"id"' : JSON.stringify({ id: `i${n}`, text: `mail ${n} ${'x'.repeat(200)}` }),
  );

  /** As a thread does it, with a queue that nobody works on; killed after some reports. */
  async function prepare(options: object = {}) {
    const project = await newProject();
    const id = await upload(project, 'a.jsonl', lines.join('\n'));
    const row = await server.db
      .updateTable('imports')
      .set((eb) => ({ state: 'queued', options: eb(eb.ref('options'), '||' as never, JSON.stringify(options) as never) as never }))
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow();
    const path = uploadPath(server.context.files.dataDirectory, (row.options as { file: string }).file);
    return { project, id, path };
  }

  async function runUntil({ id, path }: { id: number; path: string }, reports: number) {
    const database = openThreadDatabase(whereaboutsOf(server.context.connection), 'test import');
    const killed = new AbortController();
    let left = reports;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => Date.now() * 1000);
    const report = () => {
      if (--left === 0) killed.abort(new Error('killed'));
    };
    try {
      return await importFile(database, path, id, { signal: killed.signal, report });
    } finally {
      clock.mockRestore();
      await database.close();
    }
  }

  test('P62, P64: stopped at any batch, another process goes on, and nothing is doubled or lost', async () => {
    const job = await prepare();
    for (const reports of [1, 2]) await expect(runUntil(job, reports)).rejects.toThrow('killed');
    const half = await client().getImport({ params: { project: job.project, import: job.id } });
    expect(half.state).toBe('running');
    expect(half.items).toBe(await countOf(job.project));
    const row = await runUntil(job, Number.POSITIVE_INFINITY);
    expect(row).toMatchObject({ state: 'done', items: 5988, duplicates: 0, problems: 12, records: 6000 });
    const items = await itemsOf(job.project);
    expect(items.map(({ ordinal }) => ordinal)).toEqual(Array.from({ length: 5988 }, (_, n) => n));
    expect(new Set(items.map(({ id }) => id)).size).toBe(5988);
  });

  test('P62: killed at any moment, in the middle of whatever it does', async () => {
    const job = await prepare();
    const data = { where: whereaboutsOf(server.context.connection), path: job.path, import: job.id };
    const hasBegun = async (items: number) => {
      const deadline = Date.now() + 10_000;
      while ((await countOf(job.project)) < items && Date.now() < deadline) await sleep(1);
    };
    for (const [items, waitMs] of [
      [0, 250],
      [1, 3],
      [1500, 7],
      [2500, 1],
    ] as const) {
      const worker = new Worker(threadFile('threads/import-thread'), { workerData: data, execArgv: [] });
      await hasBegun(items);
      await sleep(waitMs);
      await worker.terminate();
    }
    expect(await runUntil(job, Number.POSITIVE_INFINITY)).toMatchObject({ state: 'done', items: 5988, duplicates: 0, problems: 12 });
    expect((await itemsOf(job.project)).map(({ ordinal }) => ordinal)).toEqual(Array.from({ length: 5988 }, (_, n) => n));
  });

  test('two processes at one import: the one that was taken for dead stops', async () => {
    const job = await prepare();
    const [first, second] = await Promise.all([runUntil(job, Number.POSITIVE_INFINITY), runUntil(job, Number.POSITIVE_INFINITY)]);
    expect([first, second].some(({ state }) => state === 'done')).toBe(true);
    const state = await client().getImport({ params: { project: job.project, import: job.id } });
    expect(state).toMatchObject({ state: 'done', items: 5988, duplicates: 0, problems: 12 });
    expect(await countOf(job.project)).toBe(5988);
  });

  test('cancelled while it runs: what is stored stays, and it can go on', async () => {
    const job = await prepare();
    await expect(runUntil(job, 2)).rejects.toThrow('killed');
    const params = { project: job.project, import: job.id };
    expect(await client().cancelImport({ params })).toMatchObject({ state: 'cancelled' });
    expect(await runUntil(job, Number.POSITIVE_INFINITY)).toMatchObject({ state: 'cancelled' });
    const stored = await countOf(job.project);
    expect(stored).toBeGreaterThan(0);
    await client().startImport({ params, body: {} });
    expect(await finish(job.project, job.id)).toMatchObject({ state: 'done', problems: 12 });
    expect(await countOf(job.project)).toBe(5988);
  });

  test('all-or-nothing, stopped in the middle of storing: nothing is there', async () => {
    const mended = lines.filter((line) => line !== '{"id"');
    const project = await newProject();
    const id = await upload(project, 'a.jsonl', mended.join('\n'));
    const row = await server.db
      .updateTable('imports')
      .set({ state: 'queued' })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow();
    const { file } = row.options as { file: string };
    await server.db
      .updateTable('imports')
      .set({ options: JSON.stringify({ file, onProblem: 'all-or-nothing' }) })
      .where('id', '=', id)
      .execute();
    const job = { id, path: uploadPath(server.context.files.dataDirectory, file) };
    await expect(runUntil(job, 9)).rejects.toThrow('killed');
    expect([await countOf(project), await itemsOf(project)]).toEqual([0, []]);
    expect(await runUntil(job, Number.POSITIVE_INFINITY)).toMatchObject({ state: 'done', items: 5988 });
  });
});
