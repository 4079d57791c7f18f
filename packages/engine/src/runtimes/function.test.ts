import { existsSync } from 'node:fs';
import { type Answerer, Sample } from '@labelwright/core/labelers/labeler';
import { checkOptions } from '@labelwright/core/model/about';
import { abstain, type Answer, answerOf } from '@labelwright/core/model/answer';
import { itemId, labelId, questionId } from '@labelwright/core/model/ids';
import type { Json } from '@labelwright/core/model/json';
import type { Question } from '@labelwright/core/model/schema';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { workerFile } from '../worker-file.ts';
import functionLabeler from './function.ts';

const question = (multiple = false): Question => ({
  kind: 'choice',
  id: questionId('kind'),
  title: 'Kind',
  labels: ['spam', 'ham', 'ads'].map((id) => ({ id: labelId(id) })),
  multiple,
});
const opened: Answerer[] = [];
const prepared = async (source: string, options: object = {}, multiple = false): Promise<Answerer> => {
  const answerer = await functionLabeler.prepare({
    question: question(multiple),
    options: checkOptions(functionLabeler, { source, fileName: 'rules.ts', ...options }),
    model: null,
  });
  opened.push(answerer);
  return answerer;
};
const sample = (text: string, fields: Record<string, Json> = {}): Sample =>
  new Sample({ id: itemId('1'), parts: { text: { modality: 'text', content: text } }, fields });
const said = (...labels: string[]): Answer => answerOf(labels.map((label) => labelId(label)));
const reasonOn = (answerer: Answerer, text = ''): string => {
  const answer = answerer.answer(sample(text));
  return answer.kind === 'failed' ? answer.reason : `${answer.kind}, not failed`;
};

beforeAll(() => {
  if (!existsSync(workerFile('runtimes/sandbox-worker'))) throw new Error('the engine is not built: npm run build');
});
afterEach(() => {
  vi.unstubAllEnvs();
  for (const answerer of opened.splice(0)) answerer.dispose?.();
});

describe('answers', () => {
  test('TypeScript in, labels out', async () => {
    const rules = await prepared(`
      interface Item { id: string; text: string; fields: Record<string, unknown>; parts: Record<string, { modality: string; content: string }> }
      const threshold: number = 3;
      export default (item: Item): string | null => {
        if (item.parts.text!.content !== item.text || item.id !== '1') throw new Error('not the item');
        return item.text.length > threshold ? 'spam' : (item.fields.known as boolean) ? 'ham' : null;
      };
    `);
    expect(rules.answer(sample('long text'))).toEqual(said('spam'));
    expect(rules.answer(sample('', { known: true }))).toEqual(said('ham'));
    expect(rules.answer(sample(''))).toBe(abstain);
    expect(rules.explain?.(sample('long text'))).toEqual({ reason: 'rules.ts returned spam' });
    expect(rules.explain?.(sample(''))).toBeUndefined();
  });

  test.each<[string, Answer]>([
    ['undefined', abstain],
    ['{ label: null, reason: "unsure" }', abstain],
    ['["ham"]', said('ham')],
    ['{ label: "ham", confidence: 0.7 }', answerOf([labelId('ham')], 0.7)],
    ['{ labels: ["ham"] }', said('ham')],
  ])('%s', async (value, answer) => {
    const rules = await prepared(`export default () => (${value})`, { fileName: 'rules.js' });
    expect(rules.answer(sample(''))).toEqual(answer);
  });

  test('several labels, and none', async () => {
    const rules = await prepared(
      `export default ({ text }) => ({ labels: text === '' ? [] : text.split(' '), reason: 'because of ' + text })`,
      {},
      true,
    );
    expect(rules.answer(sample('ham spam ham'))).toEqual(said('ham', 'spam'));
    expect(rules.answer(sample(''))).toEqual(said());
    expect(rules.explain?.(sample('ham'))).toEqual({ reason: 'because of ham' });
  });
});

describe('what is no answer is a failed item, and says why', () => {
  test.each([
    ['"spm"', `rules.ts: it returned "spm", which is no label; did you mean 'spam'?`],
    ['7', 'rules.ts: it returned 7; a label, a list of labels, null or { label } is expected'],
    ['["spam", "ham"]', `rules.ts: it returned 2 labels; the question 'kind' takes one, null says "no opinion"`],
    ['[null]', 'rules.ts: it returned null, which is no label; the labels are spam, ham, ads'],
    ['{ lable: "spam" }', "rules.ts: it returned an unknown key 'lable'; label, labels, confidence and reason are known"],
    ['{ label: "spam", confidence: 7 }', 'rules.ts: it returned the confidence 7; it must be 0..1'],
    ['{ label: "spam", labels: ["spam"] }', 'rules.ts: it returned both label and labels'],
    ['() => 1', 'rules.ts: TypeError: it returned a function'],
    ['Promise.resolve("spam")', 'TypeError: it returned a promise: it must not be async'],
    ['item.nothing.x', "rules.ts:1:39: TypeError: cannot read property 'x' of undefined"],
    ['(() => { throw "a text" })()', 'rules.ts: threw a text'],
    ['(() => { throw null })()', 'rules.ts: threw null'],
    ['10n', 'TypeError'],
    ['item', "it returned an unknown key 'id'"],
  ])('%s', async (value, reason) => {
    const rules = await prepared(`export default (item) => (${value})`);
    expect(reasonOn(rules)).toContain(reason);
  });

  test('the place is the line of the file as written', async () => {
    const rules = await prepared(`type A = {\n  a: string;\n};\nexport default (item: A) => {\n  throw new RangeError('too much');\n};\n`);
    expect(reasonOn(rules)).toMatch(/^rules\.ts:5:\d+: RangeError: too much$/);
  });
});

test.each([
  ['export default (item: ) => 1', 'function: source: rules.ts:1:23: '],
  ['enum A { B }\nexport default () => A.B', 'function: source: rules.ts:1:1: TypeScript enum is not supported in strip-only mode'],
  ['const x = 1;', 'function: source: rules.ts: its default export must be a function: export default (item) => …; got none'],
  ['export default "spam"', 'got string'],
  ['import fs from "fs"; export default () => fs', "could not load module 'fs'"],
  ['throw new Error("at the start"); export default () => 1', 'function: source: rules.ts:1:16: Error: at the start'],
  ['for (;;); export default () => 1', 'function: source: rules.ts: running the file took more than 1000 ms'],
  ['export default () => nowhere.x + await 1', 'function: source: rules.ts:1:'],
])('a file that cannot be used is told before the first item: %s', async (source, message) => {
  await expect(prepared(source)).rejects.toThrow(
    expect.objectContaining({ code: 'bad-options', message: expect.stringContaining(message), details: { path: 'source' } }),
  );
});

describe('nothing of the host is in reach (P49)', () => {
  test('none of its names exists', async () => {
    const names = [
      'process',
      'require',
      'module',
      'fetch',
      'XMLHttpRequest',
      'WebSocket',
      'setTimeout',
      'setInterval',
      'console',
      'Buffer',
      'global',
      'performance',
      'WebAssembly',
      'SharedArrayBuffer',
      'Atomics',
      'std',
      'os',
      'navigator',
      'importScripts',
      'postMessage',
    ];
    const rules = await prepared(`export default () => { throw ${JSON.stringify(names)}.filter((name) => name in globalThis).join() }`);
    expect(reasonOn(rules)).toMatch(/^rules\.ts: threw (SharedArrayBuffer|Atomics|,)*$/);
  });

  test.each([
    `(() => {}).constructor('return process')()`,
    `item.constructor.constructor('return process')().env`,
    `[].constructor.constructor('return require("fs")')()`,
    `globalThis.constructor.constructor('return fetch("http://127.0.0.1:9")')()`,
    `(function () { return this })().process.exit(1)`,
    `Function('return this')().require('child_process').execSync('touch /tmp/labelwright-canary')`,
    `(async () => { await import('fs') })()`,
    `new Error().stack.constructor.constructor('return process.mainModule')()`,
    `Reflect.construct(Function, ['return process'])()`,
    `item.__proto__.__proto__.x`,
  ])('%s', async (attempt) => {
    const rules = await prepared(`export default (item) => { ${attempt}; return 'spam' }`);
    const answer = rules.answer(sample(''));
    // Dynamic import only gives a promise that nobody ever runs.
    expect(answer.kind === 'failed' || attempt.includes('import(')).toBe(true);
    expect(existsSync('/tmp/labelwright-canary')).toBe(false);
  });

  test('what it does to its own globals does no harm', async () => {
    const rules = await prepared(`
      JSON.stringify = () => '"spam"'; JSON.parse = () => ({}); String.prototype.slice = () => 'V"ham"';
      Object.prototype.toJSON = () => 'ads';
      export default (item) => item.text`);
    expect(reasonOn(rules, 'nonsense')).toContain('it returned "nonsense", which is no label');
    expect(({} as Record<string, unknown>).toJSON).toBeUndefined();
  });

  test('chance and the current time are not there; dates of the item are, in UTC', async () => {
    vi.stubEnv('TZ', 'America/New_York');
    const rules = await prepared(`export default ({ text }) => {
      if (text === 'date') return new Date(2024, 0, 31, 23).toISOString() === '2024-01-31T23:00:00.000Z' && new Date('2024-01-31T10:00').getHours() === 10 && new Date(0) instanceof Date ? 'spam' : 'ham';
      if (text === 'random') Math.random();
      if (text === 'new') new Date();
      if (text === 'call') Date();
      if (text === 'proto') new (new Date(0).constructor)();
      Date.now();
    }`);
    expect(rules.answer(sample('date'))).toEqual(said('spam'));
    expect(reasonOn(rules, 'random')).toContain('Math.random is not available: the same item must always get the same answer');
    for (const text of ['new', 'call', 'proto', 'now']) expect(reasonOn(rules, text)).toContain('the current time is not available');
  });
});

describe('exhaustion is stopped, the item named, and the next one answered (P50)', () => {
  const attempts: [string, string, RegExp][] = [
    ['endless loop', 'for (;;);', /^rules\.ts:?.*: took more than 100 ms$/],
    ['caught endless loop', 'for (;;) { try { for (;;); } catch {} }', /took more than 100 ms$/],
    [
      '1 GB at once',
      'return "x".repeat(1 << 28).length + new Uint8Array(1 << 30).length',
      /needed more than 64 MiB of memory$|took more than|string too long/,
    ],
    [
      '1 GB bit by bit',
      'const all = []; for (;;) all.push(new Array(10_000).fill(all.length))',
      /needed more than 64 MiB of memory$|took more than 100 ms$/,
    ],
    [
      '1M outputs',
      'return Array.from({ length: 1_000_000 }, () => "spam")',
      /its answer has 7000001 characters of JSON, at most 262144 are allowed$|took more than 100 ms$/,
    ],
    ['recursion', 'const down = () => down() + 1; return down()', /stack overflow$/],
    ['evil pattern', 'return /(a+)+$/.test("a".repeat(50) + "!")', /took more than 100 ms$/],
    ['a native loop that looks at no clock', 'return [].indexOf.call({ length: 2 ** 53 - 1 }, 1)', /took more than 100 ms$/],
    [
      'a huge product',
      'let x = 3n; for (let i = 0; i < 26; i++) x = x * x; return null',
      /took more than 100 ms$|BigInt is too large to allocate$/,
    ],
    ['a huge message', 'throw new Error("x".repeat(1e6))', /^rules\.ts.{0,500}$/],
    ['a message that never ends', 'throw { name: "Error", get message() { for (;;); } }', /took more than 100 ms$/],
  ];

  test.each(attempts)('%s', async (_, body, reason) => {
    const rules = await prepared(`export default ({ text }) => { if (text === 'go on') return 'ham'; ${body} }`);
    expect(reasonOn(rules, 'bad')).toMatch(reason);
    expect(rules.answer(sample('go on'))).toEqual(said('ham'));
  });

  test('again and again', async () => {
    const rules = await prepared(
      `export default ({ text }) => { if (text === 'loop') for (;;); if (text === 'deep') { const f = () => f() + 1; f() } if (text === 'big') { const a = []; for (;;) a.push('x'.repeat(1e6) + a.length) } return 'ham' }`,
      { timeoutMs: 20, memoryMb: 16 },
    );
    const texts = Array.from({ length: 24 }, (_, index) => ['loop', 'ok', 'deep', 'ok', 'big', 'ok'][index % 6]);
    expect(texts.map((text) => rules.answer(sample(text)).kind)).toEqual(texts.map((text) => (text === 'ok' ? 'labels' : 'failed')));
  });

  test('after the thread is gone the next item finds a new one', async () => {
    const rules = await prepared(`export default () => 'ham'`);
    rules.dispose?.();
    expect(rules.answer(sample(''))).toEqual(said('ham'));
  });
});
