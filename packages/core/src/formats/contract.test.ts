import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { abstain, answerOf, failed } from '../model/answer.ts';
import { itemId, labelerId, labelId, questionId } from '../model/ids.ts';
import type { Json } from '../model/json.ts';
import type { Schema } from '../model/schema.ts';
import type { Vote } from '../model/vote.ts';
import csv from './csv.ts';
import type { Entry, Format, Loss, ReadEvent } from './format.ts';
import { allEvents, memoryFile, writtenBytes } from './in-memory.ts';
import { formats } from './index.ts';
import xlsx from './xlsx.ts';

const schema: Schema = {
  questions: [
    {
      kind: 'choice',
      id: questionId('kind'),
      title: 'Kind',
      multiple: true,
      labels: [{ id: labelId('spam') }, { id: labelId('ham') }, { id: labelId('a/b') }],
    },
    {
      kind: 'choice',
      id: questionId('topic'),
      title: 'Topic',
      multiple: false,
      labels: [
        { id: labelId('animal') },
        { id: labelId('animal/dog'), parent: labelId('animal') },
        { id: labelId('poodle'), parent: labelId('animal/dog') },
      ],
    },
  ],
};

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.string({
    unit: fc.constantFrom('"', ',', ';', '\t', '\n', '\r', "'", '=', '-', '+', '@', '1', 'é', '😀', ' ', '_x0041_', '&', '<', '\ufeff'),
    maxLength: 8,
  }),
);
const stored = text.map((value) => value.replaceAll('\0', ''));
const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })).map((value) => value + 0);
const value: fc.Arbitrary<Json> = fc.oneof(
  { weight: 6, arbitrary: stored },
  number,
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.oneof(stored, number), { maxLength: 3 }),
  fc.dictionary(stored, fc.oneof(stored, fc.boolean()), { maxKeys: 2, noNullPrototype: true }),
);
const fieldName = fc.oneof(stored, fc.constantFrom('text', 'id', 'votes', '', '__proto__', 'constructor', 'data', 'meta', '=x'));
const id = stored.map((given) => itemId(`${given.replaceAll(/[\p{Cc}]/gu, '')}x`));
const answer = fc.oneof(
  fc.constant(abstain),
  stored.map(failed),
  fc
    .tuple(fc.subarray(['spam', 'ham', 'a/b']), fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }))
    .map(([labels, confidence]) => answerOf(labels.map(labelId), confidence === undefined ? undefined : confidence + 0)),
);

function voteOn(item: Entry['id']): fc.Arbitrary<Vote> {
  return fc
    .record(
      {
        labeler: fc.constantFrom('person:7', 'person:a@b.org', 'person:unknown', 'gold', 'rule-1', 'prediction').map(labelerId),
        question: fc.constant(questionId('kind')),
        answer,
        seconds: fc.double({ min: 0, max: 100, noNaN: true }).map((seconds) => seconds + 0),
        costUsd: fc.double({ min: 0, max: 1, noNaN: true }).map((cost) => cost + 0),
        time: fc.constant('2026-01-02T03:04:05Z'),
        explanation: fc.record({ reason: stored }),
      },
      { requiredKeys: ['labeler', 'question', 'answer'], noNullPrototype: true },
    )
    .chain((vote) =>
      // The label of a tree, so that paths are tried too.
      fc
        .boolean()
        .map((tree) =>
          tree && vote.answer.kind === 'labels'
            ? { ...vote, question: questionId('topic'), answer: answerOf([labelId('poodle')], vote.answer.confidence) }
            : vote,
        ),
    )
    .map((vote) => ({ item, ...vote }));
}

const entries = fc.uniqueArray(id, { maxLength: 6 }).chain((ids) =>
  fc.tuple(
    ...ids.map((item) =>
      fc
        .record({
          fields: fc.dictionary(fieldName, value, { maxKeys: 4, noNullPrototype: true }),
          votes: fc.uniqueArray(voteOn(item), { maxLength: 3, selector: (vote) => `${vote.labeler} ${vote.question}` }),
        })
        .map((entry): Entry => ({ id: item, ...entry })),
    ),
  ),
);

async function* streamed<Value>(values: readonly Value[]): AsyncGenerator<Value> {
  yield* values;
}

async function written(format: Format, dataset: readonly Entry[]): Promise<{ bytes: Uint8Array; losses: readonly Loss[] }> {
  const writing = format.write?.({ schema, entries: streamed(dataset) });
  if (!writing) throw new Error(`${format.name} does not write`);
  return { bytes: await writtenBytes(writing), losses: writing.losses() };
}

async function readBack(format: Format, bytes: Uint8Array, cuts: readonly number[] = []): Promise<ReadEvent[]> {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  const chunks = places.slice(1).map((end, index) => bytes.slice(places[index], end));
  return allEvents(format.read(memoryFile(`file${format.extensions[0]}`, ...chunks), { schema }));
}

const votesBy = (votes: readonly Vote[]): string[] => votes.map((vote) => stable(vote as unknown as Json)).sort();
const stable = (json: Json): string =>
  JSON.stringify(json, (_key, inner: Json) =>
    inner && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );

/** How many names, values and votes (or parts of them) are not as they were: what the losses must add up to. */
function differences(before: readonly Entry[], after: readonly Entry[]): number {
  expect(after.map((entry) => entry.id)).toEqual(before.map((entry) => entry.id));
  const renamed = renamedFields(before, after);
  let count = 0;
  for (const [index, entry] of before.entries()) {
    const { fields, votes } = after[index];
    const expected = new Map(Object.entries(entry.fields).map(([name, given]) => [renamed.get(name) ?? name, given]));
    for (const [old, name] of renamed) if (Object.hasOwn(entry.fields, old) && Object.hasOwn(fields, name)) count++;
    for (const [name, given] of expected) if (!Object.hasOwn(fields, name) || stable(fields[name]) !== stable(given)) count++;
    for (const name of Object.keys(fields)) if (!expected.has(name)) count++;
    count += voteDifferences(entry.votes, votes);
  }
  return count;
}

/** Where a name was taken, or is none, it got underscores. */
function renamedFields(before: readonly Entry[], after: readonly Entry[]): Map<string, string> {
  const given = new Set(before.flatMap((entry) => Object.keys(entry.fields)));
  const added = [...new Set(after.flatMap((entry) => Object.keys(entry.fields)))].filter((name) => !given.has(name));
  const renamed = new Map<string, string>();
  for (const name of ['id', 'votes', '']) {
    const now = added.find((other) => other.replace(/_+$/, '') === (name || 'column'));
    if (now !== undefined) renamed.set(name, now);
  }
  return renamed;
}

function voteDifferences(before: readonly Vote[], after: readonly Vote[]): number {
  const left = new Set(votesBy(after));
  let count = 0;
  for (const vote of before) {
    if (left.delete(stable(vote as unknown as Json))) continue;
    const likely = after.find((other) => other.labeler === vote.labeler && other.question === vote.question);
    if (!likely) count++;
    else
      for (const key of Object.keys(vote) as (keyof Vote)[])
        if (stable((likely[key] ?? null) as Json) !== stable(vote[key] as unknown as Json)) count++;
  }
  return count;
}

describe.each(formats.filter((format) => format.write))('$name', (format) => {
  test('reading back gives what was written, but for the losses that are declared, one by one', async () => {
    await fc.assert(
      fc.asyncProperty(entries, async (dataset) => {
        const { bytes, losses } = await written(format, dataset);
        const events = await readBack(format, bytes);
        expect(events.filter((event) => event.kind === 'problem')).toEqual([]);
        const after = events.flatMap((event) => (event.kind === 'entry' ? [event.entry] : []));
        const declared = losses.reduce((sum, loss) => sum + loss.count, 0);
        expect({ declared, losses }).toEqual({ declared: differences(dataset, after), losses });
      }),
      { numRuns: format === xlsx ? 60 : 300 },
    );
  });

  test('where the bytes are cut makes no difference, in the middle of a character neither', async () => {
    await fc.assert(
      fc.asyncProperty(entries, fc.array(fc.nat(), { maxLength: 8 }), async (dataset, cuts) => {
        const { bytes } = await written(format, dataset);
        expect(await readBack(format, bytes, cuts)).toEqual(await readBack(format, bytes));
      }),
      { numRuns: format === xlsx ? 20 : 100 },
    );
  });

  test('broken bytes are problems, never exceptions, and cutting them makes no difference', async () => {
    await fc.assert(
      fc.asyncProperty(
        entries,
        fc.nat(),
        fc.uint8Array({ maxLength: 4 }),
        fc.array(fc.nat(), { maxLength: 4 }),
        async (dataset, place, noise, cuts) => {
          const { bytes } = await written(format, dataset);
          bytes.set(noise.subarray(0, Math.max(0, bytes.length - (place % bytes.length))), place % bytes.length);
          expect(await readBack(format, bytes, cuts)).toEqual(await readBack(format, bytes));
        },
      ),
      { numRuns: format === xlsx ? 40 : 200 },
    );
  });

  test('an empty file is one fatal problem', async () => {
    const events = await readBack(format, new Uint8Array(0));
    expect(events).toEqual([{ kind: 'problem', problem: { file: expect.any(String), message: 'is empty', fatal: true } }]);
  });

  test('no items are no entries and no problems', async () => {
    const { bytes, losses } = await written(format, []);
    expect(losses).toEqual([]);
    expect(await readBack(format, bytes)).toEqual([]);
  });

  test('the second of two items of one id is a problem', async () => {
    const twice: Entry = { id: itemId('a'), fields: { text: 'one' }, votes: [] };
    const { bytes } = await written(format, [twice, { ...twice, id: itemId('b') }, twice]);
    const events = await readBack(format, bytes);
    expect(events.map((event) => event.kind)).toEqual(['entry', 'entry', 'problem']);
    expect(events[2]).toMatchObject({
      problem: { key: 'id', message: expect.stringContaining("'a' is there already"), line: expect.any(Number) },
    });
  });

  test('recognises what it writes', async () => {
    const { bytes } = await written(format, [{ id: itemId('a'), fields: { text: 'one' }, votes: [] }]);
    const path = `file${format.extensions[0]}`;
    const claimants = formats.filter((other) => other.extensions.includes(format.extensions[0]) && other.recognises(path, bytes));
    expect(claimants).toEqual([format]);
  });
});

test('formulas: spreadsheets get them as text, and reading restores them', async () => {
  const fields = { a: '=1+1', b: '+1+cmd|x', c: '-5', d: '@sum(1)', e: '\tx', f: "'=x", g: '-5.5e3', h: '+49 30', i: '\rx' };
  for (const format of [csv, xlsx]) {
    const { bytes, losses } = await written(format, [{ id: itemId('a'), fields, votes: [] }]);
    expect(losses).toEqual([]);
    expect(await readBack(format, bytes)).toMatchObject([{ entry: { fields } }]);
  }
  const { bytes } = await written(csv, [{ id: itemId('a'), fields, votes: [] }]);
  const line = new TextDecoder().decode(bytes).split('\n')[1];
  expect(line).toBe("a,'=1+1,'+1+cmd|x,-5,'@sum(1),'\tx,''=x,-5.5e3,'+49 30,\"'\rx\"");
});
