import { createHash } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import type { Client } from '@labelwright/contract/client';
import type { Exported } from '@labelwright/contract/exports';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { exportPath, exportsFolder } from '../exporting/make-export.ts';
import { exportJobs } from '../jobs/export.ts';
import { migrateJobs } from '../jobs/start-jobs.ts';
import { addColumn, addItems, addRun, setSettings, submitOf } from '../testing-content.ts';
import { startTestServer, type TestPerson, type TestServer } from '../testing.ts';

let server: TestServer;
let owner: TestPerson;
let client: Client;
let project: number;
beforeAll(async () => {
  server = await startTestServer();
  await migrateJobs(server.context);
  owner = await server.addPerson('Olga');
  client = server.client(owner);
});
afterAll(() => server.close());
beforeEach(async () => {
  project = await server.addProject(owner, { name: 'Mail: spam? (2002)' });
  await addItems(server.db, project, [
    { text: 'Win a cruise', label: 'mine' },
    { text: '=HYPERLINK("http://evil")' },
    { text: 'Lunch, "now"' },
    { text: 'Später', n: 4 },
  ]);
  const run = await addRun(server.db, project, owner.id, [
    { answer: 'spam', probability: 0.98, decision: 'accepted' },
    { answer: 'ham', probability: 0.6 },
    { answer: 'ham', probability: 0.75 },
  ]);
  await addColumn(server.db, project, owner.id, run, {
    name: 'free',
    use: 'keywords',
    options: {},
    votes: ['spam', null, 'ham'],
    confidences: [0.5, 0.5, 0.25],
  });
  await client.submitAnswer({ params: { project }, body: submitOf(2, ['spam']) });
});

type Choice = Parameters<Client['createExport']>[0]['body'];
const signal = () => new AbortController().signal;
const work = (id: number, on = signal()) => exportJobs.export({ payload: { export: id }, context: server.context, signal: on, attempt: 1 });
const listed = async (id: number) => (await client.listExports({ params: { project } })).find((each) => each.id === id) as Exported;
const download = (id: number, by = owner) => server.inject({ url: `/api/projects/${project}/exports/${id}/file`, headers: by.headers });

async function exported(body: Choice): Promise<{ row: Exported; content: string }> {
  const { id } = await client.createExport({ params: { project }, body });
  await work(id);
  return { row: await listed(id), content: (await download(id)).body };
}

test('CSV: fields, label, probability, decision, who decided; people before the machine; formulas are texts (P53)', async () => {
  const { content } = await exported({ format: 'csv' });
  expect(content.split('\n')).toEqual([
    'id,label,text,n,label_,probability,decision,decided_by',
    expect.stringMatching(/^item-0,mine,Win a cruise,,spam,0\.98\d*,accepted,machine$/),
    expect.stringMatching(/^item-1,,"'=HYPERLINK\(""http:\/\/evil""\)",,ham,0\.6\d*,uncertain,machine$/),
    'item-2,,"Lunch, ""now""",,spam,,answered,person',
    'item-3,,Später,4,,,no-votes,',
    '',
  ]);
  const votes = await exported({ format: 'csv', votes: true, fields: false, include: 'accepted' });
  expect(votes.content.split('\n').slice(0, 3)).toEqual([
    `id,label,probability,decision,decided_by,vote: free,vote: ${owner.email}`.replace('label,', 'label_,'),
    expect.stringMatching(/^item-0,spam,0\.98\d*,accepted,machine,spam,$/),
    'item-2,spam,,answered,person,ham,spam',
  ]);
});

test('JSONL with votes, Label Studio with annotations and predictions', async () => {
  const lines = (await exported({ format: 'jsonl', votes: true })).content.trim().split('\n');
  expect(JSON.parse(lines[2])).toMatchObject({
    id: 'item-2',
    text: 'Lunch, "now"',
    label_: 'spam',
    probability: null,
    decision: 'answered',
    decided_by: 'person',
    votes: [
      { labeler: 'free', label: 'ham', confidence: 0.25 },
      { labeler: `person:${owner.email}`, label: 'spam', seconds: 2 },
    ],
  });
  const { content } = await exported({ format: 'label-studio', include: 'answered' });
  const tasks = JSON.parse(content) as { data: object; annotations: object[]; predictions: object[] }[];
  expect(tasks).toMatchObject([{ data: { id: 'item-2' }, annotations: [{ completed_by: { email: owner.email } }], predictions: [] }]);
});

test('JSONL says why each labeler voted so, where that is asked for', async () => {
  const run = await addRun(server.db, project, owner.id, [{ answer: 'spam', probability: 0.98, decision: 'accepted' }]);
  const options = { words: ['cruise'], label: 'spam' };
  await addColumn(server.db, project, owner.id, run, { name: 'cruises', use: 'keywords', options, votes: ['spam'] });
  const votesIn = async (reasons: boolean) => {
    const { content } = await exported({ format: 'jsonl', votes: true, reasons });
    return (JSON.parse(content.split('\n')[0]) as { votes: { explanation?: { reason: string } }[] }).votes;
  };
  expect((await votesIn(false))[0]).not.toHaveProperty('explanation');
  expect((await votesIn(true))[0].explanation?.reason).toContain('cruise');
});

test('versions are numbered, never change, and come with a card and a hash that fits', async () => {
  const first = await exported({ format: 'csv', include: 'answered' });
  await client.submitAnswer({ params: { project }, body: submitOf(3, ['ham']) });
  const second = await exported({ format: 'csv', include: 'answered' });
  expect([first.row, second.row]).toMatchObject([
    { number: 1, state: 'done', items: 1, fileName: 'mail-spam-2002-v1.csv', person: 'Olga' },
    { number: 2, state: 'done', items: 2 },
  ]);
  await work(first.row.id);
  const answer = await download(first.row.id);
  expect(answer.body).toBe(first.content);
  expect(createHash('sha256').update(answer.rawPayload).digest('hex')).toBe(first.row.sha256);
  expect(answer.rawPayload.length).toBe(first.row.sizeBytes);
  expect(answer.headers).toMatchObject({
    'content-type': 'application/octet-stream',
    'content-disposition': `attachment; filename="mail-spam-2002-v1.csv"; filename*=UTF-8''mail-spam-2002-v1.csv`,
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
  });
  const { card } = second.row;
  expect(card).toMatch(/^# Mail: spam\? \(2002\), version 2\n/);
  expect(card).toMatch(/\*\*Not certified\*\*/);
  expect(card).toContain('| spam | 1 | 50.0 % |');
  expect(card).toContain('| free | keywords | 1 |');
  expect(card).toContain(String(second.row.sha256));
});

test('what would be lost is said before; what cannot be written is refused', async () => {
  const preview = await client.previewExport({ params: { project }, body: { format: 'csv', include: 'answered' } });
  expect(preview).toMatchObject({ items: 1, sample: expect.stringContaining('item-2') });
  const lossless = await client.previewExport({ params: { project }, body: { format: 'jsonl' } });
  expect(lossless).toMatchObject({ items: 4, losses: [] });
  for (const format of ['exe', '../csv'])
    await expect(client.createExport({ params: { project }, body: { format } })).rejects.toMatchObject({
      status: 400,
      fault: { code: 'bad-options' },
    });
  const { id } = await client.createExport({ params: { project }, body: { format: 'csv' } });
  expect((await download(id)).statusCode).toBe(409);
});

test('P63: killed at any moment, no half file can be had, and it is made again', async () => {
  const { id } = await client.createExport({ params: { project }, body: { format: 'csv' } });
  const stopped = new AbortController();
  stopped.abort(new Error('the server stops'));
  await expect(work(id, stopped.signal)).rejects.toThrow('the server stops');
  await mkdir(exportsFolder(server.context.files.dataDirectory), { recursive: true });
  await writeFile(`${exportPath(server.context.files.dataDirectory, id)}.0123abcd.tmp`, 'id,lab');
  expect(await listed(id)).toMatchObject({ state: 'running', fileName: null });
  expect((await download(id)).statusCode).toBe(409);
  await work(id);
  expect(await listed(id)).toMatchObject({ state: 'done', items: 4 });
  expect((await download(id)).body.split('\n')).toHaveLength(6);
  expect((await readdir(exportsFolder(server.context.files.dataDirectory))).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

test('P76: an export while people answer is of one moment, and holds none of them up', async () => {
  const count = 3_000;
  await addItems(
    server.db,
    project,
    Array.from({ length: count }, (_, n) => ({ text: `Mail number ${n}` })),
  );
  const { id } = await client.createExport({ params: { project }, body: { format: 'jsonl', include: 'answered' } });
  const isDone = { yet: false };
  const making = work(id).finally(() => {
    isDone.yet = true;
  });
  let answered = 0;
  // Pairs: an export of one moment has both or neither.
  while (!isDone.yet && answered < count) {
    const filter = { ordinals: [4 + answered, 5 + answered] };
    await client.bulkAnswer({ params: { project }, body: { action: crypto.randomUUID(), filter, labels: ['ham'] } });
    answered += 2;
  }
  await making;
  const row = await listed(id);
  expect(row).toMatchObject({ state: 'done' });
  expect(answered).toBeGreaterThan(0);
  // The one answer of the beginning, and pairs.
  expect(row.items % 2).toBe(1);
  expect((await download(id)).body.trimEnd().split('\n')).toHaveLength(row.items);
});

test('annotators and viewers get none; hidden fields and gold leave with the whole data, for whoever may review', async () => {
  await setSettings(server.db, project, { goldField: 'label' });
  const { row } = await exported({ format: 'csv' });
  for (const role of ['annotator', 'viewer'] as const) {
    const person = await server.addPerson(role);
    await server.setRole(project, person, role);
    expect((await download(row.id, person)).statusCode).toBe(403);
  }
});

test('made items are left out where they are not wanted', async () => {
  const mark = { kind: 'paraphrase', parents: ['item-0'], prompt: '0', by: 'fake-1' };
  await addItems(server.db, project, [{ text: 'Win a trip by sea', 'labelwright:made': mark }]);
  const idsIn = (content: string) =>
    content
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { id: string }).id);
  const { row, content } = await exported({ format: 'jsonl', made: false });
  expect(idsIn(content)).toEqual(['item-0', 'item-1', 'item-2', 'item-3']);
  expect(row.items).toBe(4);
  expect(idsIn((await exported({ format: 'jsonl' })).content)).toContain('item-4');
  const preview = (made: boolean) => client.previewExport({ params: { project }, body: { format: 'jsonl', made } });
  expect([(await preview(false)).items, (await preview(true)).items]).toEqual([4, 5]);
});
