import { randomUUID } from 'node:crypto';
import type { Client } from '@labelwright/contract/client';
import type { ItemFilter } from '@labelwright/contract/items';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { addColumn, addItems, addRun, setSettings, submitOf, texts } from '../testing-content.ts';
import { startTestServer, type TestPerson, type TestServer } from '../testing.ts';

let server: TestServer;
let owner: TestPerson;
let client: Client;
let project: number;
beforeAll(async () => {
  server = await startTestServer();
  owner = await server.addPerson('Olga');
  client = server.client(owner);
});
afterAll(() => server.close());
beforeEach(async () => {
  project = await server.addProject(owner);
});

const params = () => ({ project });
type Query = Parameters<Client['queryItems']>[0]['body'];
const query = (body: Query = {}) => client.queryItems({ params: params(), body });
const ordinals = async (filter: ItemFilter, more: Query = {}) => (await query({ filter, ...more })).rows.map(({ ordinal }) => ordinal);
const submit = (body: Parameters<Client['submitAnswer']>[0]['body'], by = client) => by.submitAnswer({ params: params(), body });
const bulk = (filter: ItemFilter, labels: string[], action = randomUUID()) =>
  client.bulkAnswer({ params: params(), body: { action, filter, labels } });

const mails = [
  { text: 'You have WON a free cruise', lang: 'en', score: 0.5, date: '2002-08-22' },
  { text: 'Lunch tomorrow? The free room', lang: 'en', score: 3, date: '2002-09-01' },
  { text: 'Kostenlose Kreuzfahrt', lang: 'de', score: 10 },
  { text: 'Budget report', lang: 'fr', score: '7', date: '' },
  { text: 'A cruise for free: 100%_sure', lang: 'de fr' },
];
const estimates = [
  { answer: 'spam', probability: 0.95, decision: 'accepted' },
  { answer: 'ham', probability: 0.55, disagreement: true },
  { answer: 'spam', probability: 0.7 },
  { answer: 'ham', probability: 0.6, decision: 'no-votes' },
] as const;

describe('query', () => {
  beforeEach(async () => {
    await addItems(server.db, project, mails);
  });

  test('before any run: items by position, page by page', async () => {
    expect(await query({ limit: 2, offset: 1 })).toMatchObject({
      rows: [
        {
          ordinal: 1,
          id: 'item-1',
          fields: mails[1],
          answer: null,
          probability: null,
          decision: 'no-votes',
          votes: 0,
          disagreement: false,
          flagged: false,
        },
        { ordinal: 2 },
      ],
      total: 5,
      totalIsCapped: false,
    });
    expect(await query({ offset: 9, count: false })).toEqual({ rows: [], total: null, totalIsCapped: false });
    expect(await ordinals({}, { sort: 'id' })).toEqual([0, 1, 2, 3, 4]);
    expect(await ordinals({}, { sort: '-probability' })).toEqual([0, 1, 2, 3, 4]);
  });

  test('by text: words, "phrases", -without; by field', async () => {
    expect(await ordinals({ search: 'free' })).toEqual([0, 1, 4]);
    expect(await ordinals({ search: 'FREE cruise' })).toEqual([0, 4]);
    expect(await ordinals({ search: '"free cruise"' })).toEqual([0]);
    expect(await ordinals({ search: 'free -cruise' })).toEqual([1]);
    expect(await ordinals({ search: '"; drop table items; --' })).toEqual([]);
    const field = (name: string, is: 'equals' | 'contains' | 'above' | 'below' | 'empty', value?: string) =>
      ordinals({ field: [{ name, is, ...(value !== undefined && { value }) }] });
    expect(await field('lang', 'equals', 'de')).toEqual([2]);
    expect(await field('score', 'equals', '3')).toEqual([1]);
    expect(await field('score', 'equals', '7')).toEqual([3]);
    expect(await field('score', 'above', '2.5')).toEqual([1, 2, 3]);
    expect(await field('score', 'below', '3')).toEqual([0]);
    expect(await field('date', 'above', '2002-08-30')).toEqual([1]);
    expect(await field('date', 'empty')).toEqual([2, 3, 4]);
    expect(await field('text', 'contains', '%_SURE')).toEqual([4]);
    expect(await field('text', 'contains', 'c%e')).toEqual([]);
    expect(await ordinals({ search: 'free', field: [{ name: 'lang', is: 'contains', value: 'de' }] })).toEqual([4]);
  });

  test('P38: only what can be asked about: unknown fields, keys and orders are 400', async () => {
    const refused = (body: object) => expect(query(body as Query)).rejects.toMatchObject({ status: 400 });
    await refused({ filter: { field: [{ name: 'password_hash', is: 'contains', value: '$' }] } });
    await refused({ filter: { user: { passwordHash: { startsWith: '$' } } } });
    await refused({ filter: { field: [{ name: 'lang', is: 'startsWith', value: 'd' }] } });
    await refused({ sort: 'secret' });
    await refused({ filter: { answer: ['spm'] } });
    await refused({ filter: { voted: { labeler: 'nobody' } } });
    await refused({ limit: 501 });
  });

  test('by what the machine believes, in its orders; what people say comes first', async () => {
    await addRun(server.db, project, owner.id, estimates);
    expect(await ordinals({}, { sort: 'probability' })).toEqual([1, 3, 2, 0, 4]);
    expect(await ordinals({}, { sort: '-probability', limit: 2, offset: 1 })).toEqual([2, 3]);
    expect(await ordinals({}, { sort: '-votes' })).toEqual([0, 1, 2, 3, 4]);
    expect(await ordinals({ answer: ['spam'] })).toEqual([0, 2]);
    expect(await ordinals({ decision: ['uncertain', 'no-votes'] })).toEqual([1, 2, 3, 4]);
    expect(await ordinals({ probability: { from: 0.55, to: 0.7 } })).toEqual([1, 2, 3]);
    expect(await ordinals({ disagreement: true })).toEqual([1]);
    expect(await ordinals({ ordinals: [4, 2], disagreement: false })).toEqual([2, 4]);
    await submit(submitOf(2, ['ham']));
    await submit(submitOf(3, 'flag'));
    expect(await ordinals({ answer: ['spam'] })).toEqual([0]);
    expect(await ordinals({ decision: ['answered'] })).toEqual([2]);
    expect(await ordinals({ flagged: true })).toEqual([3]);
    expect(await ordinals({ voted: { labeler: 'Olga', label: 'ham' } })).toEqual([2]);
    expect(await ordinals({}, { sort: 'probability' })).toEqual([1, 3, 0, 2, 4]);
    expect((await query({ filter: { ordinals: [2] } })).rows).toMatchObject([{ answer: ['ham'], probability: null, decision: 'answered' }]);
    expect(await ordinals({ search: 'free', decision: ['accepted'] }, { sort: 'probability' })).toEqual([0]);
  });

  test('people of two minds: the machine decides between them, until a third comes', async () => {
    await setSettings(server.db, project, { overlap: 3 });
    await addRun(server.db, project, owner.id, estimates);
    const others = await Promise.all(['a', 'b'].map((name) => server.addPerson(name)));
    for (const person of others) await server.setRole(project, person, 'annotator');
    await submit(submitOf(0, ['ham']));
    await submit(submitOf(0, ['spam'], { base: 1 }), server.client(others[0]));
    expect((await query({ limit: 1 })).rows[0].answer).toEqual(['spam']);
    await addRun(server.db, project, owner.id, [{ answer: 'ham', probability: 0.9 }]);
    expect((await query({ limit: 1 })).rows[0].answer).toEqual(['ham']);
    await submit(submitOf(0, ['spam'], { base: 2 }), server.client(others[1]));
    expect((await query({ limit: 1 })).rows[0].answer).toEqual(['spam']);
  });

  test('by votes of a labeler of the run', async () => {
    const run = await addRun(server.db, project, owner.id, estimates);
    await addColumn(server.db, project, owner.id, run, { name: 'free', use: 'keywords', options: {}, votes: ['spam', 'ham', null, null] });
    expect(await ordinals({ voted: { labeler: 'free' } })).toEqual([0, 1]);
    expect(await ordinals({ voted: { labeler: 'free', label: 'spam' } })).toEqual([0]);
  });

  test('by what a run flipped, against one before it; runs of others are not there', async () => {
    const before = await addRun(server.db, project, owner.id, [...estimates]);
    const turned = estimates.map((estimate, n) => (n === 1 ? { ...estimate, answer: 'spam' } : estimate));
    const after = await addRun(server.db, project, owner.id, turned);
    expect(await ordinals({ flipped: { before, after } })).toEqual([1]);
    expect(await ordinals({ flipped: { before, after, from: 'ham', to: 'spam' } })).toEqual([1]);
    expect(await ordinals({ flipped: { before, after, from: 'spam' } })).toEqual([]);
    await expect(ordinals({ flipped: { before, after: after + 1_000 } })).rejects.toMatchObject({ fault: { code: 'not-found' } });
  });

  test('items that come later are found', async () => {
    expect(await ordinals({ search: 'free' })).toEqual([0, 1, 4]);
    expect(await ordinals({}, { sort: 'id', limit: 1 })).toEqual([0]);
    await addItems(server.db, project, [{ text: 'free at last', extra: 'yes' }]);
    expect(await ordinals({ search: 'free' })).toEqual([0, 1, 4, 5]);
    expect(await ordinals({ field: [{ name: 'extra', is: 'equals', value: 'yes' }] })).toEqual([5]);
    expect(await ordinals({}, { sort: 'id', limit: 500 })).toHaveLength(6);
  });
});

describe('one item', () => {
  test('with its evidence: votes of people and machines, with reasons; history; comments', async () => {
    await setSettings(server.db, project, { goldField: 'truth' });
    await addItems(server.db, project, [{ text: 'You have WON a free cruise', truth: 'spam' }]);
    const run = await addRun(server.db, project, owner.id, [{ answer: 'spam', probability: 0.75 }]);
    await addColumn(server.db, project, owner.id, run, {
      name: 'free',
      use: 'keywords',
      options: { words: ['free'], label: 'spam' },
      votes: ['spam'],
    });
    await addColumn(server.db, project, owner.id, run, {
      name: 'silent',
      use: 'keywords',
      options: { words: ['x'], label: 'ham' },
      votes: [null],
    });
    await addColumn(server.db, project, owner.id, run, { name: 'sure', use: 'imported', options: {}, votes: ['ham'], confidences: [0.25] });
    await submit(submitOf(0, ['ham'], { note: 'no', seconds: 4 }));
    const comment = { action: randomUUID(), text: ' Which list is this from? ' };
    const { id } = await client.addComment({ params: { project, ordinal: 0 }, body: comment });
    expect(await client.addComment({ params: { project, ordinal: 0 }, body: comment })).toEqual({ id });
    const item = await client.getItem({ params: { project, ordinal: 0 } });
    expect(item).toMatchObject({
      fields: { truth: 'spam' },
      parts: [{ name: 'text', modality: 'text', content: 'You have WON a free cruise' }],
      question: 'kind',
      labels: ['spam', 'ham'],
      posterior: [expect.closeTo(0.75), expect.closeTo(0.25)],
      answer: ['ham'],
      decision: 'answered',
      answers: [{ person: 'Olga', labels: ['ham'], kind: 'answer', note: 'no', seconds: 4 }],
      comments: [{ id, person: 'Olga', text: 'Which list is this from?' }],
      version: 1,
    });
    expect(item.evidence).toMatchObject([
      { labeler: 'free', kind: 'keywords', labels: ['spam'], accuracy: 0.8 },
      { labeler: 'sure', kind: 'imported', labels: ['ham'], confidence: 0.25 },
      { labeler: 'Olga', kind: 'person', labels: ['ham'], accuracy: null },
    ]);
    // On a busy machine the thread that explains takes its time to start.
    const [free] = await vi.waitFor(async () => {
      const { evidence } = await client.getItem({ params: { project, ordinal: 0 } });
      expect(evidence?.[0].reason).toBeDefined();
      return evidence ?? [];
    });
    expect(free).toMatchObject({ reason: "matched 'free'", matches: [{ part: 'text', start: 15, end: 19, label: 'spam' }] });
    await expect(client.getItem({ params: { project, ordinal: 1 } })).rejects.toMatchObject({ status: 404 });
  });
});

describe('bulk', () => {
  test('one answer to all that match, as one action with one undo', async () => {
    await addItems(server.db, project, texts(20));
    await addRun(
      server.db,
      project,
      owner.id,
      Array.from({ length: 20 }, (_, n) => ({ answer: n % 2 ? 'spam' : 'ham', probability: 0.6 })),
    );
    const own = submitOf(3, ['ham']);
    await submit(own);
    const action = randomUUID();
    expect(await bulk({ answer: ['spam'] }, ['spam'], action)).toEqual({ action, answered: 9 });
    expect(await bulk({ answer: ['spam'] }, ['spam'], action)).toEqual({ action, answered: 9 });
    expect(await ordinals({ decision: ['answered'] }, { limit: 50 })).toEqual([1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
    expect(await bulk({ ordinals: [3, 4] }, ['ham'])).toMatchObject({ answered: 2 });
    const undone = (action: string) => client.undoAnswer({ params: { project, action }, body: { action: randomUUID() } });
    expect(await undone(action)).toEqual({ retracted: 9, version: null });
    expect(await undone(action)).toEqual({ retracted: 0, version: null });
    expect(await ordinals({ decision: ['answered'] }, { limit: 50 })).toEqual([3, 4]);
    const { rows } = await sql<{ wrong: number }>`
      select count(*)::int as wrong from item_states s where project_id = ${project}
        and answered <> (select count(*) from current_answers c where c.project_id = s.project_id and c.ordinal = s.ordinal and c.kind = 'answer')`.execute(
      server.db,
    );
    expect(rows).toEqual([{ wrong: 0 }]);
  });

  test('answers of others stay; it goes beyond the overlap knowingly, and takes flags down', async () => {
    const person = await server.addPerson('Ann');
    await server.setRole(project, person, 'annotator');
    await addItems(server.db, project, texts(2));
    await submit(submitOf(0, ['spam']), server.client(person));
    await submit(submitOf(1, 'flag'), server.client(person));
    expect(await bulk({ ordinals: [0, 1] }, ['ham'])).toMatchObject({ answered: 2 });
    const { rows } =
      await sql`select ordinal, answered, flagged, version from item_states where project_id = ${project} order by 1`.execute(server.db);
    expect(rows).toEqual([
      { ordinal: 0, answered: 2, flagged: false, version: 2 },
      { ordinal: 1, answered: 1, flagged: false, version: 2 },
    ]);
    expect(await bulk({ search: 'nothing' }, ['ham'])).toMatchObject({ answered: 0 });
    await expect(bulk({ ordinals: [0] }, ['spam', 'ham'])).rejects.toMatchObject({ status: 400 });
  });
});
