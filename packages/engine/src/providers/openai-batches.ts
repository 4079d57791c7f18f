import { APICallError } from '@ai-sdk/provider';
import type { LlmRequest } from '@labelwright/core/labelers/llm-exchange';
import { CoreError } from '@labelwright/core/model/errors';
import { z } from 'zod';
import { createEgress, type EgressOptions } from '../egress/egress.ts';
import { type BatchResult, type BatchState, type LlmBatches, requestsPerBatch } from './batches.ts';
import { toLlmError } from './error-table.ts';
import { LlmError } from './llm-error.ts';
import { providerOver } from './open-provider.ts';
import type { LlmCompletion, LlmConnection } from './provider.ts';
import { oneLine, scrubber } from './scrub.ts';

const batch = z.object({
  id: z.string(),
  status: z.string(),
  metadata: z.record(z.string(), z.string()).nullish(),
  output_file_id: z.string().nullish(),
  error_file_id: z.string().nullish(),
  request_counts: z.object({ total: z.number(), completed: z.number(), failed: z.number() }).nullish(),
  errors: z.object({ data: z.array(z.object({ message: z.string().nullish() })).nullish() }).nullish(),
});
const resultLine = z.object({
  custom_id: z.string(),
  response: z.object({ status_code: z.number(), body: z.unknown() }).nullish(),
  error: z.object({ message: z.string().nullish() }).nullish(),
});

/** The batch API of OpenAI: a file of requests in, a file of replies out. Each request and reply is the one that the chat wire would carry.
 *  @throws CoreError 'no-key' */
export function openAiBatches(
  connection: LlmConnection,
  model: string,
  egress: Pick<EgressOptions, 'allowedHosts' | 'resolve'> = {},
): LlmBatches {
  const { key, baseUrl = 'https://api.openai.com/v1', allowPrivate = false } = connection;
  if (key === undefined || key === '') throw new CoreError('no-key', 'llm: a connection to openai needs a key');
  const door = createEgress({ ...egress, allowPrivate, timeoutMs: 300_000, maxResponseBytes: 256 << 20 });
  const scrub = scrubber(key);

  async function send(path: string, init: RequestInit = {}): Promise<Response> {
    try {
      const headers = new Headers(init.headers);
      headers.set('authorization', `Bearer ${key}`);
      const response = await door.fetch(`${baseUrl}${path}`, { ...init, headers });
      if (response.ok) return response;
      throw await callError(response);
    } catch (error) {
      throw init.signal?.aborted ? new LlmError('cancelled', 'llm: the call was cancelled') : toLlmError(error, scrub, Date.now());
    }
  }

  async function read<Shape>(shape: z.ZodType<Shape>, path: string, init: RequestInit = {}): Promise<Shape> {
    const parsed = shape.safeParse(await (await send(path, init)).json().catch(() => undefined));
    if (!parsed.success) throw new LlmError('bad-response', 'llm: the server does not speak the batch API of OpenAI');
    return parsed.data;
  }

  /** What the chat wire would send: its call ends in our hands. */
  async function bodyOf(request: LlmRequest): Promise<unknown> {
    let body: unknown;
    const wire = await providerOver(connection, model, (_, init) => {
      body = JSON.parse(init?.body as string);
      return Promise.resolve(new Response('{}', { status: 400 }));
    });
    await wire.complete({ ...request, samples: 1 }).catch(() => undefined);
    return body;
  }

  /** What the chat wire makes of a reply. */
  async function completionOf(status: number, body: unknown): Promise<LlmCompletion> {
    const response = new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
    return (await providerOver(connection, model, () => Promise.resolve(response))).complete(anyRequest);
  }

  const signalOf = (signal: AbortSignal | undefined): RequestInit => (signal ? { signal } : {});

  return {
    async submit(requests, tag, signal) {
      if (requests.length === 0 || requests.length > requestsPerBatch)
        throw new CoreError('bad-batch', `llm: a batch has 1 to ${requestsPerBatch} requests, got ${requests.length}`);
      const lines: string[] = [];
      for (const { id, request } of requests)
        lines.push(JSON.stringify({ custom_id: id, method: 'POST', url: '/v1/chat/completions', body: await bodyOf(request) }));
      const form = new FormData();
      form.set('purpose', 'batch');
      form.set('file', new Blob([lines.join('\n')], { type: 'application/jsonl' }), 'requests.jsonl');
      const file = await read(z.object({ id: z.string() }), '/files', { method: 'POST', body: form, ...signalOf(signal) });
      const order = { input_file_id: file.id, endpoint: '/v1/chat/completions', completion_window: '24h', metadata: { labelwright: tag } };
      const json = { method: 'POST', body: JSON.stringify(order), headers: { 'content-type': 'application/json' } };
      return (await read(batch, '/batches', { ...json, ...signalOf(signal) })).id;
    },
    async find(tag, signal) {
      const list = z.object({ data: z.array(batch), has_more: z.boolean().default(false) });
      let after = '';
      for (;;) {
        const { data, has_more: hasMore } = await read(list, `/batches?limit=100${after}`, signalOf(signal));
        const found = data.find(({ metadata }) => metadata?.labelwright === tag);
        if (found || !hasMore || data.length === 0) return found?.id;
        after = `&after=${encodeURIComponent(data[data.length - 1].id)}`;
      }
    },
    async state(id, signal): Promise<BatchState> {
      const { status, request_counts: counts, errors } = await read(batch, pathOf(id), signalOf(signal));
      if (status === 'completed' || status === 'expired' || status === 'cancelled') return { kind: 'ended' };
      if (status === 'failed') {
        const said = errors?.data?.[0]?.message ?? '';
        return { kind: 'failed', message: `llm: the batch was refused${said === '' ? '' : `: ${oneLine(scrub(said))}`}` };
      }
      return { kind: 'running', done: (counts?.completed ?? 0) + (counts?.failed ?? 0), total: counts?.total ?? 0 };
    },
    async results(id, signal) {
      const { output_file_id: replies, error_file_id: faults } = await read(batch, pathOf(id), signalOf(signal));
      const results: BatchResult[] = [];
      for (const file of [replies, faults]) {
        if (!file) continue;
        const text = await (await send(`/files/${encodeURIComponent(file)}/content`, signalOf(signal))).text();
        for (const line of text.split('\n')) {
          const parsed = resultLine.safeParse(parseJson(line));
          if (!parsed.success) continue;
          const { custom_id: of, response } = parsed.data;
          const outcome = response
            ? await completionOf(response.status_code, response.body).then(
                (completion) => ({ completion }),
                (error: unknown) => ({ error: toLlmError(error, scrub, Date.now()) }),
              )
            : { error: new LlmError('overloaded', 'llm: the request of a batch was not answered') };
          results.push({ id: of, ...outcome });
        }
      }
      return results;
    },
    async cancel(id, signal) {
      await send(`${pathOf(id)}/cancel`, { method: 'POST', ...signalOf(signal) });
    },
  };
}

const anyRequest: LlmRequest = {
  system: '',
  messages: [],
  outputSchema: { name: 'any', schema: { type: 'object', properties: {}, required: [], additionalProperties: false } },
  samples: 1,
  maxOutputTokens: 1,
  logProbabilities: true,
};

const pathOf = (id: string): string => `/batches/${encodeURIComponent(id)}`;

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

async function callError(response: Response): Promise<APICallError> {
  const responseHeaders = Object.fromEntries(response.headers);
  const responseBody = await response.text();
  return new APICallError({ message: '', url: '', requestBodyValues: {}, statusCode: response.status, responseHeaders, responseBody });
}
