import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { contentPolicy } from './security/headers.ts';

/** Says whether it has answered. Not the reply itself: to await that is to await that it is sent. */
type Serve = (request: FastifyRequest, reply: FastifyReply) => Promise<boolean>;

interface Asset {
  readonly content: Buffer;
  readonly type: string;
  readonly etag: string;
  readonly cache: string;
  readonly encoded: Map<string, Promise<Buffer>>;
}

/** Put into the page by Vite (`html.cspNonce`); another one for each answer. */
const noncePlaceholder = '__CSP_NONCE__';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};

/** The build of the web page, read once: a path is looked up among the files that there are, so that none can lead out of the folder.
 *  Undefined where there is no build. */
export async function loadWebPage(folder: string | undefined): Promise<Serve | undefined> {
  const assets = folder === undefined ? new Map<string, Asset>() : await readAssets(folder);
  const index = assets.get('/index.html')?.content.toString('utf8');
  if (index === undefined) return undefined;
  assets.delete('/index.html');
  return async (request, reply) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    const path = request.url.split(/[?#]/, 1)[0];
    const asset = assets.get(path);
    if (asset) await sendAsset(asset, request, reply);
    else if (isPageRoute(path)) sendPage(index, request, reply);
    else return false;
    return true;
  };
}

/** What the page itself draws: words between slashes. Nothing with a dot is one: `/.env`, `/static../x`, `/assets/gone.js`. */
export function isPageRoute(path: string): boolean {
  if (path !== '/' && !/^(?:\/[^/\\.]+)+\/?$/.test(path)) return false;
  if (path === '/api' || path.startsWith('/api/')) return false;
  try {
    // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
    return !/[\\.\u0000-\u001f]|\/\//.test(decodeURIComponent(path));
  } catch {
    return false;
  }
}

function sendPage(index: string, request: FastifyRequest, reply: FastifyReply): void {
  const nonce = randomBytes(16).toString('base64');
  reply
    .header('content-security-policy', contentPolicy(nonce))
    .header('cache-control', 'no-store')
    .type(types['.html'])
    .send(request.method === 'HEAD' ? '' : index.replaceAll(noncePlaceholder, nonce));
}

async function sendAsset(asset: Asset, { method, headers }: FastifyRequest, reply: FastifyReply): Promise<void> {
  reply.headers({ 'cache-control': asset.cache, etag: asset.etag, vary: 'accept-encoding' }).type(asset.type);
  const encoding = encodingFor(asset, headers['accept-encoding'] ?? '');
  if (headers['if-none-match'] === asset.etag) reply.code(304).send();
  else if (method === 'HEAD') reply.send('');
  else if (encoding === undefined) reply.send(asset.content);
  else {
    const packed = await encodedAs(encoding, asset);
    reply.header('content-encoding', encoding).send(packed);
  }
}

function encodingFor({ type, content }: Asset, accepted: string): 'br' | 'gzip' | undefined {
  if (content.length < 1_000 || !/^(text|application|image\/svg)/.test(type)) return undefined;
  if (/\bbr\b/.test(accepted)) return 'br';
  return /\bgzip\b/.test(accepted) ? 'gzip' : undefined;
}

/** Packed when it is first asked for, then kept. */
function encodedAs(encoding: 'br' | 'gzip', { content, encoded }: Asset): Promise<Buffer> {
  let packed = encoded.get(encoding);
  if (packed === undefined) {
    packed = encoding === 'gzip' ? promisify(gzip)(content) : brotli(content);
    encoded.set(encoding, packed);
  }
  return packed;
}

function brotli(content: Buffer): Promise<Buffer> {
  return promisify<Buffer, object, Buffer>(brotliCompress)(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } });
}

async function readAssets(folder: string): Promise<Map<string, Asset>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const assets = new Map<string, Asset>();
  for (const entry of entries) {
    const file = join(entry.parentPath, entry.name);
    const path = `/${relative(folder, file).split(sep).join('/')}`;
    const type = types[extname(file)];
    // Links may lead out, dot files and source maps are nobody's business.
    if (!entry.isFile() || type === undefined || /\/\./.test(path)) continue;
    const content = await readFile(file);
    const etag = `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`;
    // Vite puts a hash of the content into the names of its assets.
    const cache = path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
    assets.set(path, { content, type, etag, cache, encoded: new Map() });
  }
  return assets;
}
