import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FakeFault, type FakeLlm, startFakeLlm } from '@labelwright/engine/providers/testing/fake-llm';
import type { AskingRun } from '@labelwright/contract/llm';
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { addItems } from '../testing-content.ts';
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
    expect(overview.covered).toBe(40);
    expect(overview.spend.machineUsd).toBeCloseTo(billed, 9);
    const { labelers } = await client().listLabelers({ params: params(), query: {} });
    expect(labelers[0]).toMatchObject({ kind: 'asked', statistics: { voted: 40, failures: 0 } });
    expect(labelers[0].costUsd).toBeCloseTo(billed / 40, 9);
    const item = await client().getItem({ params: { project, ordinal: 0 }, query: {} });
    expect(item.evidence).toMatchObject([{ labeler: 'model', kind: 'llm-prompt', labels: ['spam'], confidence: expect.closeTo(0.9, 5) }]);
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
