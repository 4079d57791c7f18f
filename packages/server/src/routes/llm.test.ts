import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FakeFault, type FakeLlm, startFakeLlm } from '@labelwright/engine/providers/testing/fake-llm';
import type { AskingRun } from '@labelwright/contract/llm';
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { jobHandlers } from '../jobs/job-handlers.ts';
import { startJobs } from '../jobs/start-jobs.ts';
import { addItems, setSettings, submitOf } from '../testing-content.ts';
import { startTestServer, type TestPerson, type TestServer } from '../testing.ts';

let server: TestServer;
let boss: TestPerson;
let project: number;
let llm: FakeLlm;
let faultOf: (call: FakeLlm['calls'][number]) => FakeFault | undefined;
const lines: string[] = [];
const secret = 'sk-very-secret-0123456789-abcd';

beforeAll(async () => {
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
  server = await startTestServer({ jobs: 'run', log });
  boss = await server.addPerson('Boss', { admin: true });
});
afterAll(() => server.close());
beforeEach(async () => {
  faultOf = () => undefined;
  llm = await startFakeLlm({ label: (text) => (text.includes('prize') ? 'spam' : 'ham'), fault: (call) => faultOf(call) });
  project = await server.addProject(boss);
  await addItems(server.db, project, mails);
});
afterEach(() => llm.close());

const mails = Array.from({ length: 40 }, (_, n) => ({ text: `Mail ${n} about a ${n % 2 === 0 ? 'prize' : 'meeting'}` }));
const client = (person: TestPerson = boss) => server.client(person);
const params = () => ({ project });
const prices = [{ model: '*', inputUsd: 1, cachedInputUsd: 0.5, outputUsd: 4 }];

const connect = (more: object = {}) =>
  client().createConnection({
    params: params(),
    body: {
      name: 'home',
      provider: 'openai-compatible',
      baseUrl: `${llm.url}/v1`,
      allowPrivate: true,
      key: secret,
      prices,
      concurrency: 4,
      ...more,
    },
  });

const options = { connection: 'home', model: 'fake-1' };
async function addModel(more: object = {}, name = 'model'): Promise<number> {
  const { id, kind } = await client().createLabeler({
    params: params(),
    body: { name, use: 'llm-prompt', with: { ...options, ...more }, costUsd: 0 },
  });
  expect(kind).toBe('asked');
  return id;
}

async function until(asking: number, ...states: AskingRun['state'][]): Promise<AskingRun> {
  return vi.waitFor(
    async () => {
      const found = (await client().listAskings({ params: params() })).find(({ id }) => id === asking);
      expect(states).toContain(found?.state);
      return found as AskingRun;
    },
    { timeout: 20_000, interval: 50 },
  );
}

const ask = (labeler: number, body: object = {}) =>
  client().startAsking({ params: { project, labeler }, body: { budgetUsd: null, thenRun: false, ...body } });

describe('connections', () => {
  test('the key comes back as its last four characters, from nowhere', async () => {
    const made = await connect();
    expect(made).toMatchObject({ name: 'home', keyLastFour: 'abcd', version: 1, usedBy: [] });
    faultOf = () => 'echoed-key';
    const tested = await client().testConnection({ params: { project, connection: made.id }, body: { model: 'fake-1' } });
    expect(tested.ok).toBe(false);
    await addModel();
    const preview = await client()
      .previewPrompt({ params: params(), body: { with: options, ask: true } })
      .catch((error: unknown) => JSON.stringify(error) + String(error));
    const all = [
      JSON.stringify([
        made,
        tested,
        preview,
        await client().listConnections({ params: params() }),
        await client().listAudit({ query: {} }),
      ]),
      lines.join(''),
      JSON.stringify((await sql`select * from connections`.execute(server.db)).rows),
      JSON.stringify((await sql`select * from llm_replies`.execute(server.db)).rows),
    ].join('\n');
    expect(all).toContain('abcd');
    expect(all).not.toContain(secret);
    expect(all).not.toContain(secret.slice(0, -4));
    expect(await readFile(join(server.context.files.dataDirectory, 'master-key'), 'utf8')).toMatch(/^[\w-]{43}\n$/);
  });

  test('a key is not sent to another address, and a sealed one does not open in another row', async () => {
    const made = await connect();
    const change = { params: { project, connection: made.id }, body: { version: 1, baseUrl: 'http://127.0.0.1:9/v1' } };
    await expect(client().updateConnection(change)).rejects.toMatchObject({
      fault: { code: 'bad-request', message: expect.stringContaining('its key') },
    });
    await sql`update connections set base_url = 'http://127.0.0.1:9/v1' where id = ${made.id}`.execute(server.db);
    const tested = await client().testConnection({ params: { project, connection: made.id }, body: { model: 'fake-1' } });
    expect(tested).toMatchObject({ ok: false, message: expect.stringContaining('was changed, or is another') });
    const moved = await client().updateConnection({ ...change, body: { version: 1, baseUrl: `${llm.url}/v1`, key: 'another-key-9876' } });
    expect(moved).toMatchObject({ version: 2, keyLastFour: '9876', concurrency: 4, allowPrivate: true });
    expect(await client().testConnection({ params: { project, connection: made.id }, body: { model: 'fake-1' } })).toMatchObject({
      ok: true,
    });
    expect(llm.calls.at(-1)?.headers.authorization).toBe('Bearer another-key-9876');
  });

  test('private addresses are refused unless an administrator allows them', async () => {
    const manager = await server.addPerson('Manager');
    await server.setRole(project, manager, 'manager');
    const body = { name: 'inside', provider: 'openai-compatible' as const, baseUrl: `${llm.url}/v1`, prices };
    await expect(client(manager).createConnection({ params: params(), body: { ...body, allowPrivate: true } })).rejects.toMatchObject({
      fault: { code: 'forbidden' },
    });
    const allowed = await connect();
    const change = (more: object) =>
      client(manager).updateConnection({ params: { project, connection: allowed.id }, body: { version: 1, ...more } });
    await expect(change({ baseUrl: 'http://127.0.0.1:1/v1', key: 'x' })).rejects.toMatchObject({ fault: { code: 'forbidden' } });
    expect(await change({ concurrency: 2 })).toMatchObject({ allowPrivate: true, concurrency: 2 });
    const { id } = await client(manager).createConnection({ params: params(), body });
    const tested = await client(manager).testConnection({ params: { project, connection: id }, body: { model: 'fake-1' } });
    expect(tested).toMatchObject({ ok: false, usd: 0 });
    expect(llm.calls).toHaveLength(0);
  });
});

describe('askings', () => {
  test('asks about everything once, and the votes enter the next run', async () => {
    await connect();
    const labeler = await addModel({ confidence: 'stated' });
    const estimate = await client().estimateAsking({ params: params(), body: { with: { ...options, confidence: 'stated' }, labeler } });
    expect(estimate).toMatchObject({ items: 40, answered: 0, requests: 40, prices: { source: 'connection' } });
    const { id } = await ask(labeler, { thenRun: true });
    const done = await until(id, 'done');
    expect(done).toMatchObject({ done: 40, total: 40, cached: 0, failures: [] });
    expect([...llm.answered.values()]).toEqual(Array.from({ length: 40 }, () => 1));
    const spent = await client().getSpending({ params: params() });
    const billed = (llm.billed.input * 1 + llm.billed.output * 4) / 1e6;
    expect(spent.usd).toBeCloseTo(billed, 9);
    expect(spent.labelers).toMatchObject([{ labeler: { id: labeler, name: 'model' }, openUsd: 0, calls: 40, answers: 40 }]);
    expect(done.usd).toBeCloseTo(billed, 9);
    const overview = await vi.waitFor(
      async () => {
        const found = await client().getOverview({ params: params(), query: {} });
        expect(found.run?.stale).toBe(false);
        return found;
      },
      { timeout: 20_000 },
    );
    expect([overview.covered, overview.warnings]).toEqual([40, []]);
    expect(overview.spend.machineUsd).toBeCloseTo(billed, 9);
    const { labelers } = await client().listLabelers({ params: params(), query: {} });
    expect(labelers[0]).toMatchObject({ kind: 'asked', statistics: { voted: 40, failures: 0 } });
    expect(labelers[0].costUsd).toBeCloseTo(billed / 40, 9);
    const item = await client().getItem({ params: { project, ordinal: 0 }, query: {} });
    expect(item.evidence).toMatchObject([
      {
        labeler: 'model',
        kind: 'llm-prompt',
        labels: ['spam'],
        confidence: expect.closeTo(0.9, 5),
        reason: 'fake-1 said so, asked through home',
      },
    ]);
    const exported = await client().previewExport({ params: params(), body: { format: 'csv', include: 'all', votes: true } });
    expect(JSON.stringify(exported)).toContain('vote: model');
    expect(JSON.stringify(exported)).not.toContain(secret);
    await expect(ask(labeler)).rejects.toMatchObject({ fault: { code: 'conflict', message: expect.stringContaining('nothing to ask') } });
  });

  test('stops before its budget is passed, and goes on with a higher one', async () => {
    await connect();
    const labeler = await addModel();
    const { id } = await ask(labeler, { budgetUsd: 0.008 });
    const paused = await until(id, 'paused');
    expect(paused.reason).toMatch(/^The budget of this asking, \$ 0\.0080, is spent: /);
    expect(paused.usd).toBeLessThanOrEqual(0.008);
    expect(paused.done).toBeLessThan(40);
    await client().setSpendingLimits({ params: params(), body: { budgetUsd: 0.000_001 } });
    await client().resumeAsking({ params: { project, asking: id }, body: { budgetUsd: null } });
    expect((await until(id, 'paused')).reason).toMatch(/^The budget of the project/);
    await client().setSpendingLimits({ params: params(), body: { budgetUsd: null } });
    await client().resumeAsking({ params: { project, asking: id }, body: {} });
    expect(await until(id, 'done')).toMatchObject({ done: 40, total: 40 });
    expect([...llm.answered.values()].every((times) => times === 1)).toBe(true);
  });

  test('paused it asks nothing new; resumed it asks nothing twice', async () => {
    await llm.close();
    llm = await startFakeLlm({ label: () => 'ham', latencyMs: 60 });
    await connect({ concurrency: 1 });
    const labeler = await addModel();
    const { id } = await ask(labeler);
    await vi.waitFor(() => expect(llm.calls.length).toBeGreaterThan(4), { timeout: 10_000 });
    expect((await client().pauseAsking({ params: { project, asking: id } })).state).toBe('paused');
    await expect(ask(labeler)).rejects.toMatchObject({ fault: { code: 'conflict' } });
    await vi.waitFor(
      async () => {
        const before = llm.calls.length;
        await new Promise((done) => setTimeout(done, 300));
        expect(llm.calls.length).toBe(before);
      },
      { timeout: 10_000 },
    );
    expect(llm.calls.length).toBeLessThan(40);
    await client().resumeAsking({ params: { project, asking: id }, body: {} });
    expect(await until(id, 'done')).toMatchObject({ done: 40 });
    expect([...llm.answered.values()]).toEqual(Array.from({ length: 40 }, () => 1));
    expect(
      await client()
        .cancelAsking({ params: { project, asking: id } })
        .catch((error: { fault: { code: string } }) => error.fault.code),
    ).toBe('conflict');
  });

  test('a labeler that is changed meanwhile is not asked in its old version', async () => {
    await llm.close();
    llm = await startFakeLlm({ label: () => 'ham', latencyMs: 400 });
    await connect({ concurrency: 1 });
    const labeler = await addModel();
    const { id } = await ask(labeler);
    await vi.waitFor(() => expect(llm.calls.length).toBeGreaterThan(0), { timeout: 10_000 });
    await client().updateLabeler({ params: { project, labeler }, body: { version: 1, with: { ...options, reasoning: true } } });
    expect(await until(id, 'cancelled')).toMatchObject({ reason: expect.stringMatching(/^The labeler was changed/) });
    expect((await client().estimateAsking({ params: params(), body: { with: { ...options, reasoning: true }, labeler } })).answered).toBe(
      0,
    );
  });

  test('what was paid for before a crash is not asked again', async () => {
    await connect();
    const labeler = await addModel();
    const { id } = await ask(labeler);
    await until(id, 'done');
    // As a kill leaves it: replies are in the ledger, of the answers the last did not come to be stored.
    await sql`delete from llm_answers where labeler_id = ${labeler} and ordinal >= 10`.execute(server.db);
    await sql`update askings set done = 10, state = 'paused' where id = ${id}`.execute(server.db);
    await client().resumeAsking({ params: { project, asking: id }, body: {} });
    expect(await until(id, 'done')).toMatchObject({ done: 40, total: 40, cached: 30 });
    expect(llm.calls).toHaveLength(40);
  });

  test('another version with the same prompt costs nothing; failures are asked again', async () => {
    await connect();
    const labeler = await addModel({ abstain: true });
    faultOf = ({ items }) => (items[0]?.includes('Mail 7 ') ? 'refusal' : undefined);
    const first = await until((await ask(labeler)).id, 'done');
    expect(first.failures).toEqual([{ reason: 'refused', count: 1 }]);
    const before = llm.calls.length;
    await client().updateLabeler({ params: { project, labeler }, body: { version: 1, with: { ...options, abstain: true, fewShot: 0 } } });
    expect(await until((await ask(labeler)).id, 'done')).toMatchObject({ done: 40, cached: 40 });
    expect(llm.calls).toHaveLength(before);
  });

  test('a key that is refused ends it with words, 429 is waited out', async () => {
    await connect();
    const labeler = await addModel();
    faultOf = () => ({ status: 401, body: { error: { message: `Incorrect API key provided: ${secret}` } } });
    const failed = await until((await ask(labeler)).id, 'failed');
    expect(failed.reason).toBe('The key was refused (HTTP 401)');
    faultOf = ({ number }) => (number % 5 === 0 ? { status: 429, headers: { 'retry-after-ms': '20' } } : undefined);
    const done = await until((await ask(labeler)).id, 'done');
    expect(done).toMatchObject({ done: 40, failures: [] });
    expect(done.usd).toBeCloseTo((llm.billed.input + llm.billed.output * 4) / 1e6, 9);
  });
});

test('a prompt is shown as it is sent, and tried', async () => {
  await connect();
  const before = await client().previewPrompt({ params: params(), body: { with: { ...options, batchSize: 2 }, items: 3 } });
  expect(before.requests.map(({ items }) => items.length)).toEqual([2, 1]);
  expect(before.requests[0].system).toContain('"spam"');
  expect(before.answers).toEqual([]);
  expect(llm.calls).toHaveLength(0);
  const tried = await client().previewPrompt({ params: params(), body: { with: options, items: 3, ask: true } });
  expect(tried.answers).toHaveLength(3);
  expect(tried.answers.every(({ labels, ordinal }) => labels?.[0] === (ordinal % 2 === 0 ? 'spam' : 'ham'))).toBe(true);
  expect(tried.usd).toBeGreaterThan(0);
  const { labelers } = await client().getSpending({ params: params() });
  expect(labelers).toMatchObject([{ labeler: null, calls: 3, usd: tried.usd }]);
  const again = await client().previewPrompt({ params: params(), body: { with: options, items: 3, seed: 1 } });
  expect(again.requests[0].items).not.toEqual(before.requests[0].items);
});

test('definitions are checked by their own options', async () => {
  await connect();
  const create = (given: object) =>
    client().createLabeler({ params: params(), body: { name: 'm', use: 'llm-prompt', with: given as never, costUsd: 0 } });
  await expect(create({ ...options, batchsize: 3 })).rejects.toMatchObject({ fault: { code: 'bad-options' } });
  await expect(create({ ...options, connection: 'nowhere' })).rejects.toMatchObject({
    fault: { code: 'bad-options', details: { path: 'connection' } },
  });
  await expect(client().previewLabeler({ params: params(), body: { use: 'llm-prompt', with: options } })).rejects.toMatchObject({
    fault: { code: 'bad-options' },
  });
  const { asked } = await client().listTechniques({});
  expect(asked.map(({ name }) => name)).toContain('llm-prompt');
});

describe('what a model is worth', () => {
  /** People answer the first `n` items; every tenth otherwise than the model. */
  async function answerAsPeople(n: number): Promise<void> {
    for (let ordinal = 0; ordinal < n; ordinal++) {
      const isSpam = (ordinal % 2 === 0) !== (ordinal % 10 === 9);
      await client().submitAnswer({ params: params(), body: submitOf(ordinal, [isSpam ? 'spam' : 'ham']) });
    }
  }

  test('its confidence, judged by people; where its errors are; and against another prompt', async () => {
    await connect();
    const labeler = await addModel({ confidence: 'stated' });
    await until((await ask(labeler)).id, 'done');
    await answerAsPeople(40);
    const confidence = await client().getConfidence({ params: { project, labeler }, query: {} });
    expect(confidence).toMatchObject({ judge: 'people', n: 40, calibrated: { method: expect.any(String) } });
    expect(confidence.stated?.bins).toMatchObject([{ count: 40, accuracy: 0.9 }]);
    const slices = await client().getSlices({ params: { project, labeler }, query: {} });
    expect(slices.overall).toMatchObject({ n: 40, error: { estimate: 0.1, n: 40 } });
    await client().updateLabeler({ params: { project, labeler }, body: { version: 1, with: { ...options, confidence: 'none' } } });
    await llm.close();
    llm = await startFakeLlm({ label: () => 'ham' });
    const [connection] = await client().listConnections({ params: params() });
    await client().updateConnection({
      params: { project, connection: connection.id },
      body: { version: 1, baseUrl: `${llm.url}/v1`, key: secret },
    });
    await until((await ask(labeler, { limit: 30 })).id, 'done');
    const query = { a: labeler, b: labeler, aVersion: 1, bVersion: 2 };
    const compared = await client().compareLabelers({ params: params(), query });
    expect(compared).toMatchObject({ both: 30, labels: ['spam', 'ham'], a: { version: 1, answered: 40 }, b: { version: 2, answered: 30 } });
    expect(compared.matrix[0]).toBe(0);
    expect(compared.matrix[1]).toBe(compared.differ);
    expect(compared.mcnemar?.onlyA).toBe(compared.differ);
    expect(compared.examples[0]).toMatchObject({ a: ['spam'], b: ['ham'], judge: ['spam'] });
  });

  test('a better prompt is offered only when it is better on items that it was not made from', async () => {
    const template = 'Decide whether a mail advertises something. {{labels}}';
    const isImproved = (body: unknown) => JSON.stringify(body).includes('advertises something');
    await llm.close();
    llm = await startFakeLlm({
      label: () => 'ham',
      fault: ({ body, items }) => {
        const said = JSON.stringify(body).includes('You improve the instructions')
          ? { reason: 'Prizes are advertisements.', template }
          : isImproved(body)
            ? { label: items[0].includes('prize') ? 'spam' : 'ham' }
            : undefined;
        return said && { status: 200, body: chatReply(JSON.stringify(said)) };
      },
    });
    await connect();
    await addItems(
      server.db,
      project,
      mails.map(({ text }) => ({ text: `Also: ${text}` })),
    );
    const labeler = await addModel({ confidence: 'none' });
    await expect(client().improvePrompt({ params: { project, labeler }, body: {} })).rejects.toMatchObject({ fault: { code: 'conflict' } });
    await answerAsPeople(80);
    await expect(client().improvePrompt({ params: { project, labeler }, body: { budgetUsd: 0.001 } })).rejects.toMatchObject({
      fault: { code: 'over-budget' },
    });
    const proposal = await client().improvePrompt({ params: { project, labeler }, body: { budgetUsd: 1 } });
    expect(proposal).toMatchObject({ template, changes: 'Prizes are advertisements.', better: true, heldOut: { n: 40 } });
    expect(proposal.heldOut.after.estimate).toBeGreaterThan(proposal.heldOut.before.estimate);
    const { labelers } = await client().getSpending({ params: params() });
    expect(labelers).toMatchObject([{ labeler: null, openUsd: 0 }]);
    expect((await client().listLabelers({ params: params(), query: {} })).labelers[0].version).toBe(1);
  });
});

test('second opinions and a draft of guidelines change nothing', async () => {
  const opinion = (id: string) => ({ id, own: ['ham'], reason: 'It is a meeting.', wrong: true, probability: 0.8 });
  await llm.close();
  llm = await startFakeLlm({
    fault: ({ body }) => {
      const text = JSON.stringify(body);
      const said = text.includes('You check answers')
        ? { opinions: [...new Set(text.match(/id=\\"(\w+)\\"/g))].map((match) => opinion(/"(\w+)\\"/.exec(match)?.[1] ?? '')) }
        : {
            definitions: [{ label: 'spam', definition: 'Advertises something.' }],
            edgeCases: [{ rule: 'Invitations are ham.', label: 'nonsense', why: 'x' }],
            openQuestions: ['What of newsletters?'],
          };
      return { status: 200, body: chatReply(JSON.stringify(said)) };
    },
  });
  await connect();
  await setSettings(server.db, project, { overlap: 2 });
  const labeler = await addModel();
  const at = { project, labeler };
  await expect(client().secondOpinions({ params: at, body: {} })).rejects.toMatchObject({ fault: { code: 'conflict' } });
  await expect(client().draftGuidelines({ params: at, body: {} })).rejects.toMatchObject({ fault: { code: 'conflict' } });
  for (let ordinal = 0; ordinal < 12; ordinal++)
    await client().submitAnswer({ params: params(), body: submitOf(ordinal, [ordinal % 2 === 0 ? 'spam' : 'ham']) });
  const history = async () => (await sql`select * from answers where project_id = ${project}`.execute(server.db)).rows.length;
  const before = await history();
  const found = await client().secondOpinions({ params: at, body: {} });
  expect(found).toMatchObject({ looked: 12, failed: [], stopped: null });
  expect(found.doubts.map(({ ordinal }) => ordinal).sort((a, b) => a - b)).toEqual([0, 2, 4, 6, 8, 10]);
  expect(found.doubts[0]).toMatchObject({ given: ['spam'], proposed: ['ham'], reason: 'It is a meeting.' });
  const bob = await server.addPerson('Bob');
  await server.setRole(project, bob, 'reviewer');
  await client(bob).submitAnswer({ params: params(), body: submitOf(0, ['ham'], { base: 1 }) });
  const draft = await client().draftGuidelines({ params: at, body: {} });
  expect(draft).toMatchObject({
    disputed: 1,
    leftOut: 1,
    edgeCases: [],
    definitions: [{ label: 'spam' }],
    openQuestions: ['What of newsletters?'],
  });
  expect(await history()).toBe(before + 1);
});

test('made items are marked, and judge nothing', async () => {
  const texts = ['You have been chosen to receive an award', 'Mail 0 about a prize', 'A reward of many coins waits for your answer today'];
  await llm.close();
  llm = await startFakeLlm({ fault: () => ({ status: 200, body: chatReply(JSON.stringify({ texts })) }) });
  await connect();
  const labeler = await addModel();
  const wish = { params: { project, labeler }, body: { kind: 'paraphrase' as const, ordinals: [0] } };
  await expect(client().makeItems(wish)).rejects.toMatchObject({ fault: { code: 'conflict' } });
  await client().submitAnswer({ params: params(), body: submitOf(0, ['spam']) });
  await expect(client().makeItems({ ...wish, body: { ...wish.body, kind: 'variant' } })).rejects.toMatchObject({
    fault: { code: 'bad-making' },
  });
  const { made, dropped, usd, ...mark } = await client().makeItems(wish);
  expect(made.map(({ text, intended }) => [text, ...intended])).toEqual([
    [texts[0], 'spam'],
    [texts[2], 'spam'],
  ]);
  expect(dropped).toEqual([{ text: texts[1], reason: 'same as its parent' }]);
  expect(usd).toBeGreaterThan(0);
  expect((await client().getProject({ params: params() })).items).toBe(40);
  const keep = { params: params(), body: { ...mark, texts: made.map(({ text }) => text) } };
  expect(await client().keepMadeItems(keep)).toEqual({ added: 2 });
  expect(await client().keepMadeItems(keep)).toEqual({ added: 0 });
  const { id, fields } = await client().getItem({ params: { project, ordinal: 41 }, query: {} });
  expect(fields).toEqual({
    text: texts[2],
    'labelwright:made': { kind: 'paraphrase', parents: ['item-0'], prompt: mark.prompt, by: 'fake-1' },
  });
  await expect(client().keepMadeItems({ ...keep, body: { ...keep.body, parents: [id] } })).rejects.toMatchObject({
    fault: { code: 'bad-request' },
  });
  expect((await client().getProject({ params: params() })).items).toBe(42);
});

function chatReply(content: string) {
  return {
    id: 'chatcmpl-fake',
    object: 'chat.completion',
    created: 1_700_000_000,
    model: 'fake-1',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 200, completion_tokens: 20, total_tokens: 220 },
  };
}

test('a server that stops in the middle leaves nothing that is asked twice', async () => {
  const own = await startTestServer({ jobs: 'wait' });
  try {
    const person = await own.addPerson('Ada', { admin: true });
    const mine = await own.addProject(person);
    await addItems(own.db, mine, mails);
    await llm.close();
    llm = await startFakeLlm({ label: () => 'ham', latencyMs: 30 });
    const at = { project: mine };
    const body = {
      name: 'home',
      provider: 'openai-compatible' as const,
      baseUrl: `${llm.url}/v1`,
      allowPrivate: true,
      prices,
      concurrency: 2,
    };
    await own.client(person).createConnection({ params: at, body });
    const { id: labeler } = await own
      .client(person)
      .createLabeler({ params: at, body: { name: 'model', use: 'llm-prompt', with: options, costUsd: 0 } });
    const { id } = await own.client(person).startAsking({ params: { ...at, labeler }, body: { thenRun: false } });
    const state = async () => (await own.client(person).listAskings({ params: at })).find((each) => each.id === id);
    for (let stop = 1; stop <= 2; stop++) {
      const jobs = await startJobs(own.context, { handlers: jobHandlers, isAlone: true });
      await vi.waitFor(() => expect(llm.calls.length).toBeGreaterThan(8 * stop), { timeout: 10_000 });
      await jobs.stop();
      expect(await state()).toMatchObject({ state: 'running' });
    }
    const jobs = await startJobs(own.context, { handlers: jobHandlers, isAlone: true });
    await vi.waitFor(async () => expect((await state())?.state).toBe('done'), { timeout: 20_000 });
    await jobs.stop();
    expect(await state()).toMatchObject({ done: 40, total: 40 });
    expect([...llm.answered.values()]).toEqual(Array.from({ length: 40 }, () => 1));
    const { usd } = await own.client(person).getSpending({ params: at });
    expect(usd).toBeCloseTo((llm.billed.input + llm.billed.output * 4) / 1e6, 9);
  } finally {
    await own.close();
  }
});
