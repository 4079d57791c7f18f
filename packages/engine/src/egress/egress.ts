import { lookup } from 'node:dns/promises';
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { callbackify } from 'node:util';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { CoreError } from '@labelwright/core/model/errors';
import { addressKind } from './address.ts';

export interface EgressOptions {
  /** Only these hosts: `api.openai.com`, `*.example.com`, each with or without a port. Absent: any. */
  readonly allowedHosts?: readonly string[];
  /** Addresses of this machine and its network are meant. Never opens metadata services. */
  readonly allowPrivate?: boolean;
  /** Until the last byte. Default 60 s. */
  readonly timeoutMs?: number;
  /** Of the decoded body. Default 16 MiB. */
  readonly maxResponseBytes?: number;
  /** How many redirects may be followed, each checked like the first address; GET only. Default 0. */
  readonly redirects?: number;
  /** Of a name, its addresses: for tests. */
  readonly resolve?: (name: string) => Promise<readonly string[]>;
}

export interface Egress {
  /** Like the global one, but the body has arrived whole when it resolves.
   *  @throws CoreError 'address-refused', 'host-not-allowed', 'redirect-refused', 'response-too-large', 'timed-out', 'unreachable', 'cut-off':
   *  messages name the host alone, since paths and queries may hold secrets */
  readonly fetch: typeof fetch;
  /** Ends idle connections. */
  readonly close: () => void;
}

/** The one door for outbound HTTP. A name is resolved once per connection, what it resolves to is checked, and that address and no other is
 *  connected to, so that a name which changes its mind gains nothing. Proxies of the environment are not used: they would resolve anew. */
export function createEgress(options: EgressOptions = {}): Egress {
  const { allowedHosts, timeoutMs = 60_000, maxResponseBytes = 16 << 20, redirects = 0, resolve = resolveName } = options;
  const mayUse = (address: string): boolean => {
    const kind = addressKind(address);
    return kind === 'public' || (kind === 'private' && options.allowPrivate === true);
  };
  const checked = callbackify(async (name: string) => {
    const addresses = await resolve(name);
    const refused = addresses.find((address) => !mayUse(address));
    if (refused !== undefined || addresses.length === 0) throw refusal(name, refused ?? 'no address');
    return addresses.map((address) => ({ address, family: isIP(address) }));
  });
  const pinned: LookupFunction = (name, { all }, callback) =>
    checked(name, (error, found) => {
      if (error) callback(error, '', 0);
      else if (all) callback(null, found);
      else callback(null, found[0].address, found[0].family);
    });
  const sockets = { keepAlive: true, lookup: pinned, maxSockets: 256 };
  const agents = { 'http:': new HttpAgent(sockets), 'https:': new HttpsAgent(sockets) };

  /** Origins that passed: what is said of them does not change. */
  const passed = new Set<string>();

  function check(url: URL): void {
    if (passed.has(url.origin) && url.username === '' && url.password === '') return;
    const host = hostOf(url);
    if (url.protocol !== 'http:' && url.protocol !== 'https:')
      throw new CoreError('address-refused', `egress: only http and https are spoken, got ${url.protocol.slice(0, 20)}`);
    if (url.username !== '' || url.password !== '')
      throw new CoreError('address-refused', `egress: ${host}: an address must not carry a user name or password`);
    if (allowedHosts && !allowedHosts.some((pattern) => matchesHost(url, pattern)))
      throw new CoreError('host-not-allowed', `egress: ${host} is not on the list of allowed hosts`);
    if (isIP(host) !== 0 && !mayUse(host)) throw refusal(host, host);
    if (passed.size < 1000) passed.add(url.origin);
  }

  async function fetchOut(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    let url = parseUrl(input instanceof Request ? input.url : input);
    const head = new Headers(init.headers);
    const body = typeof init.body === 'string' ? Buffer.from(init.body) : await bytesOf(init.body, head);
    const method = init.method?.toUpperCase() ?? 'GET';
    const deadline = Date.now() + timeoutMs;
    for (let hop = 0; ; hop++) {
      check(url);
      const limits = { deadline, timeoutMs, maxResponseBytes };
      const response = await exchange(url, { method, head, body, agent: agents[url.protocol as keyof typeof agents] }, limits, init.signal);
      const location = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null;
      if (location === null) return response;
      if (hop >= redirects || method !== 'GET')
        throw new CoreError('redirect-refused', `egress: ${hostOf(url)} redirects elsewhere, which is not followed`);
      const next = parseUrl(location, url);
      if (next.origin !== url.origin) for (const name of Array.from(head.keys())) if (!harmless.has(name)) head.delete(name);
      url = next;
    }
  }
  return {
    fetch: fetchOut,
    close: () => {
      agents['http:'].destroy();
      agents['https:'].destroy();
    },
  };
}

/** LABELWRIGHT_EGRESS_ALLOW: hosts by comma; unset or empty: any. */
export function allowedHostsOf(environment: Readonly<Record<string, string | undefined>>): readonly string[] | undefined {
  const hosts = (environment.LABELWRIGHT_EGRESS_ALLOW ?? '').split(/[\s,]+/).filter((host) => host !== '');
  return hosts.length > 0 ? hosts : undefined;
}

/** Headers that may follow a redirect to another origin: no keys, no cookies. */
const harmless = new Set(['accept', 'accept-language', 'content-type', 'user-agent']);

interface Outbound {
  readonly method: string;
  readonly head: Headers;
  readonly body: Buffer | undefined;
  readonly agent: HttpAgent | HttpsAgent;
}

interface Limits {
  readonly deadline: number;
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
}

function exchange(url: URL, { method, head, body, agent }: Outbound, limits: Limits, signal?: AbortSignal | null): Promise<Response> {
  const host = hostOf(url);
  return new Promise((done, refuse) => {
    signal?.throwIfAborted();
    const headers: Record<string, string | number> = Object.fromEntries(head);
    headers['accept-encoding'] = 'identity';
    if (body) headers['content-length'] = body.length;
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, { method, headers, agent });
    const fail = (error: unknown): void => {
      settle();
      refuse(error);
      request.destroy();
    };
    const onAbort = (): void => fail(signal?.reason ?? new DOMException('This operation was aborted', 'AbortError'));
    const seconds = limits.timeoutMs / 1000;
    const timer = setTimeout(
      () => fail(new CoreError('timed-out', `egress: ${host} did not finish within ${seconds} s`)),
      Math.max(0, limits.deadline - Date.now()),
    );
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    request.on('error', (error: NodeJS.ErrnoException) => fail(error instanceof CoreError ? error : unreachable(host, error)));
    request.on('response', (message) => {
      const finish = async (): Promise<void> => {
        const bytes = await readBody(message, host, limits.maxResponseBytes);
        settle();
        done(toResponse(message, bytes));
      };
      finish().catch(fail);
    });
    request.end(body);
  });
}

/** Of forms and the like; they say themselves of what type they are. */
async function bytesOf(body: RequestInit['body'], head: Headers): Promise<Buffer | undefined> {
  if (body === undefined || body === null) return undefined;
  const encoded = new Response(body);
  const type = encoded.headers.get('content-type');
  if (type && !head.has('content-type')) head.set('content-type', type);
  return Buffer.from(await encoded.arrayBuffer());
}

/** Counts what comes out of the decoder, not what its header promises. */
async function readBody(message: IncomingMessage, host: string, maxBytes: number): Promise<Buffer> {
  const encoding = message.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  const decoder = decoders[encoding]?.();
  if (!decoder && encoding !== 'identity') throw new CoreError('cut-off', `egress: ${host} answered in an unknown encoding`);
  if (decoder) message.once('error', (error) => decoder.destroy(error));
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of decoder ? message.pipe(decoder) : message) {
      size += (chunk as Buffer).length;
      if (size > maxBytes) throw new CoreError('response-too-large', `egress: ${host} sent more than ${maxBytes} bytes`);
      chunks.push(chunk as Buffer);
    }
  } catch (error) {
    message.destroy();
    if (error instanceof CoreError) throw error;
    throw new CoreError('cut-off', `egress: ${host} broke off in the middle of its answer`, {}, { cause: error });
  }
  return Buffer.concat(chunks);
}

const decoders: Readonly<Record<string, (() => NodeJS.ReadWriteStream & { destroy: (error?: Error) => void }) | undefined>> = {
  gzip: createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

function toResponse(message: IncomingMessage, bytes: Buffer): Response {
  const headers = new Headers();
  for (const [name, value] of Object.entries(message.headersDistinct)) for (const each of value ?? []) headers.append(name, each);
  headers.delete('content-encoding');
  headers.delete('content-length');
  const status = message.statusCode ?? 502;
  return new Response(status === 204 || status === 205 || status === 304 ? null : new Uint8Array(bytes), { status, headers });
}

async function resolveName(name: string): Promise<readonly string[]> {
  return (await lookup(name, { all: true, verbatim: true })).map(({ address }) => address);
}

function parseUrl(text: string | URL, base?: URL): URL {
  try {
    return new URL(text, base);
  } catch {
    throw new CoreError('address-refused', 'egress: not an address of the form https://host/path');
  }
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

function matchesHost(url: URL, pattern: string): boolean {
  const [, name, port] = /^(.*?)(?::(\d+))?$/.exec(pattern.toLowerCase()) ?? [];
  const isNamed = name.startsWith('*.') ? url.hostname.endsWith(name.slice(1)) : hostOf(url) === name || url.hostname === name;
  return isNamed && (port === undefined || port === (url.port || (url.protocol === 'https:' ? '443' : '80')));
}

function refusal(host: string, address: string): CoreError {
  const kind = isIP(address) !== 0 ? addressKind(address) : undefined;
  const cure = kind === 'private' ? ' of this machine or its network; if that is meant, set allowPrivate on the connection' : '';
  return new CoreError(
    'address-refused',
    `egress: ${host === address ? '' : `${host} is `}${address}: an address${cure || ' that is not connected to'}`,
  );
}

function unreachable(host: string, error: NodeJS.ErrnoException): CoreError {
  if (error.code === 'ECONNRESET') return new CoreError('cut-off', `egress: ${host} broke off the connection`, {}, { cause: error });
  return new CoreError('unreachable', `egress: ${host} cannot be reached (${error.code ?? 'no reason given'})`, {}, { cause: error });
}
