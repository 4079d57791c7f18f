import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stopPreviews } from '../previews.ts';
import { startTestServer, type TestPerson, type TestServer } from '../testing.ts';
import { addColumn, addItems, addRun, setSettings, submitOf } from '../testing-content.ts';

let server: TestServer;
let ada: TestPerson;
let project: number;
beforeAll(async () => {
  server = await startTestServer();
  ada = await server.addPerson();
  project = await newProject();
});
afterAll(async () => {
  stopPreviews(server.context);
  await server.close();
});

const client = () => server.client(ada);
const spamTexts = ['You have won free money', 'Free money for you, click here', 'Click here to win', 'Win a prize now'];
const hamTexts = ['Minutes of the meeting', 'Lunch at the usual place', 'The meeting is moved to Monday', 'Free for lunch?'];

/** 80 mails, spam and ham by turns, the first twenty with the answers of a run that knows; every mail has a gold label that nobody sees. */
async function newProject(): Promise<number> {
  const id = await server.addProject(ada);
  await addItems(
    server.db,
    id,
    Array.from({ length: 80 }, (_, n) => {
      const list = n % 2 === 0 ? spamTexts : hamTexts;
      return { text: list[Math.floor(n / 2) % list.length], group: n % 2 === 0 ? 'bad' : 'good' };
    }),
  );
  await setSettings(server.db, id, { goldField: 'group', goldLabels: { bad: 'spam', good: 'ham' } });
  return id;
}

const keywords = (words: string[], label = 'spam') => ({ use: 'keywords', with: { words, label } });
const add = (name: string, words: string[], label?: string) =>
  client().createLabeler({ params: { project }, body: { name, ...keywords(words, label) } });

test('techniques, with the JSON schema of their options', async () => {
  const { labelers, aggregators } = await client().listTechniques({});
  const regex = labelers.find(({ name }) => name === 'regex');
  expect(regex).toMatchObject({ learns: false, options: { type: 'object', properties: { pattern: { type: 'string' } } } });
  expect(labelers.find(({ name }) => name === 'classifier')).toMatchObject({ learns: true });
  expect(labelers.every(({ options }) => (options as { type?: string }).type === 'object')).toBe(true);
  expect(aggregators.map(({ name }) => name)).toContain('auto');
});

describe('definitions', () => {
  test('made, changed as a new version, switched off, taken away and brought back', async () => {
    const made = await add('money', ['free money']);
    expect(made).toMatchObject({
      name: 'money',
      use: 'keywords',
      kind: 'computed',
      question: 'kind',
      version: 1,
      enabled: true,
      statistics: null,
    });
    const params = { project, labeler: made.id };
    const changed = await client().updateLabeler({ params, body: { version: 1, with: { words: ['free money', 'prize'], label: 'spam' } } });
    expect(changed).toMatchObject({ version: 2, with: { words: ['free money', 'prize'] } });
    const stale = client().updateLabeler({ params, body: { version: 1, enabled: false } });
    await expect(stale).rejects.toMatchObject({ status: 409, fault: { code: 'stale-version', details: { version: 2 } } });
    expect(await client().updateLabeler({ params, body: { version: 2, enabled: false, name: 'money talk' } })).toMatchObject({
      version: 2,
      enabled: false,
      name: 'money talk',
    });
    const same = await client().updateLabeler({ params, body: { version: 2, with: { label: 'spam', words: ['free money', 'prize'] } } });
    expect(same.version).toBe(2);
    expect((await client().listVersions({ params })).map(({ version, with: options, person }) => [version, options.words, person])).toEqual(
      [
        [2, ['free money', 'prize'], 'Ada'],
        [1, ['free money'], 'Ada'],
      ],
    );
    await client().deleteLabeler({ params });
    const names = async () => (await client().listLabelers({ params: { project } })).labelers.map(({ name }) => name);
    expect(await names()).toEqual([]);
    await expect(client().updateLabeler({ params, body: { version: 2, enabled: true } })).rejects.toMatchObject({ status: 404 });
    const other = await add('money talk', ['cash']);
    await expect(client().restoreLabeler({ params })).rejects.toMatchObject({ status: 409, fault: { code: 'name-taken' } });
    await client().updateLabeler({ params: { project, labeler: other.id }, body: { version: 1, name: 'cash' } });
    expect(await client().restoreLabeler({ params })).toMatchObject({ name: 'money talk', version: 2 });
    expect(await names()).toEqual(['money talk', 'cash']);
    for (const labeler of [made.id, other.id]) await client().deleteLabeler({ params: { project, labeler } });
  });

  test.each([
    ['an unknown option', { use: 'keywords', with: { word: ['x'], label: 'spam' } }, { issues: expect.anything() }],
    ['an unknown label', keywords(['x'], 'spm'), { path: 'label' }],
    [
      'a pattern that does not parse',
      { use: 'regex', with: { pattern: '(', label: 'spam' } },
      { issues: [{ path: ['pattern'], message: expect.anything() }] },
    ],
    ['an unknown technique', { use: 'regexp', with: {} }, { path: 'use' }],
    ['a function that does not compile', { use: 'function', with: { source: 'export default (' } }, { path: 'source' }],
  ])('%s is a 400 with the key', async (_, definition, details) => {
    const call = client().createLabeler({ params: { project }, body: { name: 'bad', ...definition } });
    await expect(call).rejects.toMatchObject({ status: 400, fault: { code: 'bad-options', details } });
    await expect(client().previewLabeler({ params: { project }, body: definition })).rejects.toMatchObject({
      status: 400,
      fault: { code: 'bad-options' },
    });
  });

  test('a name is taken once, and a question must be there', async () => {
    const { id } = await add('twice', ['x']);
    await expect(add('twice', ['y'])).rejects.toMatchObject({ status: 409, fault: { code: 'name-taken' } });
    const elsewhere = client().createLabeler({ params: { project }, body: { name: 'z', ...keywords(['z']), question: 'colour' } });
    await expect(elsewhere).rejects.toMatchObject({ status: 400, fault: { code: 'unknown-question' } });
    await client().deleteLabeler({ params: { project, labeler: id } });
  });
});

describe('preview', () => {
  test('before any run: votes, gold, examples with what matched', async () => {
    const preview = await client().previewLabeler({ params: { project }, body: keywords(['free', 'click here']) });
    // Of every four spam mails three, of every four ham mails one.
    expect(preview).toMatchObject({
      sampled: 80,
      voted: 40,
      votes: [
        { label: 'spam', count: 40 },
        { label: 'ham', count: 0 },
      ],
      goldAccuracy: { estimate: 0.75, n: 40 },
      peopleAccuracy: null,
      failures: 0,
      conflicts: [],
      against: [],
    });
    const example = preview.examples.find(({ parts }) => parts[0].content === spamTexts[1]);
    expect(example).toMatchObject({ labels: ['spam'], answer: null, conflicting: false });
    const matched = example?.matches.map(({ start, end }) => spamTexts[1].slice(start, end));
    expect(matched).toEqual(['Free', 'click here']);
  });

  test('with a run: what it would flip, with whom it is at odds, worst first', async () => {
    const mine = await newProject();
    const isSpam = (n: number) => n % 2 === 0;
    const run = await addRun(
      server.db,
      mine,
      ada.id,
      Array.from({ length: 80 }, (_, n) => ({ answer: isSpam(n) ? 'spam' : 'ham', probability: 0.9, decision: 'accepted' as const })),
    );
    const lunch = Array.from({ length: 80 }, (_, n) => (hamTexts[Math.floor(n / 2) % 4].includes('unch') && !isSpam(n) ? 'ham' : null));
    await addColumn(server.db, mine, ada.id, run, {
      name: 'lunch',
      use: 'keywords',
      options: { words: ['lunch'], label: 'ham' },
      votes: lunch,
    });
    await addColumn(server.db, mine, ada.id, run, {
      name: 'silent',
      use: 'keywords',
      options: { words: ['zzz'], label: 'ham' },
      votes: lunch.map(() => null),
    });
    const free = await addColumn(server.db, mine, ada.id, run, {
      name: 'free',
      use: 'keywords',
      options: { words: ['free'], label: 'spam' },
      votes: Array.from({ length: 80 }, () => 'spam'),
    });
    const params = { project: mine };
    const preview = await client().previewLabeler({ params, body: { ...keywords(['free']), replaces: free } });
    expect(preview).toMatchObject({
      voted: 30,
      conflicts: [{ labeler: 'lunch', both: 10, differ: 10 }],
      against: [{ from: 'ham', to: 'spam', count: 10 }],
    });
    expect(preview.examples.slice(0, 10).every(({ conflicting, answer }) => conflicting && answer?.[0] === 'ham')).toBe(true);
    expect(preview.examples.some(({ conflicting }) => !conflicting)).toBe(true);
    // As new, it is held against the one that it would replace.
    const asNew = await client().previewLabeler({ params, body: keywords(['free'], 'ham') });
    expect(asNew.conflicts[0]).toEqual({ labeler: 'free', both: 30, differ: 30 });
  });

  test('against what people say', async () => {
    const mine = await newProject();
    for (const [ordinal, label] of [
      [0, 'spam'],
      [2, 'spam'],
      [7, 'ham'],
    ] as const)
      await client().submitAnswer({ params: { project: mine }, body: submitOf(ordinal, [label]) });
    const preview = await client().previewLabeler({ params: { project: mine }, body: keywords(['free']) });
    // Mails 0 and 2 are called spam by the rule as well, mail 7 ("Free for lunch?") is not.
    expect(preview.peopleAccuracy).toMatchObject({ n: 3, estimate: 2 / 3 });
    const { labelers } = await client().listLabelers({ params: { project: mine } });
    expect(labelers).toMatchObject([{ id: -ada.id, name: 'Ada', kind: 'person', use: 'person', question: 'kind', statistics: null }]);
    expect(labelers[0].costUsd).toBeCloseTo((2 * 20) / 3600, 6);
  });

  test('a classifier is judged on items that it did not learn from', async () => {
    const mine = await newProject();
    const body = { use: 'classifier', with: {} };
    await expect(client().previewLabeler({ params: { project: mine }, body })).rejects.toMatchObject({
      status: 400,
      fault: { code: 'bad-options' },
    });
    await addRun(
      server.db,
      mine,
      ada.id,
      Array.from({ length: 80 }, (_, n) => ({ answer: n % 2 === 0 ? 'spam' : 'ham', probability: 0.95 })),
    );
    const preview = await client().previewLabeler({ params: { project: mine }, body });
    expect(preview.sampled).toBeGreaterThan(20);
    expect(preview.sampled).toBeLessThan(60);
    expect(preview.goldAccuracy?.estimate).toBeGreaterThan(0.9);
  });

  test('P48–P50: patterns that would take ages, endless functions and hungry ones are over in time, and the next preview works', async () => {
    const params = { project };
    const evil = await client().previewLabeler({ params, body: { use: 'regex', with: { pattern: '(a+)+$', label: 'spam' } } });
    expect(evil.sampled).toBe(80);
    const endless = await client().previewLabeler({
      params,
      body: { use: 'function', with: { source: 'export default () => { for (;;); }' } },
    });
    expect(endless.failures).toBeGreaterThan(0);
    expect(endless.sampled).toBeLessThan(80);
    expect(endless.firstFailure).toContain('100 ms');
    const source = 'export default () => { const all = []; for (;;) all.push(new Array(1e6).fill(1)); }';
    const hungry = await client().previewLabeler({ params, body: { use: 'function', with: { source } } });
    expect(hungry.failures).toBeGreaterThan(0);
    expect((await client().previewLabeler({ params, body: keywords(['free']) })).voted).toBe(30);
  });
});

describe('suggestions', () => {
  test('none before the first run', async () => {
    expect(await client().suggestRules({ params: { project } })).toEqual([]);
  });

  test('the terms that separate the labels, as keywords would find them; what is a rule already is left out', async () => {
    const mine = await newProject();
    await addRun(
      server.db,
      mine,
      ada.id,
      Array.from({ length: 80 }, (_, n) => ({ answer: n % 2 === 0 ? 'spam' : 'ham', probability: 0.97 })),
    );
    const suggested = await client().suggestRules({ params: { project: mine } });
    const spam = suggested.filter(({ label }) => label === 'spam').map(({ term }) => term);
    const ham = suggested.filter(({ label }) => label === 'ham').map(({ term }) => term);
    expect(spam).toContain('click');
    expect(spam).not.toContain('here');
    expect(ham).toEqual(expect.arrayContaining(['lunch', 'meeting']));
    expect([...spam, ...ham]).not.toContain('free');
    const meeting = suggested.find(({ term }) => term === 'meeting');
    expect(meeting).toMatchObject({ n: 20, coverage: 0.25, precision: expect.closeTo(0.97, 5) });
    await client().createLabeler({ params: { project: mine }, body: { name: 'meet', ...keywords(['Meeting'], 'ham') } });
    expect((await client().suggestRules({ params: { project: mine } })).map(({ term }) => term)).not.toContain('meeting');
  });
});
