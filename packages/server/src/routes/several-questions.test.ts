import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addItems, submitOf, texts } from '../testing-content.ts';
import { spamSchema, startTestServer, type TestPerson, type TestServer } from '../testing.ts';

let server: TestServer;
let owner: TestPerson;
let project: number;
const kind = spamSchema.questions[0];
const topics = {
  kind: 'choice' as const,
  id: 'topics',
  title: 'What is it about?',
  labels: [{ id: 'money' }, { id: 'travel' }],
  multiple: true,
};
beforeAll(async () => {
  server = await startTestServer();
  owner = await server.addPerson('Olga');
});
afterAll(() => server.close());
beforeEach(async () => {
  project = await server.addProject(owner, { schema: { questions: [kind, topics] } });
  await addItems(server.db, project, texts(3));
});

const params = () => ({ project });
const annotator = async (name: string) => {
  const person = await server.addPerson(name);
  await server.setRole(project, person, 'annotator');
  return server.client(person);
};
const about = (labels: string[], base = 0) => ({ question: 'topics', labels, base });
const states = async () =>
  (
    await sql`select question, ordinal, version, answered from item_states where project_id = ${project} order by question`.execute(
      server.db,
    )
  ).rows;

describe('answers to several questions', () => {
  test('are one action: stored together, once, and taken back together', async () => {
    const client = await annotator('Ann');
    const body = submitOf(0, ['spam'], { also: [about(['travel', 'money'])] });
    const first = await client.submitAnswer({ params: params(), body });
    expect(first).toEqual({
      action: body.action,
      version: 1,
      versions: [
        { question: 'kind', version: 1 },
        { question: 'topics', version: 1 },
      ],
      replayed: false,
    });
    expect(await client.submitAnswer({ params: params(), body })).toEqual({ ...first, replayed: true });
    expect(await states()).toEqual([
      { question: 'kind', ordinal: 0, version: 1, answered: 1 },
      { question: 'topics', ordinal: 0, version: 1, answered: 1 },
    ]);
    const mine = await client.myAnswers({ params: params(), query: {} });
    expect(mine.map(({ question, set, labels }) => ({ question, set, labels }))).toEqual(
      expect.arrayContaining([
        { question: 'kind', set: null, labels: ['spam'] },
        { question: 'topics', set: body.action, labels: ['money', 'travel'] },
      ]),
    );
    const undo = { params: { project, action: body.action }, body: { action: randomUUID() } };
    const undone = {
      retracted: 2,
      version: 2,
      versions: [
        { question: 'kind', version: 2 },
        { question: 'topics', version: 2 },
      ],
    };
    expect(await client.undoAnswer(undo)).toEqual(undone);
    expect(await client.undoAnswer(undo)).toEqual(undone);
    expect(await states()).toMatchObject([{ answered: 0 }, { answered: 0 }]);
    expect(await client.myAnswers({ params: params(), query: {} })).toEqual([]);
  });

  test('have versions of their own: where one of them was overtaken, none is stored, and the refusal says which', async () => {
    const [ann, bob] = [await annotator('Ann'), await annotator('Bob')];
    await bob.submitAnswer({ params: params(), body: submitOf(1, ['money'], { question: 'topics' }) });
    await expect(ann.submitAnswer({ params: params(), body: submitOf(1, ['spam'], { also: [about(['travel'])] }) })).rejects.toMatchObject({
      status: 409,
      fault: { code: 'stale-version', details: { question: 'topics', version: 1 } },
    });
    expect(await states()).toMatchObject([{ question: 'topics', answered: 1 }]);
    await ann.submitAnswer({ params: params(), body: submitOf(1, ['spam']) });
    expect(await states()).toMatchObject([
      { question: 'kind', answered: 1 },
      { question: 'topics', version: 1 },
    ]);
  });

  test('an undo brings back what was said before, question by question', async () => {
    const client = await annotator('Ann');
    await client.submitAnswer({ params: params(), body: submitOf(2, ['ham'], { also: [about(['money'])] }) });
    const second = submitOf(2, ['spam'], { base: 1, also: [about([], 1)] });
    await client.submitAnswer({ params: params(), body: second });
    await client.undoAnswer({ params: { project, action: second.action }, body: { action: randomUUID() } });
    const mine = await client.myAnswers({ params: params(), query: {} });
    expect(Object.fromEntries(mine.map(({ question, labels }) => [question, labels]))).toEqual({ kind: ['ham'], topics: ['money'] });
  });

  test('misuse is refused as a whole: a question twice, a label of another question, an audit', async () => {
    const client = await annotator('Ann');
    const bad = (also: { question: string; labels: string[]; base: number }[], more = {}) =>
      client.submitAnswer({ params: params(), body: submitOf(0, ['spam'], { also, ...more }) });
    await expect(bad([about([]), about(['money'])])).rejects.toMatchObject({ status: 400, fault: { code: 'bad-request' } });
    await expect(bad([about(['spam'])])).rejects.toMatchObject({ fault: { code: 'unknown-label' } });
    await expect(bad([{ question: 'none', labels: [], base: 0 }])).rejects.toMatchObject({ fault: { code: 'unknown-question' } });
    await expect(bad([about([])], { audit: 1 })).rejects.toMatchObject({ fault: { code: 'bad-request' } });
    expect(await states()).toEqual([]);
  });
});

describe('items under several questions', () => {
  test('come with the other questions where they are asked for: own answer, version, and whether it may be answered', async () => {
    const [ann, bob] = [await annotator('Ann'), await annotator('Bob')];
    await bob.submitAnswer({ params: params(), body: submitOf(0, ['money'], { question: 'topics' }) });
    const plain = await ann.nextItems({ params: params(), body: { count: 2 } });
    expect(plain.assignments[0].item.further).toBeUndefined();
    const { assignments } = await ann.nextItems({ params: params(), body: { count: 2, further: true } });
    expect(assignments.map(({ item }) => item.further)).toMatchObject([
      [{ question: 'topics', labels: ['money', 'travel'], own: null, isOpen: false, version: 1 }],
      [{ question: 'topics', own: null, isOpen: true, version: 0 }],
    ]);
    const his = await bob.getItem({ params: { project, ordinal: 0 }, query: { question: 'kind', further: 'true' } });
    expect(his.further).toMatchObject([{ question: 'topics', own: ['money'], isOpen: true }]);
    const turned = await bob.getItem({ params: { project, ordinal: 0 }, query: { question: 'topics', further: 'true' } });
    expect(turned.further).toMatchObject([{ question: 'kind', labels: ['spam', 'ham'], own: null }]);
  });
});

describe('removing a question', () => {
  const remove = async (without?: string[]) => {
    const client = server.client(owner);
    const { version } = await client.getProject({ params: params() });
    return client.updateProject({ params: params(), body: { version, schema: { questions: [kind] }, ...(without && { without }) } });
  };

  test('with answers only when it is said; what was answered is back when the question is', async () => {
    const client = await annotator('Ann');
    await client.submitAnswer({ params: params(), body: submitOf(0, ['money'], { question: 'topics' }) });
    await expect(remove()).rejects.toMatchObject({
      status: 409,
      fault: {
        code: 'question-in-use',
        message: "Question 'topics' has 1 answer by one person: they would no longer be seen or exported",
        details: { question: 'topics', answers: 1, people: 1, gold: 0, labelers: [] },
      },
    });
    const removed = await remove(['topics']);
    expect(removed.schema.questions.map(({ id }) => id)).toEqual(['kind']);
    const body = { version: removed.version, schema: { questions: [kind, topics] } };
    await server.client(owner).updateProject({ params: params(), body });
    const item = await client.getItem({ params: { project, ordinal: 0 }, query: { question: 'topics' } });
    expect(item.answer).toEqual(['money']);
  });

  test('without answers at once; with labelers never', async () => {
    await remove();
    const client = server.client(owner);
    const { version } = await client.getProject({ params: params() });
    await client.updateProject({ params: params(), body: { version, schema: { questions: [kind, topics] } } });
    const options = { rules: [{ pattern: 'money', label: 'money' }] };
    await client.createLabeler({
      params: params(),
      body: { name: 'money words', use: 'regex', with: options, question: 'topics' },
    });
    await expect(remove(['topics'])).rejects.toMatchObject({
      fault: { code: 'question-in-use', message: "Question 'topics' is answered by the labelers money words: delete these first" },
    });
  });
});
