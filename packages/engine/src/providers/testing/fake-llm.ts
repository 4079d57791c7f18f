import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fakeBatches } from './fake-batches.ts';

/** What may go wrong with one call. */
export type FakeFault =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown }
  | 'hang' // no answer at all
  | 'reset' // the connection breaks before the answer
  | 'cut' // … in the middle of it
  | 'not-a-reply' // 200 with a web page
  | 'prose' // the model chats instead of answering
  | 'half-json' // the model's JSON breaks off
  | 'length' // the model ran out of tokens
  | 'wrong-label'
  | 'refusal'
  | 'permuted-ids'
  | 'missing-id'
  | 'echoed-key'; // the error body quotes the key it was given

export interface FakeCall {
  /** 0, 1, 2 … in the order of arrival. */
  readonly number: number;
  readonly wire: 'chat' | 'anthropic' | 'google';
  readonly headers: IncomingHttpHeaders;
  // oxlint-disable-next-line typescript/no-explicit-any -- what tests look into
  readonly body: any;
  /** Texts of the items in it. */
  readonly items: readonly string[];
}

export interface FakeOptions {
  readonly label?: (text: string) => string;
  readonly fault?: (call: FakeCall) => FakeFault | undefined;
  readonly latencyMs?: number;
  /** Tokens are not counted out. */
  readonly silentUsage?: boolean;
}

export interface FakeLlm {
  /** `http://127.0.0.1:PORT`; the wires are at /v1 and /v1beta. */
  readonly url: string;
  readonly calls: readonly FakeCall[];
  /** How often a reply for the item was sent whole. */
  readonly answered: ReadonlyMap<string, number>;
  /** Tokens of all replies that were made, sent whole or not: what a provider bills. */
  readonly billed: { readonly input: number; readonly output: number };
  readonly mostAtOnce: number;
  readonly close: () => Promise<void>;
}

/** A server on loopback that speaks the wires of the four kinds of providers as far as labelers use them, and answers the questions of
 *  `llm-prompt`. For tests and benchmarks: nothing in production imports it. */
export async function startFakeLlm(options: FakeOptions = {}): Promise<FakeLlm> {
  const calls: FakeCall[] = [];
  const answered = new Map<string, number>();
  const billed = { input: 0, output: 0 };
  let now = 0;
  let mostAtOnce = 0;
  let received = 0;

  /** One line of a batch, as the chat wire would answer it. */
  function answerLine(body: unknown): { status: number; body: unknown } {
    const text = JSON.stringify(body);
    const items = shownItems(userText('chat', body)).map(({ text: shown }) => shown);
    const call: FakeCall = { number: received++, wire: 'chat', headers: {}, body, items };
    calls.push(call);
    const fault = options.fault?.(call);
    if (typeof fault === 'object')
      return { status: fault.status, body: fault.body ?? { error: { message: `fake fault ${fault.status}` } } };
    const said = saidBy(call, 'chat', options, fault);
    const usage = { input: Math.ceil(text.length / 4), output: Math.ceil(said.length / 4) + 1 };
    billed.input += usage.input;
    billed.output += usage.output;
    for (const item of items) answered.set(item, (answered.get(item) ?? 0) + 1);
    return { status: 200, body: envelope('chat', said, fault, usage, body) };
  }
  const batches = fakeBatches(answerLine);

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    if (/^\/v1\/(files|batches)/.test(request.url ?? '')) return batches(request, response, Buffer.concat(chunks));
    const wire = wireOf(request.url ?? '');
    if (!wire) return void response.writeHead(404, json).end('{"error":{"message":"no such address","type":"not_found_error"}}');
    const body: unknown = JSON.parse(text);
    const call: FakeCall = {
      number: received++,
      wire,
      headers: request.headers,
      body,
      items: shownItems(userText(wire, body)).map(({ text: shown }) => shown),
    };
    if (calls.length < 20_000) calls.push(call);
    if (options.latencyMs) await new Promise((done) => setTimeout(done, options.latencyMs));
    const fault = options.fault?.(call);
    if (fault === 'hang') return;
    if (fault === 'reset') return void request.socket.destroy();
    if (typeof fault === 'object') {
      const error = fault.body ?? { error: { message: `fake fault ${fault.status}`, type: 'fake', code: null } };
      return void response
        .writeHead(fault.status, { ...json, ...fault.headers })
        .end(typeof error === 'string' ? error : JSON.stringify(error));
    }
    if (fault === 'echoed-key') {
      const message = `Incorrect key in ${JSON.stringify(call.headers)}`;
      return void response
        .writeHead(400, json)
        .end(JSON.stringify({ error: { message, type: 'invalid_request_error', code: 400, status: 'X' } }));
    }
    if (fault === 'not-a-reply')
      return void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Log in to the Wi-Fi</html>');
    const said = saidBy(call, wire, options, fault);
    const usage = { input: Math.ceil(text.length / 4), output: Math.ceil(said.length / 4) + 1 };
    billed.input += usage.input;
    billed.output += usage.output;
    const reply = JSON.stringify(envelope(wire, said, fault, options.silentUsage ? undefined : usage, body));
    response.writeHead(200, { ...json, 'content-length': Buffer.byteLength(reply) });
    if (fault === 'cut') return void response.write(reply.slice(0, reply.length / 2), () => response.destroy());
    response.end(reply);
    for (const item of call.items) answered.set(item, (answered.get(item) ?? 0) + 1);
  }

  const server = createServer((request, response) => {
    now += 1;
    mostAtOnce = Math.max(mostAtOnce, now);
    response.once('close', () => (now -= 1));
    handle(request, response).catch((error: unknown) =>
      response.writeHead(500, json).end(JSON.stringify({ error: { message: String(error) } })),
    );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    answered,
    billed,
    get mostAtOnce() {
      return mostAtOnce;
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

const json = { 'content-type': 'application/json' };

function wireOf(path: string): FakeCall['wire'] | undefined {
  if (path === '/v1/chat/completions') return 'chat';
  if (path === '/v1/messages') return 'anthropic';
  return /^\/v1beta\/models\/[^/]+:generateContent$/.test(path) ? 'google' : undefined;
}

type Body = {
  messages?: { role: string; content: string | { type: string; text?: string }[] }[];
  contents?: { role: string; parts: { text?: string }[] }[];
  response_format?: { json_schema?: { schema: unknown } };
  output_config?: { format?: { schema: unknown } };
  tools?: { input_schema: unknown }[];
  generationConfig?: { responseSchema?: unknown };
};

/** The first message of the user: later ones are repairs. */
function userText(wire: FakeCall['wire'], body: unknown): string {
  const { messages = [], contents = [] } = body as Body;
  if (wire === 'google') return (contents[0]?.parts ?? []).map(({ text = '' }) => text).join('');
  const content = messages.find(({ role }) => role === 'user')?.content ?? '';
  return typeof content === 'string' ? content : content.map(({ text = '' }) => text).join('');
}

/** Items between the tags whose code is said at the start. */
function shownItems(text: string): { id: string | undefined; text: string }[] {
  const code = /^The code of the tags is (\w+)\./.exec(text)?.[1] ?? '';
  const items = text.matchAll(new RegExp(`<item-${code}(?: id="(\\w+)")?>\\n([\\s\\S]*?)\\n</item-${code}>`, 'g'));
  return Array.from(items, ([, id, shown]) => ({ id, text: shown }));
}

function schemaOf({ response_format: format, output_config: config, tools, generationConfig }: Body): string {
  return JSON.stringify(
    format?.json_schema?.schema ?? config?.format?.schema ?? tools?.[0]?.input_schema ?? generationConfig?.responseSchema ?? {},
  );
}

function saidBy({ body }: FakeCall, wire: FakeCall['wire'], { label = () => 'yes' }: FakeOptions, fault: FakeFault | undefined): string {
  if (fault === 'refusal') return "I'm sorry, I can't help with that.";
  if (fault === 'prose') return 'Well, that is an interesting text. I would say it is hard to tell.';
  const schema = schemaOf(body as Body);
  if (schema.includes('"works"')) return '{"works":true}';
  const items = shownItems(userText(wire, body));
  const entries = items.map(({ id, text }) => {
    const chosen = fault === 'wrong-label' ? 'nonsense' : label(text);
    return {
      ...(items.length > 1 && { id }),
      ...(schema.includes('"reasoning"') && { reasoning: 'Because.' }),
      ...(schema.includes('"labels"') ? { labels: [chosen] } : { label: chosen }),
      ...(schema.includes('"confidence"') && { confidence: 0.9 }),
    };
  });
  if (fault === 'permuted-ids') entries.reverse();
  if (fault === 'missing-id') entries.splice(1, 1);
  const said = JSON.stringify(items.length > 1 ? { answers: entries } : (entries[0] ?? {}));
  return fault === 'half-json' || fault === 'length' ? said.slice(0, said.length / 2) : said;
}

type Usage = { readonly input: number; readonly output: number } | undefined;

function envelope(wire: FakeCall['wire'], text: string, fault: FakeFault | undefined, usage: Usage, body: unknown): unknown {
  if (wire === 'anthropic') return anthropicReply(text, fault, usage, body as Body);
  return wire === 'google' ? googleReply(text, fault, usage) : chatReply(text, fault, usage, body as { logprobs?: boolean; model: string });
}

function chatReply(
  text: string,
  fault: FakeFault | undefined,
  usage: Usage,
  { logprobs, model }: { logprobs?: boolean; model: string },
): unknown {
  const refused = fault === 'refusal';
  const tokens = text.match(/\w+|\W/g) ?? [];
  const logprob = Math.log(0.75);
  const content = tokens.map((token) => ({ token, logprob, bytes: null, top_logprobs: [{ token, logprob, bytes: null }] }));
  return {
    id: 'chatcmpl-fake',
    object: 'chat.completion',
    created: 1_700_000_000,
    model,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: refused ? null : text, ...(refused && { refusal: text }) },
        finish_reason: fault === 'length' ? 'length' : 'stop',
        logprobs: logprobs ? { content, refusal: null } : null,
      },
    ],
    ...(usage && { usage: { prompt_tokens: usage.input, completion_tokens: usage.output, total_tokens: usage.input + usage.output } }),
  };
}

function anthropicReply(text: string, fault: FakeFault | undefined, usage: Usage, { tools }: Body): unknown {
  const asTool = tools !== undefined && fault !== 'refusal' && fault !== 'prose' && fault !== 'half-json' && fault !== 'length';
  const stop = { refusal: 'refusal', length: 'max_tokens' }[fault as string] ?? (asTool ? 'tool_use' : 'end_turn');
  return {
    id: 'msg_fake',
    type: 'message',
    role: 'assistant',
    model: 'fake',
    content: [asTool ? { type: 'tool_use', id: 'toolu_fake', name: 'json', input: JSON.parse(text) as unknown } : { type: 'text', text }],
    stop_reason: stop,
    stop_sequence: null,
    usage: { input_tokens: usage?.input ?? 0, output_tokens: usage?.output ?? 0 },
  };
}

function googleReply(text: string, fault: FakeFault | undefined, usage: Usage): unknown {
  const finishReason = { refusal: 'SAFETY', length: 'MAX_TOKENS' }[fault as string] ?? 'STOP';
  return {
    responseId: 'google-fake',
    candidates: [{ content: { role: 'model', parts: fault === 'refusal' ? [] : [{ text }] }, finishReason, index: 0 }],
    ...(usage && {
      usageMetadata: { promptTokenCount: usage.input, candidatesTokenCount: usage.output, totalTokenCount: usage.input + usage.output },
    }),
  };
}
