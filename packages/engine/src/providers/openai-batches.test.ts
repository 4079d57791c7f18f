import type { LlmRequest } from '@labelwright/core/labelers/llm-exchange';
import { expect, onTestFinished, test } from 'vitest';
import type { BatchResult, LlmBatches } from './batches.ts';
import { openAiBatches } from './openai-batches.ts';
import { type FakeLlm, type FakeOptions, startFakeLlm } from './testing/fake-llm.ts';

const key = 'sk-canary-0011223344556677';

async function handedTo(options: FakeOptions = {}, model = 'fake-1'): Promise<{ fake: FakeLlm; batches: LlmBatches }> {
  const fake = await startFakeLlm(options);
  onTestFinished(fake.close);
  return { fake, batches: openAiBatches({ provider: 'openai', baseUrl: `${fake.url}/v1`, key, allowPrivate: true }, model) };
}

const requestAbout = (text: string): LlmRequest => ({
  system: 'Label it.',
  messages: [{ role: 'user', content: [{ type: 'text', text: `The code of the tags is abc.\n\n<item-abc>\n${text}\n</item-abc>` }] }],
  outputSchema: {
    name: 'labels',
    schema: { type: 'object', properties: { label: { type: 'string' } }, required: ['label'], additionalProperties: false },
  },
  samples: 1,
  maxOutputTokens: 50,
  logProbabilities: true,
});
const five = Array.from({ length: 5 }, (_, i) => ({ id: `call-${i}`, request: requestAbout(`item ${i}`) }));

async function ended(batches: LlmBatches, id: string): Promise<readonly BatchResult[]> {
  while ((await batches.state(id)).kind === 'running');
  return batches.results(id);
}

test('what is handed in is what the chat wire sends; what comes back is what it reads, by id', async () => {
  const { fake, batches } = await handedTo({ label: (text) => text.replace('item ', 'label ') });
  const id = await batches.submit(five, 'tag-1');
  expect(await batches.state(id)).toEqual({ kind: 'running', done: 0, total: 5 });
  const results = await ended(batches, id);
  expect(results.map((result) => result.id).sort()).toEqual(five.map((each) => each.id));
  const third = results.find((result) => result.id === 'call-2');
  expect(third).toMatchObject({ completion: { replies: [{ text: '{"label":"label 2"}', finish: 'stop' }] } });
  expect(third).toHaveProperty('completion.usage.output');
  expect(third).toHaveProperty('completion.replies.0.tokens');
  expect(fake.calls[0].body).toMatchObject({ model: 'fake-1', max_tokens: 50, store: false, response_format: { type: 'json_schema' } });
});

test('one that died before it wrote the id down finds its batch by the tag', async () => {
  const { batches } = await handedTo();
  await batches.submit(five.slice(0, 1), 'other');
  const id = await batches.submit(five, 'mine');
  expect(await batches.find('mine')).toBe(id);
  expect(await batches.find('never')).toBeUndefined();
});

test('requests that failed have their fault, by the same table; the others their reply', async () => {
  const { batches } = await handedTo({ fault: ({ items }) => (items[0] === 'item 3' ? { status: 429 } : undefined) });
  const results = await ended(batches, await batches.submit(five, 't'));
  expect(results).toHaveLength(5);
  expect(results.find(({ id }) => id === 'call-3')).toMatchObject({ error: { fault: 'rate-limited' } });
});

test('a batch that is refused as a whole, one that is cancelled, one that is too large', async () => {
  const refused = await handedTo({}, 'no-such-model');
  expect(await refused.batches.state(await refused.batches.submit(five, 't'))).toEqual({
    kind: 'failed',
    message: 'llm: the batch was refused: no such model',
  });
  const { batches } = await handedTo();
  const id = await batches.submit(five, 't');
  await batches.cancel(id);
  expect(await batches.state(id)).toEqual({ kind: 'ended' });
  expect(await batches.results(id)).toEqual([]);
  await expect(batches.submit([], 't')).rejects.toMatchObject({ code: 'bad-batch' });
  await expect(batches.state('nonsense')).rejects.toMatchObject({ name: 'LlmError', fault: 'no-model' });
});

test('it goes through the door, and needs a key', async () => {
  const { fake } = await handedTo();
  const shut = openAiBatches({ provider: 'openai', baseUrl: `${fake.url}/v1`, key }, 'fake-1');
  await expect(shut.submit(five, 't')).rejects.toMatchObject({ fault: 'refused-address' });
  expect(() => openAiBatches({ provider: 'openai' }, 'fake-1')).toThrow(expect.objectContaining({ code: 'no-key' }));
});
