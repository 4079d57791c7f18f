import { describe, expect, test } from 'vitest';
import { answerOf } from '../model/answer.ts';
import { itemId, labelerId, labelId, questionId } from '../model/ids.ts';
import type { Schema } from '../model/schema.ts';
import type { Vote } from '../model/vote.ts';
import type { Entry, ReadOptions } from './format.ts';
import { allEvents, memoryFile, writtenBytes } from './in-memory.ts';
import labelStudio from './label-studio.ts';

async function read(tasks: unknown, options: ReadOptions = {}): Promise<{ entries: Entry[]; problems: string[] }> {
  const events = await allEvents(labelStudio.read(memoryFile('export.json', JSON.stringify(tasks, null, 1)), options));
  return {
    entries: events.flatMap((event) => (event.kind === 'entry' ? [event.entry] : [])),
    problems: events.flatMap((event) => (event.kind === 'problem' ? [`${event.problem.key ?? ''}: ${event.problem.message}`] : [])),
  };
}

const choice = (choices: unknown, more: object = {}): object => ({
  from_name: 'sentiment',
  to_name: 'text',
  type: 'choices',
  value: { choices },
  ...more,
});

/** The task of Label Studio's documentation (guide/task_format), with choices. */
const exported = {
  id: 17,
  created_at: '2021-03-09T21:52:49.513742Z',
  project: 83,
  data: { text: 'Opossums are great', ref_id: 456, meta_info: { location: 'North Pole' } },
  meta: { batch: 3 },
  annotations: [
    {
      id: 1001,
      result: [choice(['Positive'])],
      was_cancelled: false,
      ground_truth: false,
      created_at: '2021-03-09T22:16:08.728353Z',
      lead_time: 4.288,
      completed_by: 10,
    },
    {
      id: 1002,
      result: [choice(['Negative', 'Sad'])],
      created_at: '2021-03-09T22:00:00Z',
      updated_at: '2021-03-10T01:00:00+02:00',
      completed_by: { id: 11, email: 'ann@example.org' },
    },
    { id: 1003, result: [], was_cancelled: true, completed_by: { id: 12 } },
    { id: 1004, result: [choice(['Positive'])], ground_truth: true, completed_by: 10 },
  ],
  predictions: [
    { model_version: 'bert-2', score: 0.81, result: [choice(['Positive'])] },
    { score: 1.7, result: [choice(['Negative'], { score: 0.4 })] },
  ],
  drafts: [],
};

test('an exported task: people, models, skips, ground truth, times', async () => {
  const { entries, problems } = await read([exported]);
  const base = { item: '17', question: 'sentiment' };
  expect(entries).toEqual([
    {
      id: '17',
      line: 2,
      fields: { text: 'Opossums are great', ref_id: 456, meta_info: { location: 'North Pole' }, meta: { batch: 3 } },
      votes: [
        { ...base, labeler: 'person:10', answer: answerOf([labelId('Positive')]), seconds: 4.288, time: '2021-03-09T22:16:08.728353Z' },
        {
          ...base,
          labeler: 'person:ann@example.org',
          answer: answerOf([labelId('Negative'), labelId('Sad')]),
          time: '2021-03-09T23:00:00.000Z',
        },
        { ...base, labeler: 'person:12', answer: { kind: 'abstain' } },
        { ...base, labeler: 'person:10', answer: answerOf([labelId('Positive')]) },
        { ...base, labeler: 'gold', answer: answerOf([labelId('Positive')]) },
        { ...base, labeler: 'bert-2', answer: answerOf([labelId('Positive')], 0.81) },
        { ...base, labeler: 'prediction', answer: answerOf([labelId('Negative')], 0.4) },
      ],
    },
  ]);
  expect(problems).toEqual(['predictions.1.score: must be 0..1 to be a confidence, got 1.7: the vote is read without']);
});

test('the simple list: data alone, with or without the word', async () => {
  expect((await read([{ text: 'a' }, { text: 'b' }])).entries).toMatchObject([
    { id: '1', fields: { text: 'a' }, votes: [] },
    { id: '2', fields: { text: 'b' }, votes: [] },
  ]);
  expect((await read([{ data: { id: 'x', text: 'a' } }])).entries).toMatchObject([{ id: 'x', fields: { text: 'a' } }]);
});

test('a task that is skipped first: its questions are those of the other tasks', async () => {
  const skipped = { id: 1, data: {}, annotations: [{ result: [], was_cancelled: true, completed_by: 1 }] };
  const { entries } = await read([skipped, { ...exported, id: 2 }]);
  expect(entries[0].votes).toEqual([{ item: '1', labeler: 'person:1', question: 'sentiment', answer: { kind: 'abstain' } }]);
  expect((await read([skipped])).entries[0].votes).toMatchObject([{ question: 'label' }]);
});

describe('taxonomies', () => {
  const topic = { from_name: 'topic', to_name: 'text', type: 'taxonomy', value: { taxonomy: [['animal'], ['animal', 'dog']] } };
  const task = { id: 1, data: {}, annotations: [{ result: [topic], completed_by: 1 }] };
  const schema: Schema = {
    questions: [
      {
        kind: 'choice',
        id: questionId('topic'),
        title: 'Topic',
        multiple: true,
        labels: [{ id: labelId('animal') }, { id: labelId('dog'), parent: labelId('animal') }],
      },
    ],
  };

  test('paths become one label each; those of the schema where it is known', async () => {
    expect((await read([task])).entries[0].votes).toMatchObject([{ answer: answerOf(['animal', 'animal/dog'].map(labelId)) }]);
    expect((await read([task], { schema })).entries[0].votes).toMatchObject([{ answer: answerOf(['animal', 'dog'].map(labelId)) }]);
  });

  test('are written as paths', async () => {
    const vote: Vote = {
      item: itemId('a'),
      labeler: labelerId('person:1'),
      question: questionId('topic'),
      answer: answerOf([labelId('dog')]),
    };
    const entry: Entry = { id: itemId('a'), fields: { text: 'x' }, votes: [vote] };
    const writing = labelStudio.write?.({
      schema,
      entries: (async function* () {
        yield entry;
      })(),
    });
    if (!writing) throw new Error('does not write');
    expect(JSON.parse(new TextDecoder().decode(await writtenBytes(writing)))).toEqual([
      {
        data: { id: 'a', text: 'x' },
        annotations: [
          {
            completed_by: 1,
            was_cancelled: false,
            result: [{ from_name: 'topic', to_name: 'text', type: 'taxonomy', value: { taxonomy: [['animal', 'dog']] } }],
          },
        ],
        predictions: [],
      },
    ]);
    expect(writing.losses()).toEqual([]);
  });
});

test('what is not read is said, once an annotation and kind; the rest is read', async () => {
  const box = { type: 'rectanglelabels', from_name: 'b', value: { rectanglelabels: ['x'] } };
  const { entries, problems } = await read([
    {
      id: 1,
      data: { image: '../../secrets', other: 'file:///etc/passwd' },
      annotations: [
        { completed_by: 1, result: [box, box, choice(['ok']), { ...choice(['r']), value: { start: 1, end: 2, choices: ['r'] } }] },
      ],
    },
    {
      id: 2,
      data: {},
      annotations: [
        { completed_by: { email: 'a\u0001b' }, result: [choice(['ok'])] },
        { completed_by: 2, result: [choice([{ deep: 1 }])] },
      ],
    },
    'nonsense',
  ]);
  expect(entries.map((entry) => entry.votes.length)).toEqual([1, 1]);
  expect(entries[0].fields).toEqual({ image: '../../secrets', other: 'file:///etc/passwd' });
  expect(entries[1].votes[0].answer).toEqual(answerOf([labelId('{"deep":1}')]));
  expect(problems).toEqual([
    "annotations.0.result.0: 'rectanglelabels' is not read: only choices and taxonomies of whole items are",
    "annotations.0.result.3: 'choices' at a region is not read: only choices and taxonomies of whole items are",
    expect.stringMatching(/^annotations\.0: labeler id must not contain control characters.*: it is left out$/),
    ': must be a task { … }, got string',
  ]);
});

test('an annotation nested without end is refused', async () => {
  const bomb = `[{"id":1,"data":{},"annotations":[{"result":[{"value":${'['.repeat(100_000)}${']'.repeat(100_000)}}]}]},{"id":2,"data":{"text":"ok"}}]`;
  const events = await allEvents(labelStudio.read(memoryFile('f.json', bomb), {}));
  expect(events).toMatchObject([{ problem: { line: 1, message: 'is nested more than 64 levels deep' } }, { entry: { id: '2' } }]);
});
