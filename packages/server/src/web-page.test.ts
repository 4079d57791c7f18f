import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from './testing.ts';

let folder: string;
let server: TestServer;
const script = `console.log(${'"labels";'.repeat(400)})`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'labelwright-web-'));
  const web = join(folder, 'static');
  await mkdir(join(web, 'assets'), { recursive: true });
  await mkdir(join(web, '.git'));
  await writeFile(join(folder, 'secret.txt'), 'secret');
  await writeFile(
    join(web, 'index.html'),
    '<script nonce="__CSP_NONCE__" src="/assets/main-AbCd1234.js"></script><style nonce="__CSP_NONCE__"></style>',
  );
  await writeFile(join(web, 'assets/main-AbCd1234.js'), script);
  await writeFile(join(web, 'assets/main-AbCd1234.js.map'), 'secret');
  await writeFile(join(web, '.env'), 'secret');
  await writeFile(join(web, '.git/config.txt'), 'secret');
  await writeFile(join(web, 'icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  await symlink(join(folder, 'secret.txt'), join(web, 'linked.txt'));
  server = await startTestServer({ app: { web } });
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

test('the page is drawn for every route of its own, with a nonce that is new each time', async () => {
  const nonces = new Set<string>();
  for (const url of ['/', '/projects/7/label', '/setup?key=abc', '/projects/7/items/3/', '/projekte/%C3%A4']) {
    const answer = await server.inject({ url });
    expect([url, answer.statusCode, answer.headers['content-type']]).toEqual([url, 200, 'text/html; charset=utf-8']);
    const [nonce, again] = [...answer.body.matchAll(/nonce="([^"]+)"/g)].map(([, value]) => value);
    expect(again).toBe(nonce);
    expect(answer.headers['content-security-policy']).toContain(`script-src 'self' 'nonce-${nonce}'; style-src 'self' 'nonce-${nonce}'`);
    expect(answer.headers['cache-control']).toBe('no-store');
    nonces.add(nonce);
  }
  expect(nonces.size).toBe(5);
});

test('assets with a hash in their name are kept for ever, packed where the browser can unpack', async () => {
  const ask = (headers: Record<string, string>) => server.inject({ url: '/assets/main-AbCd1234.js', headers });
  const plain = await ask({});
  expect(plain.body).toBe(script);
  expect(plain.headers).toMatchObject({
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=31536000, immutable',
  });
  expect(brotliDecompressSync((await ask({ 'accept-encoding': 'gzip, deflate, br' })).rawPayload).toString()).toBe(script);
  expect(gunzipSync((await ask({ 'accept-encoding': 'gzip' })).rawPayload).toString()).toBe(script);
  expect((await ask({ 'if-none-match': String(plain.headers.etag) })).statusCode).toBe(304);
  expect((await server.inject({ url: '/icon.svg' })).headers).toMatchObject({
    'content-type': 'image/svg+xml',
    'cache-control': 'no-cache',
  });
});

test('P82: nothing beside the build, no dot file, no source map, no link out of it', async () => {
  const paths =
    `/static../secret.txt /../secret.txt /assets/../../secret.txt /%2e%2e/secret.txt /..%2fsecret.txt /assets/%2e%2e%2f%2e%2e%2fsecret.txt //secret.txt //etc/passwd
    /assets//main-AbCd1234.js /\\..\\secret.txt /%5c..%5csecret.txt /secret.txt%00.js /%00 /....//secret.txt /.env /.git/config.txt
    /.git/config /assets/main-AbCd1234.js.map /linked.txt /index.html/x.js /assets/ /assets/gone.js /%2e%2e%2f /..;/x`.split(/\s+/);
  await server.app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = server.app.server.address() as AddressInfo;
  for (const path of paths) {
    const { status, body } = await askAsWritten(port, path);
    expect([path, body.includes('secret')]).toEqual([path, false]);
    expect([path, status]).toEqual([path, path === '/assets/' ? 200 : 404]);
  }
  expect(await askAsWritten(port, '/assets/main-AbCd1234.js')).toEqual({ status: 200, body: script });
});

/** Browsers, fetch and inject tidy a path up before they send it; an attacker does not. */
async function askAsWritten(port: number, path: string): Promise<{ status: number | undefined; body: string }> {
  const [answer] = (await once(get({ host: '127.0.0.1', port, path }), 'response')) as [IncomingMessage];
  return { status: answer.statusCode, body: Buffer.concat(await answer.toArray()).toString() };
}

test('without a build, the API works and the page is not there', async () => {
  const bare = await startTestServer();
  expect((await bare.inject({ url: '/' })).statusCode).toBe(404);
  expect((await bare.inject({ url: '/healthz' })).statusCode).toBe(200);
  await bare.close();
});
