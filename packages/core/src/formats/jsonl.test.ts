import { describe, expect, test } from 'vitest';
import type { Format, ReadOptions } from './format.ts';
import { allEvents, memoryFile } from './in-memory.ts';
import json from './json.ts';
import jsonl from './jsonl.ts';

async function read(text: string, options: ReadOptions = {}, format: Format = jsonl): Promise<unknown[]> {
  const events = await allEvents(format.read(memoryFile('f.jsonl', text), options));
  return events.map((event) =>
    event.kind === 'entry'
      ? [event.entry.line, event.entry.id, event.entry.fields, ...(event.entry.votes.length > 0 ? [event.entry.votes] : [])]
      : `${event.problem.fatal ? 'FATAL ' : ''}${event.problem.line ?? '-'}${event.problem.key === undefined ? '' : ` ${event.problem.key}`}: ${event.problem.message}`,
  );
}

const bomb = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

test('one bad line never stops an import', async () => {
  const lines = [
    '\ufeff{"id":"a","text":"ok"}',
    '{"id":"b",',
    '[1]',
    '',
    '{"text":"no id"}',
    '{"id":7,"n":{"x":[1,null]}}',
    '{"id":"a"}',
    '{"id":null}',
    '{"id":{}}',
    `{"id":"deep","x":${bomb(100_000)}}`,
    '{"id":"nul","text":"a\\u0000b","n":{"k\\u0000":["\\u0000"]}}',
    '{"id":"z"}',
  ];
  expect(await read(lines.join('\r\n'))).toEqual([
    [1, 'a', { text: 'ok' }],
    expect.stringMatching(/^2: is not JSON: /),
    '3: must be an object { … }, got a list',
    '5 id: has no id',
    [6, '7', { n: { x: [1, null] } }],
    "7 id: item 'a' is there already: this one is left out",
    '8 id: has no id',
    '9 id: item id must be a non-empty text, got {}',
    '10: is nested more than 64 levels deep',
    [11, 'nul', { text: 'a\ufffdb', n: { 'k\ufffd': ['\ufffd'] } }],
    '11 text: holds NUL characters: they are replaced by U+FFFD',
    [12, 'z', {}],
  ]);
});

test('64 levels are allowed, 65 are not; brackets in texts do not count', async () => {
  expect(await read(`{"id":"a","x":${bomb(63)}}`)).toHaveLength(1);
  expect(await read(`{"id":"a","x":${bomb(64)}}`)).toEqual(['1: is nested more than 64 levels deep']);
  expect(await read(`{"id":"a","x":"${'['.repeat(100)}\\"[["}`)).toEqual([[1, 'a', { x: `${'['.repeat(100)}"[[` }]]);
});

describe('ids', () => {
  test('where the first record has none, they are positions, and a later one that has one is a problem', async () => {
    expect(await read('{"text":"a"}\n{bad\n{"text":"b"}\n{"id":"x"}')).toEqual([
      [1, '1', { text: 'a' }],
      expect.stringMatching(/^2: /),
      [3, '3', { text: 'b' }],
      '4 id: has an id, but the first record has none: give every record an id, or none',
    ]);
  });

  test('a number that JSON cannot hold would be another id', async () => {
    expect(await read('{"id":1234567890123456789}\n{"id":12345678901234}')).toEqual([
      '1 id: id 1234567890123456800 is more than a JSON number can hold exactly: write ids as text',
      [2, '12345678901234', {}],
    ]);
  });

  test('by the field that is named', async () => {
    expect(await read('{"mail":"m1","id":3}\n{"id":4}', { idField: 'mail' })).toEqual([[1, 'm1', { id: 3 }], '2 mail: has no id']);
  });
});

test('names of object members are plain data', async () => {
  const [entry] = await allEvents(jsonl.read(memoryFile('f.jsonl', '{"id":"a","__proto__":{"polluted":1},"constructor":2}'), {}));
  expect(entry.kind === 'entry' && Object.entries(entry.entry.fields)).toEqual([
    ['__proto__', { polluted: 1 }],
    ['constructor', 2],
  ]);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

describe('votes', () => {
  test('come with their item; a bad one is left out, the others stay', async () => {
    const votes = [
      { labeler: 'r', label: 'spam', confidence: 0.5 },
      { labeler: 'p', question: 'kind', labels: [], seconds: 2, time: '2026-01-01T00:00:00Z' },
      { labeler: 'q', label: 'spam', confidence: 7 },
      { labeler: 's' },
      { labeler: 't', abstain: true },
      { labeler: 'u', failed: 'no answer' },
      { labeler: 'v', annotations: [{ label: 'x', region: { start: 1, end: 2 } }] },
    ];
    const [entry, ...problems] = await read(JSON.stringify({ id: 'a', votes }));
    const common = { item: 'a', question: 'label' };
    expect(entry).toEqual([
      1,
      'a',
      {},
      [
        { ...common, labeler: 'r', answer: { kind: 'labels', annotations: [{ label: 'spam' }], confidence: 0.5 } },
        {
          ...common,
          labeler: 'p',
          question: 'kind',
          answer: { kind: 'labels', annotations: [] },
          seconds: 2,
          time: '2026-01-01T00:00:00Z',
        },
        { ...common, labeler: 't', answer: { kind: 'abstain' } },
        { ...common, labeler: 'u', answer: { kind: 'failed', reason: 'no answer' } },
        { ...common, labeler: 'v', answer: { kind: 'labels', annotations: [{ label: 'x', region: { start: 1, end: 2 } }] } },
      ],
    ]);
    expect(problems).toEqual([
      '1 votes.2: confidence must be 0..1, got 7: this vote is left out',
      '1 votes.3: has none of label, labels, annotations, abstain, failed: this vote is left out',
    ]);
  });

  test('a field of that name that holds none is a field', async () => {
    expect(await read('{"id":"a","votes":17}\n{"id":"b","votes":["x"]}')).toEqual([
      [1, 'a', { votes: 17 }],
      [2, 'b', { votes: ['x'] }],
    ]);
  });
});

test('a line of 100 MB is refused while it streams', async () => {
  async function* bytes(): AsyncGenerator<Uint8Array> {
    const encoder = new TextEncoder();
    yield encoder.encode('{"id":"a"}\n{"id":"b","text":"');
    for (let count = 0; count < 100; count++) yield new Uint8Array(1 << 20).fill(120);
    yield encoder.encode('"}\n{"id":"c"}\n');
  }
  const events = await allEvents(jsonl.read({ path: 'f', bytes }, {}));
  expect(events).toMatchObject([
    { entry: { id: 'a' } },
    { problem: { line: 2, message: 'is longer than 16 MiB' } },
    { entry: { id: 'c', line: 3 } },
  ]);
});

test('json: a list of the same objects; broken ones cost themselves only', async () => {
  expect(await read('[{"id":"a"},\n{"id":"b",},\n{"id":"c"}]', {}, json)).toEqual([
    [1, 'a', {}],
    expect.stringMatching(/^2: is not JSON: /),
    [3, 'c', {}],
  ]);
  expect(await read('[{"id":"a"},\n{"id":"b"', {}, json)).toEqual([[1, 'a', {}], 'FATAL 2: the record that starts here never ends']);
  expect(await read('{"id":"a"}', {}, json)).toEqual([expect.stringContaining('FATAL 1: expected a list of objects')]);
  expect(await read(`[{"id":"a","x":${bomb(100_000)}},{"id":"b"}]`, {}, json)).toEqual([
    '1: is nested more than 64 levels deep',
    [1, 'b', {}],
  ]);
});
