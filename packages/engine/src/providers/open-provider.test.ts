import type { LlmRequest } from '@labelwright/core/labelers/llm-exchange';
import { describe, expect, onTestFinished, test } from 'vitest';
import { LlmError } from './llm-error.ts';
import { openProvider } from './open-provider.ts';
import { type LlmConnection, type LlmProvider, providerKinds } from './provider.ts';
import { type FakeLlm, type FakeOptions, startFakeLlm } from './testing/fake-llm.ts';

const key = 'sk-canary-7f3a9b2c4d5e6f708192';

async function connected(
  provider: LlmConnection['provider'],
  options: FakeOptions = {},
  more: Partial<LlmConnection> = {},
): Promise<{ fake: FakeLlm; llm: LlmProvider }> {
  const fake = await startFakeLlm(options);
  onTestFinished(fake.close);
  const baseUrl = `${fake.url}/${provider === 'google' ? 'v1beta' : 'v1'}`;
  const llm = await openProvider({ provider, baseUrl, key, allowPrivate: true, timeoutSeconds: 5, ...more }, 'fake-1');
  onTestFinished(llm.close);
  return { fake, llm };
}

const request: LlmRequest = {
  system: 'Label it.',
  messages: [{ role: 'user', content: [{ type: 'text', text: 'The code of the tags is abc.\n\n<item-abc>\nfree money\n</item-abc>' }] }],
  outputSchema: {
    name: 'labels',
    schema: {
      type: 'object',
      properties: { label: { type: 'string', enum: ['yes', 'no'] } },
      required: ['label'],
      additionalProperties: false,
    },
  },
  samples: 1,
  maxOutputTokens: 50,
  logProbabilities: true,
  temperature: 0.5,
};

describe.each(providerKinds)('%s', (provider) => {
  test('asks on its wire and reads the reply: text, finish, usage, schema, key in the header alone', async () => {
    const { fake, llm } = await connected(provider);
    const { replies, usage } = await llm.complete(request);
    expect(replies).toMatchObject([{ text: '{"label":"yes"}', finish: 'stop' }]);
    expect(usage).toEqual({ input: fake.billed.input, cachedInput: 0, output: fake.billed.output });
    const [{ body, headers }] = fake.calls;
    expect(JSON.stringify(body)).not.toContain(key);
    expect(JSON.stringify(headers)).toContain(key);
    expect(JSON.stringify(body)).toMatch(/"enum":\["yes","no"\]/);
    expect(JSON.stringify(body)).toMatch(/"(max_tokens|max_completion_tokens|maxOutputTokens)":50/);
    expect(JSON.stringify(body)).toMatch(/"temperature":0.5/);
  });

  test('several samples are several calls; the usage is of all', async () => {
    const { fake, llm } = await connected(provider);
    const { replies, usage } = await llm.complete({ ...request, samples: 3 });
    expect(replies).toHaveLength(3);
    expect(fake.calls).toHaveLength(3);
    expect(usage).toMatchObject({ input: fake.billed.input, output: fake.billed.output });
  });

  test('a sample that fails after another came is left out, and the usage is not known where it may have cost something', async () => {
    const cut = await connected(provider, { fault: ({ number }) => (number === 1 ? 'cut' : undefined) });
    const outcome = await cut.llm.complete({ ...request, samples: 3 });
    expect(outcome.replies).toHaveLength(1);
    expect(outcome.usage).toBeUndefined();
    const limited = await connected(provider, { fault: ({ number }) => (number === 1 ? { status: 429 } : undefined) });
    expect((await limited.llm.complete({ ...request, samples: 3 })).usage).toBeDefined();
  });

  test('a refusal, and a reply that was cut off by its limit', async () => {
    const { llm } = await connected(provider, { fault: ({ number }) => (number === 0 ? 'refusal' : 'length') });
    expect((await llm.complete(request)).replies[0].finish).toBe('refused');
    expect((await llm.complete(request)).replies[0].finish).toBe('length');
  });

  test('pictures go along', async () => {
    const { fake, llm } = await connected(provider);
    const content = [...request.messages[0].content, { type: 'image', mediaType: 'image/png', data: 'aGVsbG8=' } as const];
    await llm.complete({ ...request, messages: [{ role: 'user', content }] });
    expect(JSON.stringify(fake.calls[0].body)).toContain('aGVsbG8=');
  });

  test('a repair: the spoiled reply stands between', async () => {
    const { fake, llm } = await connected(provider);
    const messages = [
      ...request.messages,
      { role: 'assistant', content: [{ type: 'text', text: 'spoiled' }] },
      { role: 'user', content: [{ type: 'text', text: 'again' }] },
    ] as const;
    await llm.complete({ ...request, messages });
    expect(JSON.stringify(fake.calls[0].body)).toMatch(/spoiled.*again/);
  });

  test.each([
    [{ status: 401 }, 'auth'],
    [{ status: 403 }, 'auth'],
    [{ status: 404 }, 'no-model'],
    [{ status: 400 }, 'bad-request'],
    [{ status: 429, body: { error: { message: 'You exceeded your current quota', code: 'insufficient_quota' } } }, 'no-credit'],
    [{ status: 400, body: { type: 'error', error: { type: 'x', message: 'prompt is too long: 9 tokens > 8' } } }, 'context-too-long'],
    [{ status: 413 }, 'context-too-long'],
    [{ status: 500 }, 'overloaded'],
    [{ status: 529 }, 'overloaded'],
    [{ status: 500, body: '<html>oops</html>' }, 'overloaded'],
    ['cut', 'cut-off'],
    ['reset', 'cut-off'],
    ['not-a-reply', 'bad-response'],
  ] as const)('%j is %s', async (fault, expected) => {
    const { llm } = await connected(provider, { fault: () => fault });
    await expect(llm.complete(request)).rejects.toMatchObject({ name: 'LlmError', fault: expected, code: `llm-${expected}` });
  });

  test('429 says how long to wait', async () => {
    const { llm } = await connected(provider, { fault: () => ({ status: 429, headers: { 'retry-after': '20' } }) });
    await expect(llm.complete(request)).rejects.toMatchObject({ fault: 'rate-limited', retryAfterMs: 20_000 });
  });

  test('a hang ends at the timeout; a signal ends it at once', async () => {
    const { llm } = await connected(provider, { fault: () => 'hang' }, { timeoutSeconds: 0.1 });
    await expect(llm.complete(request)).rejects.toMatchObject({ fault: 'timeout' });
    const stop = new AbortController();
    const slow = await connected(provider, { fault: () => 'hang' });
    setTimeout(() => stop.abort(), 50);
    await expect(slow.llm.complete(request, stop.signal)).rejects.toMatchObject({ fault: 'cancelled' });
  });

  test('P80: an echoed key is nowhere in what is thrown', async () => {
    const { llm } = await connected(provider, { fault: () => 'echoed-key' });
    const error: unknown = await llm.complete(request).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(LlmError);
    const all = `${(error as LlmError).stack} ${JSON.stringify(error)} ${JSON.stringify((error as LlmError).cause)}`;
    expect(all).not.toContain('canary');
    expect((error as LlmError).message).toContain('Incorrect key in');
  });

  test('P47: without allowPrivate no connection is made', async () => {
    const { fake, llm } = await connected(provider, {}, { allowPrivate: false });
    await expect(llm.complete(request)).rejects.toMatchObject({
      fault: 'refused-address',
      message: expect.stringContaining('allowPrivate'),
    });
    expect(fake.calls).toHaveLength(0);
  });

  test('the connection test says that it works, or why not', async () => {
    const { llm } = await connected(provider);
    expect(await llm.testConnection()).toMatchObject({ ok: true, logProbabilities: provider.startsWith('openai') });
    const refused = await connected(provider, {
      fault: () => ({ status: 401, body: { error: { message: `bad key ${key.slice(0, 14)}***` } } }),
    });
    expect(await refused.llm.testConnection()).toEqual({ ok: false, fault: 'auth', message: 'llm: the key was refused (HTTP 401)' });
  });
});

describe.each(['openai', 'openai-compatible'] as const)('log probabilities of %s', (provider) => {
  test('natural logs and alternatives per token, which are the text together', async () => {
    const { llm } = await connected(provider);
    const [{ text, tokens }] = (await llm.complete(request)).replies;
    expect(tokens?.map(({ token }) => token).join('')).toBe(text);
    expect(tokens?.[0]).toEqual({
      token: '{',
      logProbability: Math.log(0.75),
      alternatives: [{ token: '{', logProbability: Math.log(0.75) }],
    });
    expect((await llm.complete({ ...request, logProbabilities: false })).replies[0].tokens).toBeUndefined();
  });
});

test('a local server that counts no tokens has an unknown usage', async () => {
  const { llm } = await connected('openai-compatible', { silentUsage: true });
  const outcome = await llm.complete(request);
  expect(outcome.replies).toHaveLength(1);
  expect(outcome.usage).toBeUndefined();
});

test('keys and addresses of the environment are never used', async () => {
  for (const name of ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'GOOGLE_GENERATIVE_AI_API_KEY', 'OPENAI_BASE_URL', 'ANTHROPIC_BASE_URL']) {
    process.env[name] = 'http://127.0.0.1:1';
    onTestFinished(() => void delete process.env[name]);
  }
  for (const provider of ['openai', 'anthropic', 'google'] as const)
    await expect(openProvider({ provider }, 'm')).rejects.toMatchObject({ code: 'no-key' });
  const keyless = await connected('openai-compatible', {}, { key: '' });
  await keyless.llm.complete(request);
  expect(JSON.stringify(keyless.fake.calls[0].headers)).not.toContain('127.0.0.1:1');
  await expect(openProvider({ provider: 'openai-compatible' }, 'm')).rejects.toMatchObject({ code: 'no-base-url' });
});
