import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { addressKind } from './address.ts';
import { allowedHostsOf, createEgress, type EgressOptions } from './egress.ts';

describe('whom an address belongs to', () => {
  test.each([
    ['8.8.8.8', 'public'],
    ['2606:4700::1111', 'public'],
    ['::ffff:8.8.8.8', 'public'],
    ['64:ff9b::808:808', 'public'],
    ['127.0.0.1', 'private'],
    ['::1', 'private'],
    ['10.1.2.3', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.0.1', 'private'],
    ['100.64.0.1', 'private'],
    ['::ffff:127.0.0.1', 'private'],
    ['::ffff:7f00:1', 'private'],
    ['64:ff9b::7f00:1', 'private'],
    ['fd12::1', 'private'],
    ['172.32.0.1', 'public'],
    ['169.254.169.254', 'forbidden'],
    ['::ffff:169.254.169.254', 'forbidden'],
    ['64:ff9b::a9fe:a9fe', 'forbidden'],
    ['fd00:ec2::254', 'forbidden'],
    ['100.100.100.200', 'forbidden'],
    ['fe80::1%eth0', 'forbidden'],
    ['0.0.0.0', 'forbidden'],
    ['::', 'forbidden'],
    ['::127.0.0.1', 'forbidden'],
    ['2002:7f00:1::', 'forbidden'],
    ['2001:0:1:2:3:4:80ff:fffe', 'forbidden'],
    ['2606:4700::5efe:7f00:1', 'forbidden'],
    ['224.0.0.1', 'forbidden'],
    ['255.255.255.255', 'forbidden'],
    ['not an address', 'forbidden'],
  ])('%s is %s', (address, kind) => expect(addressKind(address)).toBe(kind));
});

/** A server on loopback, and its port. */
async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function door(options: EgressOptions = {}): typeof fetch {
  const egress = createEgress(options);
  onTestFinished(egress.close);
  return egress.fetch;
}

describe('P44: addresses that are refused before a connection is made', () => {
  test.each([
    'http://127.0.0.1:PORT/?key=canary',
    'http://localhost:PORT/canary',
    'http://[::1]:PORT/',
    'http://[::ffff:127.0.0.1]:PORT/',
    'http://2130706433:PORT/',
    'http://0x7f.1:PORT/',
    'http://0.0.0.0:PORT/',
    'http://10.0.0.1/',
    'http://192.168.1.1/',
    'http://169.254.169.254/latest/meta-data/',
    'file:///etc/passwd',
    'gopher://127.0.0.1/',
    'data:text/plain,canary',
    'ftp://example.com/',
    'http://user:canary@example.com/',
    'nonsense',
  ])('%s', async (address) => {
    let connections = 0;
    const port = await serve((_, response) => {
      connections += 1;
      response.end('canary');
    });
    const refused: unknown = await door()(address.replace('PORT', String(port))).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'address-refused' });
    expect(String(refused)).not.toContain('canary');
    expect(connections).toBe(0);
  });

  test('allowPrivate opens the own network, and never a metadata service', async () => {
    const port = await serve((_, response) => response.end('here'));
    const fetch = door({ allowPrivate: true });
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('here');
    expect(await (await fetch(`http://localhost:${port}/`)).text()).toBe('here');
    await expect(fetch('http://169.254.169.254/')).rejects.toMatchObject({ code: 'address-refused' });
    await expect(fetch('http://0.0.0.0/')).rejects.toMatchObject({ code: 'address-refused' });
  });
});

test('P45: a redirect is refused; where redirects are followed, each is checked and leaves the key behind', async () => {
  const inner = await serve((_, response) => response.end('canary'));
  const seen: (string | undefined)[] = [];
  const other = await serve((request, response) => {
    seen.push(request.headers.authorization);
    response.end('moved');
  });
  const port = await serve((request, response) => {
    const to = { '/in': `http://10.0.0.1:${inner}/`, '/file': 'file:///etc/passwd', '/moved': `http://127.0.0.1:${other}/` }[
      request.url ?? ''
    ];
    response.writeHead(302, { location: to ?? '/loop' }).end();
  });
  const resolve = (): Promise<string[]> => Promise.resolve(['127.0.0.1']);
  const at = (path: string): string => `http://public.example:${port}${path}`;
  await expect(door({ allowPrivate: true, resolve })(at('/in'))).rejects.toMatchObject({ code: 'redirect-refused' });
  const allowed = { allowPrivate: true, redirects: 3, allowedHosts: ['public.example', '127.0.0.1'], resolve };
  await expect(door(allowed)(at('/in'))).rejects.toMatchObject({ code: 'host-not-allowed' });
  await expect(door(allowed)(at('/file'))).rejects.toMatchObject({ code: 'address-refused' });
  await expect(door(allowed)(at('/loop'))).rejects.toMatchObject({ code: 'redirect-refused' });
  await expect(door(allowed)(at('/moved'), { method: 'POST', body: '{}' })).rejects.toMatchObject({ code: 'redirect-refused' });
  const moved = await door(allowed)(at('/moved'), { headers: { authorization: 'Bearer canary' } });
  expect(await moved.text()).toBe('moved');
  expect(seen).toEqual([undefined]);
});

describe('P46: names that change their mind', () => {
  test('the address that was checked is the one connected to; a new connection is checked anew', async () => {
    let asked = 0;
    const port = await serve((_, response) => response.writeHead(200, { connection: 'close' }).end('reached'));
    const flipping = (): Promise<string[]> => Promise.resolve([asked++ === 0 ? '127.0.0.1' : '169.254.169.254']);
    const fetch = door({ allowPrivate: true, resolve: flipping });
    expect(await (await fetch(`http://flip.example:${port}/`)).text()).toBe('reached');
    expect(asked).toBe(1);
    await expect(fetch(`http://flip.example:${port}/`)).rejects.toMatchObject({ code: 'address-refused' });
    expect(asked).toBe(2);
  });

  test('one bad address among several is enough', async () => {
    const fetch = door({ resolve: () => Promise.resolve(['93.184.216.34', '10.0.0.1']) });
    await expect(fetch('http://mixed.example/')).rejects.toThrow(/mixed\.example is 10\.0\.0\.1.*allowPrivate/);
  });
});

describe('limits', () => {
  test('a server that hangs, before or within its answer', async () => {
    const port = await serve((request, response) => {
      if (request.url === '/within') response.write('half');
    });
    const fetch = door({ allowPrivate: true, timeoutMs: 100 });
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({ code: 'timed-out' });
    await expect(fetch(`http://127.0.0.1:${port}/within`)).rejects.toMatchObject({ code: 'timed-out' });
  });

  test('an answer that is too long, also when it was packed, and one that breaks off', async () => {
    const port = await serve((request, response) => {
      if (request.url === '/cut') return void response.writeHead(200, { 'content-length': '99' }).write('half', () => response.destroy());
      const packed = request.url === '/packed';
      response.writeHead(200, packed ? { 'content-encoding': 'gzip' } : {});
      return void response.end(packed ? gzipSync(Buffer.alloc(100_000)) : Buffer.alloc(100_000));
    });
    const fetch = door({ allowPrivate: true, maxResponseBytes: 99_999 });
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({ code: 'response-too-large' });
    await expect(fetch(`http://127.0.0.1:${port}/packed`)).rejects.toMatchObject({ code: 'response-too-large' });
    await expect(fetch(`http://127.0.0.1:${port}/cut`)).rejects.toMatchObject({ code: 'cut-off' });
    const wide = door({ allowPrivate: true });
    expect((await (await wide(`http://127.0.0.1:${port}/packed`)).arrayBuffer()).byteLength).toBe(100_000);
  });

  test('a signal ends it at once', async () => {
    const port = await serve(() => undefined);
    const stop = new AbortController();
    const answer = door({ allowPrivate: true })(`http://127.0.0.1:${port}/`, { signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(answer).rejects.toThrow('enough');
  });

  test('nobody listens', async () => {
    await expect(door({ allowPrivate: true })('http://127.0.0.1:1/secret')).rejects.toThrow(
      'egress: 127.0.0.1 cannot be reached (ECONNREFUSED)',
    );
  });
});

test('allow-list mode: these hosts and no other', async () => {
  const port = await serve((_, response) => response.end('in'));
  const resolve = (): Promise<string[]> => Promise.resolve(['127.0.0.1']);
  const fetch = door({ allowPrivate: true, resolve, allowedHosts: [`one.example:${port}`, '*.two.example'] });
  for (const host of ['one.example', 'a.two.example']) expect((await fetch(`http://${host}:${port}/`)).status).toBe(200);
  for (const address of [`http://two.example:${port}/`, 'http://one.example/', 'http://evil-two.example/'])
    await expect(fetch(address)).rejects.toMatchObject({ code: 'host-not-allowed' });
  expect(allowedHostsOf({ LABELWRIGHT_EGRESS_ALLOW: 'a.example, b.example' })).toEqual(['a.example', 'b.example']);
  expect(allowedHostsOf({})).toBeUndefined();
});

test('proxies of the environment are not asked', async () => {
  let proxied = 0;
  const proxy = await serve((_, response) => {
    proxied += 1;
    response.end();
  });
  const port = await serve((_, response) => response.end('direct'));
  for (const name of ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY']) {
    process.env[name] = `http://127.0.0.1:${proxy}`;
    onTestFinished(() => void delete process.env[name]);
  }
  expect(await (await door({ allowPrivate: true })(`http://127.0.0.1:${port}/`)).text()).toBe('direct');
  expect(proxied).toBe(0);
});
