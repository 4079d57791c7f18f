import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { costOf } from '@labelwright/core/labelers/llm-cost';
import { labelsOf } from '@labelwright/core/model/answer';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { LlmBatches } from '../providers/batches.ts';
import { openAiBatches } from '../providers/openai-batches.ts';
import { type FakeLlm, type FakeOptions, startFakeLlm } from '../providers/testing/fake-llm.ts';
import { askInBatches, type BatchAskOptions } from './ask-in-batches.ts';
import type { AskedItem, AskSummary } from './ask-items.ts';
import { FileLedger } from './file-ledger.ts';
import type { Spending } from './ledger.ts';
import { inquiryTo, itemsUpTo, prices } from './testing-inquiry.ts';

let path: string;
beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'labelwright-batches-'));
  path = join(folder, 'ledger');
  return () => rm(folder, { recursive: true, force: true });
});

async function faked(options: FakeOptions = {}): Promise<FakeLlm> {
  const fake = await startFakeLlm({ label: (text) => (/[02468]$/.test(text) ? 'yes' : 'no'), ...options });
  onTestFinished(fake.close);
  return fake;
}

const batchesOf = (fake: FakeLlm): LlmBatches =>
  openAiBatches({ provider: 'openai', baseUrl: `${fake.url}/v1`, key: 'sk-canary-00112233', allowPrivate: true }, 'fake-1');

async function ask(
  fake: FakeLlm,
  n: number,
  options: Readonly<Record<string, unknown>> = {},
  how: Partial<BatchAskOptions> & { budgetUsd?: number } = {},
): Promise<{ said: string[]; summary: AskSummary; spent: Spending }> {
  const ledger = await FileLedger.open(path, how.budgetUsd === undefined ? {} : { projectUsd: how.budgetUsd });
  const said: string[] = [];
  const onAnswer = ({ ordinal, answer }: AskedItem): void => {
    said[ordinal] = answer.kind === 'failed' ? answer.reason : labelsOf(answer).join();
  };
  try {
    const inquiry = await inquiryTo(fake.url, options);
    const summary = await askInBatches(inquiry, itemsUpTo(n), { ledger, batches: batchesOf(fake), onAnswer, pollMs: 1, ...how });
    const [spent] = await ledger.spending();
    return { said, summary, spent };
  } finally {
    await ledger.close();
  }
}

const evenAndOdd = (n: number): string[] => Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 'yes' : 'no'));
const half = (fake: FakeLlm): number => costOf({ ...fake.billed, cachedInput: 0 }, prices, true);

test.each([{}, { batchSize: 4 }, { samples: 3, temperature: 1 }])('%j: every item is answered, for half the price', async (options) => {
  const fake = await faked();
  const { said, summary, spent } = await ask(fake, 21, options);
  expect(said).toEqual(evenAndOdd(21));
  expect(summary).toEqual({ answered: 21, cached: 0, failed: {}, retries: 0 });
  expect(spent).toMatchObject({ openUsd: 0, answers: 21 });
  expect(spent.usd).toBeCloseTo(half(fake), 10);
  const calls = fake.calls.length;
  expect((await ask(fake, 21, options)).summary.cached).toBe(21);
  expect(fake.calls).toHaveLength(calls);
});

test('who dies after handing in is followed by one who fetches, also where the id was not written down any more', async () => {
  const fake = await faked();
  const batches = batchesOf(fake);
  const stop = new AbortController();
  const first = await ask(fake, 9, {}, { signal: stop.signal, onWaiting: () => stop.abort() });
  expect(first.summary).toMatchObject({ answered: 0, stopped: { kind: 'cancelled' } });
  expect(first.spent.openUsd).toBeGreaterThan(0);
  const second = await ask(fake, 9);
  expect(second.said).toEqual(evenAndOdd(9));
  expect(fake.calls).toHaveLength(9);

  const dying: LlmBatches = { ...batches, submit: (...args) => batches.submit(...args).then(() => Promise.reject(new Error('died'))) };
  await expect(ask(fake, 15, {}, { batches: dying })).rejects.toThrow('died');
  expect((await ask(fake, 15)).said).toEqual(evenAndOdd(15));
  expect(fake.calls).toHaveLength(15);

  const never: LlmBatches = { ...batches, submit: () => Promise.reject(new Error('died before')) };
  await expect(ask(fake, 20, {}, { batches: never })).rejects.toThrow('died before');
  const unanswered = await ask(fake, 20);
  expect(unanswered.summary.answered).toBe(15);
  const last = await ask(fake, 20);
  expect(last.said).toEqual(evenAndOdd(20));
  expect(last.spent.usd).toBeCloseTo(half(fake), 10);
});

test('who dies between a bill and the end of its batch does not pay or settle it again', async () => {
  const fake = await faked();
  let taken = 0;
  const dying = { onAnswer: () => (taken++ === 2 ? Promise.reject(new Error('died')) : Promise.resolve()) };
  await expect(ask(fake, 6, {}, dying)).rejects.toThrow('died');
  const { said, spent } = await ask(fake, 6);
  expect(said).toEqual(evenAndOdd(6));
  expect(fake.calls).toHaveLength(6);
  expect(spent.usd).toBeCloseTo(half(fake), 10);
  expect(spent.openUsd).toBe(0);
});

test('what was not answered is asked by the next run; what was spoiled failed', async () => {
  let isBroken = true;
  const fake = await faked({
    fault: ({ items }) => (items[0] === 'item 1' && isBroken ? { status: 429 } : items[0] === 'item 2' ? 'prose' : undefined),
  });
  const { said, summary } = await ask(fake, 4);
  expect(said.map((each) => each.split(':')[0])).toEqual(['yes', 'rate-limited', 'malformed', 'no']);
  expect(summary.failed).toEqual({ 'rate-limited': 1, malformed: 1 });
  isBroken = false;
  expect((await ask(fake, 4)).said.map((each) => each.split(':')[0])).toEqual(['yes', 'no', 'malformed', 'no']);
  expect(fake.calls).toHaveLength(5);
});

test('a budget hands in what it can pay', async () => {
  const fake = await faked();
  const { summary, spent } = await ask(fake, 40, {}, { budgetUsd: 0.005 });
  expect(summary.stopped).toMatchObject({ kind: 'over-budget' });
  expect(summary.answered).toBeGreaterThan(0);
  expect(summary.answered).toBeLessThan(40);
  expect(spent.usd).toBeLessThanOrEqual(0.005);
});
