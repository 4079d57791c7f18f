import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Who may speak to the network, and why. */
const exceptions: Readonly<Record<string, RegExp>> = {
  'packages/engine/src/egress/egress.ts': /./, // the door itself
  'packages/engine/src/egress/address.ts': /^node:net$/, // what addresses are, no connection
  'packages/server/src/own-address.ts': /^node:net$/, // isIPv6
  'packages/server/src/main.ts': /^node:net$/, // a type
  'packages/server/src/database/embedded/endpoint.ts': /^node:net$/, // listens for a free port
};

const modules =
  /(?:from|import|import\(|require\()\s*['"]((?:node:)?(?:http|https|http2|net|tls|dgram|dns|dns\/promises)|undici|axios|got|node-fetch|ws)['"]/g;
/** Calls of the global, not of a method of that name. */
const calls = /(?<![\w.$#]|async |function )(fetch|new WebSocket|new EventSource|importScripts)\s*\(/g;

/** Sources that run in production: no tests, nothing called testing. */
function sources(name: string): string[] {
  return readdirSync(join(root, 'packages', name, 'src'), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.(test|bench)\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !/[/\\]testing(?:[-\w]*\.ts$|[/\\])/.test(file));
}

function outboundIn(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, '');
  return [...code.matchAll(modules), ...code.matchAll(calls)].map((match) => match[1]);
}

test('P47: there is one door out: nothing else opens a connection', () => {
  const wrong = ['core', 'engine', 'server', 'cli'].flatMap((name) =>
    sources(name).flatMap((file) => {
      const path = relative(root, file).replaceAll('\\', '/');
      return outboundIn(readFileSync(file, 'utf8'))
        .filter((way) => !exceptions[path]?.test(way))
        .map((way) => `${path}: ${way}; use createEgress of engine/egress`);
    }),
  );
  expect(wrong).toEqual([]);
});

test('what would be found', () => {
  expect(outboundIn("import { request } from 'node:https';\nawait fetch(url);\nnew WebSocket (url)")).toEqual([
    'node:https',
    'fetch',
    'new WebSocket',
  ]);
  expect(outboundIn('egress.fetch(url); // fetch(url)\nasync fetch(id) {}')).toEqual([]);
});

test("the providers' packages are loaded when a model is asked, not when a server starts", () => {
  const speakers = sources('engine').filter((file) => /from ['"]@ai-sdk\//.test(readFileSync(file, 'utf8')));
  const names = new Set(speakers.map((file) => relative(root, file).replaceAll('\\', '/')));
  const folder = 'packages/engine/src/providers';
  expect(names).toEqual(new Set([`${folder}/error-table.ts`, `${folder}/open-provider.ts`, `${folder}/openai-batches.ts`]));
  const eager = ['engine', 'server', 'cli'].flatMap(sources).filter((file) => {
    const isSpeaker = speakers.includes(file) || file.endsWith('testing-inquiry.ts');
    return !isSpeaker && /from ['"][^'"]*\/(error-table|open-provider|openai-batches)(\.ts)?['"]/.test(readFileSync(file, 'utf8'));
  });
  expect(eager).toEqual([]);
});
