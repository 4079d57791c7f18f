import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FakeLlm, startFakeLlm } from '@labelwright/engine/providers/testing/fake-llm';
import type { Finding } from '@labelwright/server/upkeep/doctor';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { labelwright } from '../cli/run-cli.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

const data = mkdtempSync(join(tmpdir(), 'labelwright-kill-asking-'));
const size = 400;
let server: ServerProcess;
let llm: FakeLlm;
beforeAll(async () => {
  server = await startServerProcess(data);
  llm = await startFakeLlm({ label: () => 'ham', latencyMs: 20 });
});
afterAll(async () => {
  await server?.stop();
  await llm?.close();
  rmSync(data, { recursive: true, force: true, maxRetries: 3 });
});

async function until<Value>(look: () => Promise<Value> | Value, isSo: (value: Value) => boolean): Promise<Value> {
  for (let n = 0; n < 1200; n++) {
    const value = await look();
    if (isSo(value)) return value;
    await sleep(50);
  }
  throw new Error('it did not come to be so within a minute');
}

test('kill -9 in the middle of an asking: what was recorded is not asked again, and the ledger is never below the truth', async () => {
  const { client } = server;
  const schema = {
    questions: [{ kind: 'choice' as const, id: 'kind', title: 'Kind', labels: [{ id: 'spam' }, { id: 'ham' }], multiple: false }],
  };
  const { id: project } = await client.createProject({ body: { name: 'Mails', schema } });
  const params = { project };
  const lines = Array.from({ length: size }, (_, n) => JSON.stringify({ id: `mail-${n}`, text: `Mail ${n} about a meeting` }));
  const bytes = new TextEncoder().encode(lines.join('\n'));
  const { id: upload } = await client.createImport({ params, body: { fileName: 'mails.jsonl', sizeBytes: bytes.length } });
  await client.uploadChunk({ params: { project, import: upload }, query: { offset: 0 } }, { raw: bytes });
  await client.startImport({ params: { project, import: upload }, body: {} });
  await until(
    async () => (await client.getImport({ params: { project, import: upload } })).state,
    (state) => state === 'done',
  );
  const prices = [{ model: '*', inputUsd: 1, cachedInputUsd: 0.5, outputUsd: 4 }];
  const place = { provider: 'openai-compatible' as const, baseUrl: `${llm.url}/v1`, allowPrivate: true };
  await client.createConnection({ params, body: { name: 'home', ...place, prices, key: 'a-key-of-a-test-0001', concurrency: 8 } });
  const definition = { use: 'llm-prompt', with: { connection: 'home', model: 'fake-1' } };
  const { id: labeler } = await client.createLabeler({ params, body: { name: 'model', ...definition, costUsd: 0 } });
  const { id } = await client.startAsking({ params: { project, labeler }, body: { thenRun: false } });

  for (const victims of ['server', 'server and database'] as const) {
    const before = llm.calls.length;
    await until(
      () => llm.calls.length,
      (calls) => calls >= before + 100,
    );
    await server.kill(victims);
    server = await startServerProcess(data);
  }
  const done = await until(
    async () => (await server.client.listAskings({ params })).find((each) => each.id === id),
    (asking) => asking?.state === 'done' || asking?.state === 'failed',
  );
  expect(done).toMatchObject({ state: 'done', reason: null, done: size, total: size });

  const spent = await server.client.getSpending({ params });
  const [{ calls, answers, openUsd }] = spent.labelers;
  const askedAgain = [...llm.answered.values()].reduce((sum, times) => sum + times - 1, 0);
  expect([llm.answered.size, answers]).toEqual([size, size]);
  // Only calls whose bill never came can have been repeated, and each of them still counts.
  expect(askedAgain).toBeLessThanOrEqual(calls - size);
  expect(openUsd > 0).toBe(calls > size);
  expect(spent.usd).toBeGreaterThanOrEqual((llm.billed.input + llm.billed.output * 4) / 1e6 - 1e-9);
  const { status, stdout } = labelwright(['doctor', '--data', data, '--json']);
  expect((JSON.parse(stdout) as Finding[]).filter(({ violations }) => violations > 0)).toEqual([]);
  expect(status).toBe(0);
});
