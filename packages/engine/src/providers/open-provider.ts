import type { LanguageModelV3, LanguageModelV3CallOptions, LanguageModelV3GenerateResult, LanguageModelV3Prompt } from '@ai-sdk/provider';
import type { LlmReply, LlmRequest, LlmToken, LlmUsage } from '@labelwright/core/labelers/llm-exchange';
import { CoreError } from '@labelwright/core/model/errors';
import { createEgress, type EgressOptions } from '../egress/egress.ts';
import { sumOfUsage } from '../llm/spending-book.ts';
import { toLlmError } from './error-table.ts';
import { LlmError, llmFaults } from './llm-error.ts';
import type { ConnectionTest, LlmCompletion, LlmConnection, LlmProvider } from './provider.ts';
import { scrubber } from './scrub.ts';

/** Of the alternatives of each token, so many are asked for: what all servers give. */
const alternatives = 5;

/** The provider packages are loaded here and nowhere before: a server that asks no model does not pay for them. They are used below the `ai`
 *  package, whose own retries and downloads of images would not go by our budget and our door.
 *  @param egress what holds for every connection (the list of allowed hosts)  @throws CoreError 'no-key', 'no-base-url' */
export async function openProvider(
  connection: LlmConnection,
  model: string,
  egress: Pick<EgressOptions, 'allowedHosts' | 'resolve'> = {},
): Promise<LlmProvider> {
  const door = createEgress({
    ...egress,
    allowPrivate: connection.allowPrivate ?? false,
    timeoutMs: (connection.timeoutSeconds ?? 60) * 1000,
  });
  const provider = await providerOver(connection, model, door.fetch);
  return { ...provider, close: door.close };
}

/** The same over any way to send. */
export async function providerOver(
  connection: LlmConnection,
  model: string,
  fetch: typeof globalThis.fetch,
): Promise<Omit<LlmProvider, 'close'>> {
  const scrub = scrubber(connection.key);
  const wire = await openWire(connection, model, fetch);

  async function sample(request: LlmRequest, signal?: AbortSignal): Promise<LanguageModelV3GenerateResult> {
    try {
      return await wire.doGenerate({ ...callOptions(request), ...(signal && { abortSignal: signal }) });
    } catch (error) {
      throw signal?.aborted ? new LlmError('cancelled', 'llm: the call was cancelled') : toLlmError(error, scrub, Date.now());
    }
  }

  async function complete(request: LlmRequest, signal?: AbortSignal): Promise<LlmCompletion> {
    const replies: LlmReply[] = [];
    let usage: LlmUsage | undefined = { input: 0, cachedInput: 0, output: 0 };
    let requestId: string | undefined;
    for (let s = 0; s < request.samples; s++) {
      try {
        const result = await sample(request, signal);
        const billed = usageOf(result);
        usage = usage && billed && sumOfUsage(usage, billed);
        requestId = result.response?.id ?? requestId;
        replies.push(replyOf(result, scrub));
      } catch (error) {
        if (replies.length === 0) throw error;
        if (error instanceof LlmError && llmFaults[error.fault].billed === 'maybe') usage = undefined;
        break;
      }
    }
    return { replies, ...(usage && { usage }), ...(requestId !== undefined && { requestId }) };
  }

  async function testConnection(signal?: AbortSignal): Promise<ConnectionTest> {
    const started = performance.now();
    try {
      const { replies, usage } = await complete(testRequest, signal);
      const milliseconds = Math.round(performance.now() - started);
      return { ok: true, milliseconds, logProbabilities: replies[0].tokens !== undefined, ...(usage && { usage }) };
    } catch (error) {
      const { fault, message } = error as LlmError;
      return { ok: false, fault, message };
    }
  }
  return { complete, testConnection };
}

const testRequest: LlmRequest = {
  system: 'You test a connection.',
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Reply with {"works": true}.' }] }],
  outputSchema: {
    name: 'test',
    schema: { type: 'object', properties: { works: { type: 'boolean' } }, required: ['works'], additionalProperties: false },
  },
  samples: 1,
  maxOutputTokens: 2_000,
  logProbabilities: true,
};

/** Base addresses and keys are always given: the packages would take them from the environment. */
async function openWire(
  { provider, baseUrl, key }: LlmConnection,
  model: string,
  fetch: typeof globalThis.fetch,
): Promise<LanguageModelV3> {
  if (provider === 'openai-compatible') {
    if (baseUrl === undefined) throw new CoreError('no-base-url', 'llm: an openai-compatible connection needs a baseUrl');
    const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
    const settings = { name: 'compatible', baseURL: baseUrl, fetch, supportsStructuredOutputs: true };
    return createOpenAICompatible({ ...settings, ...(key !== undefined && { apiKey: key }) }).chatModel(model);
  }
  if (key === undefined || key === '') throw new CoreError('no-key', `llm: a connection to ${provider} needs a key`);
  if (provider === 'openai') {
    const { createOpenAI } = await import('@ai-sdk/openai');
    return createOpenAI({ baseURL: baseUrl ?? 'https://api.openai.com/v1', apiKey: key, fetch }).chat(model);
  }
  if (provider === 'anthropic') {
    const { createAnthropic } = await import('@ai-sdk/anthropic');
    return createAnthropic({ baseURL: baseUrl ?? 'https://api.anthropic.com/v1', apiKey: key, fetch })(model);
  }
  const { createGoogleGenerativeAI } = await import('@ai-sdk/google');
  return createGoogleGenerativeAI({ baseURL: baseUrl ?? 'https://generativelanguage.googleapis.com/v1beta', apiKey: key, fetch })(model);
}

function callOptions(request: LlmRequest): LanguageModelV3CallOptions {
  const { outputSchema, maxOutputTokens, temperature, logProbabilities } = request;
  type Schema = NonNullable<Extract<LanguageModelV3CallOptions['responseFormat'], { type: 'json' }>['schema']>;
  return {
    prompt: promptOf(request),
    responseFormat: { type: 'json', name: outputSchema.name, schema: outputSchema.schema as Schema },
    maxOutputTokens,
    ...(temperature !== undefined && { temperature }),
    providerOptions: {
      openai: { store: false, strictJsonSchema: true, ...(logProbabilities && { logprobs: alternatives }) },
      ...(logProbabilities && { compatible: { logprobs: true, top_logprobs: alternatives } }),
    },
  };
}

function promptOf({ system, messages }: LlmRequest): LanguageModelV3Prompt {
  return [
    { role: 'system', content: system },
    ...messages.map(({ role, content }): LanguageModelV3Prompt[number] => {
      if (role === 'assistant') return { role, content: content.flatMap((piece) => (piece.type === 'text' ? [piece] : [])) };
      return {
        role,
        content: content.map((piece) => (piece.type === 'text' ? piece : { type: 'file', mediaType: piece.mediaType, data: piece.data })),
      };
    }),
  ];
}

function replyOf(result: LanguageModelV3GenerateResult, scrub: (text: string) => string): LlmReply {
  const raw = result.content.map((piece) => (piece.type === 'text' ? piece.text : '')).join('');
  const text = scrub(raw);
  const tokens = text === raw ? tokensOf(result.response?.body) : undefined;
  return { text, finish: finishes[result.finishReason.unified] ?? 'other', ...(tokens && { tokens }) };
}

const finishes: Readonly<Partial<Record<LanguageModelV3GenerateResult['finishReason']['unified'], LlmReply['finish']>>> = {
  stop: 'stop',
  length: 'length',
  'content-filter': 'refused',
};

type WireToken = { token: string; logprob: number; top_logprobs?: readonly { token: string; logprob: number }[] };

/** As OpenAI and those who speak like it write them; what has another shape is no evidence. */
function tokensOf(body: unknown): LlmToken[] | undefined {
  const choices = (body as { choices?: readonly { logprobs?: { content?: readonly WireToken[] | null } | null }[] } | undefined)?.choices;
  const content = choices?.[0]?.logprobs?.content;
  if (!Array.isArray(content) || content.length === 0) return undefined;
  const tokens = content as readonly WireToken[];
  if (!tokens.every(({ token, logprob }) => typeof token === 'string' && typeof logprob === 'number')) return undefined;
  return tokens.map(({ token, logprob, top_logprobs: top }) => ({
    token,
    logProbability: logprob,
    ...(Array.isArray(top) && {
      alternatives: top.map((each: { token: string; logprob: number }) => ({ token: each.token, logProbability: each.logprob })),
    }),
  }));
}

function usageOf({ usage }: LanguageModelV3GenerateResult): LlmUsage | undefined {
  const { inputTokens, outputTokens } = usage;
  if (inputTokens.total === undefined || outputTokens.total === undefined) return undefined;
  return { input: inputTokens.total, cachedInput: inputTokens.cacheRead ?? 0, output: outputTokens.total };
}
