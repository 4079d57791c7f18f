import type { Run } from '@labelwright/contract/runs';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { addJob } from '../jobs/add-job.ts';
import { addLabeler, changeLabeler, type LabelerRow } from '../stores/labelers.ts';
import { addRun } from '../stores/runs.ts';
import { addItems, setSettings, submitOf } from '../testing-content.ts';
import { startTestServer, type TestPerson, type TestServer } from '../testing.ts';

let server: TestServer;
let ada: TestPerson;
let project: number;
beforeAll(async () => {
  server = await startTestServer({ jobs: 'run' });
  ada = await server.addPerson();
});
afterAll(() => server.close());
beforeEach(async () => {
  project = await server.addProject(ada);
  await addItems(server.db, project, mails);
  await setSettings(server.db, project, {
    goldField: 'group',
    goldLabels: { bad: 'spam', good: 'ham' },
    aggregator: 'majority',
    targetError: 0.2,
  });
});

/** 40 items: twenty spam, twenty ham; every fifth says neither `prize` nor `meeting`. */
const mails = Array.from({ length: 40 }, (_, n) => {
  const word = n % 5 === 4 ? 'lunch' : n % 2 === 0 ? 'prize' : 'meeting';
  return { text: `Mail ${n} about a ${word}`, group: n % 2 === 0 ? 'bad' : 'good' };
});

const client = () => server.client(ada);
const params = () => ({ project });
const keywords = (label: string, ...words: string[]) => ({ label, words });
const add = (name: string, options: Record<string, unknown>, use = 'keywords'): Promise<LabelerRow> =>
  addLabeler(server.db, { project, name, use, question: 'kind', options, costUsd: 0, person: ada.id });
const addRules = async () => [await add('prize', keywords('spam', 'prize')), await add('meeting', keywords('ham', 'meeting'))];

async function ended(run: number): Promise<Run> {
  return vi.waitFor(
    async () => {
      const state = await client().getRun({ params: { project, run } });
      expect(['done', 'failed', 'cancelled']).toContain(state.state);
      return state;
    },
    { timeout: 40_000, interval: 50 },
  );
}

async function run(labeler?: number): Promise<Run> {
  const { id } = await client().startRun({ params: params(), body: labeler === undefined ? {} : { labeler } });
  return ended(id);
}

const statisticsOf = async ({ id }: { readonly id: number }) =>
  (await server.db.selectFrom('labelers').select('statistics').where('id', '=', id).executeTakeFirstOrThrow()).statistics;
const estimatesOf = (id: number) =>
  server.db.selectFrom('estimates').selectAll().where('run_id', '=', id).where('question', '=', 'kind').orderBy('ordinal').execute();
const chunksOf = async () =>
  (
    await sql<{ labeler: number; version: number; xmin: string }>`
    select c.labeler_id as labeler, c.version, c.xmin::text as xmin from answer_chunks c join labelers l on l.id = c.labeler_id
    where l.project_id = ${project} order by 1, 2`.execute(server.db)
  ).rows;

describe('a run', () => {
  test('makes estimates, a summary and statistics, of what is shown and never of the gold', async () => {
    const [prize] = await addRules();
    const done = await run();
    expect(done).toMatchObject({ number: 1, state: 'done', error: null, done: 40, total: 40, phase: '' });
    expect(done.labelers.map(({ name, version }) => [name, version])).toEqual([
      ['prize', 1],
      ['meeting', 1],
    ]);
    expect(done.results).toMatchObject([
      { question: 'kind', items: 40, covered: 32, conflicting: 0, accepted: 32, waiting: 8, method: 'majority', gold: { n: 40 } },
    ]);
    expect(await statisticsOf(prize)).toMatchObject({
      run: done.id,
      voted: 16,
      coverage: 0.4,
      votes: [
        { label: 'spam', count: 16 },
        { label: 'ham', count: 0 },
      ],
      goldAccuracy: { estimate: 1, n: 16 },
      peopleAccuracy: null,
      failures: 0,
    });
    const rows = await estimatesOf(done.id);
    expect(rows).toHaveLength(40);
    expect(rows[0]).toMatchObject({ ordinal: 0, answer: ['spam'], decision: 2, votes: 1, disagreement: false });
    expect(rows[4]).toMatchObject({ decision: 0, votes: 0 });
    expect(rows[0].posterior[0] + rows[0].posterior[1]).toBeCloseTo(1, 5);
    const { assignments } = await client().nextItems({ params: params(), body: { count: 1 } });
    expect(assignments[0].item.ordinal).toBe(4);
    expect((await client().listRuns({ params: params() })).map(({ id }) => id)).toEqual([done.id]);
  });

  test('again: columns of what did not change are used again, also beside a new version', async () => {
    const [, meeting] = await addRules();
    const first = await run();
    const before = await chunksOf();
    const second = await run();
    expect(await chunksOf()).toEqual(before);
    expect((await estimatesOf(second.id)).map((row) => ({ ...row, run_id: first.id }))).toEqual(await estimatesOf(first.id));
    await changeLabeler(server.db, meeting.id, { options: keywords('ham', 'meeting', 'lunch') });
    const third = await run();
    expect(third.results[0]).toMatchObject({ covered: 40, waiting: 0 });
    expect((await chunksOf()).filter(({ labeler }) => labeler !== meeting.id)).toEqual(
      before.filter(({ labeler }) => labeler !== meeting.id),
    );
    await addItems(server.db, project, [{ text: 'One more prize' }]);
    expect((await run()).results[0]).toMatchObject({ items: 41, covered: 41 });
  });

  test('keeps the estimates of the last three runs', async () => {
    await addRules();
    const ids: number[] = [];
    for (let n = 0; n < 5; n++) ids.push((await run()).id);
    await vi.waitFor(async () => {
      const kept = await Promise.all(ids.map(async (id) => (await estimatesOf(id)).length));
      expect(kept).toEqual([0, 0, 40, 40, 40]);
    });
  });

  test('of one labeler: the others take part with what they said; one that never ran does not, and that is said', async () => {
    const [prize, meeting] = await addRules();
    const alone = await run(prize.id);
    expect(alone.results[0]).toMatchObject({ covered: 16, warnings: [expect.stringContaining("'meeting' has not run")] });
    expect((await run(meeting.id)).results[0]).toMatchObject({ covered: 32, warnings: [] });
    await expect(client().startRun({ params: params(), body: { labeler: 999_999 } })).rejects.toMatchObject({ status: 404 });
  });

  test('classifiers learn from what the rules say, fill the gaps, and learn again only where there is something new', async () => {
    await addRules();
    const model = await add('model', {}, 'classifier');
    const first = await run();
    expect(first.results[0].warnings).toEqual([]);
    expect(await statisticsOf(model)).toMatchObject({ failures: 0, run: first.id });
    const models = () =>
      sql<{
        fold: number;
        xmin: string;
      }>`select fold, xmin::text as xmin from labeler_models where labeler_id = ${model.id} order by fold`.execute(server.db);
    const learned = (await models()).rows;
    expect(learned).toHaveLength(5);
    await run();
    expect((await models()).rows).toEqual(learned);
    await client().submitAnswer({ params: params(), body: submitOf(4, ['spam']) });
    await run();
    expect((await models()).rows).not.toEqual(learned);
  });

  test('people vote as well, and labelers are measured by them; imported votes likewise', async () => {
    const [prize] = await addRules();
    const first = await run();
    const file = await add('other-tool (imported)', { file: 'votes.csv' }, 'imported');
    await sql`insert into imported_votes (labeler_id, ordinal, labels, confidence) values (${file.id}, 9, '["ham"]', 0.9)`.execute(
      server.db,
    );
    await client().submitAnswer({ params: params(), body: submitOf(4, ['spam']) });
    await client().submitAnswer({ params: params(), body: submitOf(0, ['ham']) });
    const second = await run();
    const [before, after] = [await estimatesOf(first.id), await estimatesOf(second.id)];
    expect([before[4].votes, after[4].votes, after[4].answer]).toEqual([0, 1, ['spam']]);
    expect(after[0]).toMatchObject({ votes: 2, disagreement: true });
    expect(after[9]).toMatchObject({ votes: 1, answer: ['ham'] });
    expect(await statisticsOf(prize)).toMatchObject({ peopleAccuracy: { estimate: 0, n: 1 } });
    expect(await statisticsOf(file)).toMatchObject({ voted: 1 });
    const { evidence } = await client().getItem({ params: { project, ordinal: 9 } });
    expect(evidence).toMatchObject([{ labeler: 'other-tool (imported)', labels: ['ham'], confidence: expect.closeTo(0.9) }]);
    const overview = await client().getOverview({ params: params() });
    expect(overview).toMatchObject({ reviewed: 2, peopleAgreeWithMachine: { estimate: 0, n: 1 } });
  });
});

describe('faults', () => {
  test('a labeler that cannot work is left out, with its reason; the others run', async () => {
    await addRules();
    const broken = await add('broken', { label: 'spam', pattern: '(' }, 'regex');
    const done = await run();
    expect(done).toMatchObject({ state: 'done', results: [{ covered: 32, warnings: [expect.stringContaining("'broken' cannot work")] }] });
    expect(await statisticsOf(broken)).toMatchObject({ voted: 0, failures: 40, firstFailure: expect.any(String) });
  });

  test('a run that fails says why, and the results of the one before stay', async () => {
    await addRules();
    const good = await run();
    await setSettings(server.db, project, { aggregator: 'tea-leaves' });
    server.context.log.level = 'silent';
    const bad = await run();
    server.context.log.level = 'error';
    expect(bad).toMatchObject({ state: 'failed', error: "there is no aggregator 'tea-leaves'" });
    const { current_run } = await server.db
      .selectFrom('projects')
      .select('current_run')
      .where('id', '=', project)
      .executeTakeFirstOrThrow();
    expect(current_run).toBe(good.id);
  });

  test('cancel: the run ends, its estimates never appear, and another can begin', async () => {
    await addRules();
    const started = await client().startRun({ params: params(), body: {} });
    await expect(client().startRun({ params: params(), body: {} })).rejects.toMatchObject({
      status: 409,
      fault: { details: { run: started.id } },
    });
    const cancelled = await client().cancelRun({ params: { project, run: started.id } });
    expect(cancelled.state).toBe('cancelled');
    const next = await run();
    expect(next.state).toBe('done');
    expect(await client().getRun({ params: { project, run: started.id } })).toMatchObject({ state: 'cancelled' });
    expect(await estimatesOf(started.id)).toEqual([]);
    expect(await client().cancelRun({ params: { project, run: next.id } })).toMatchObject({ state: 'done' });
  });

  test('cancelled in the middle, it ends there', async () => {
    await addRules();
    let release = () => {};
    const blocked = new Promise<void>((resolve) => (release = resolve));
    // Nothing that a labeler says can be stored until it is let go.
    const holding = server.db.transaction().execute(async (transaction) => {
      await sql`lock table answer_chunks in exclusive mode`.execute(transaction);
      await blocked;
    });
    const { id } = await client().startRun({ params: params(), body: {} });
    const phaseOf = async () => (await client().getRun({ params: { project, run: id } })).phase;
    await vi.waitFor(async () => expect(await phaseOf()).toBe('rules'), { timeout: 10_000 });
    await client().cancelRun({ params: { project, run: id } });
    release();
    await holding;
    expect((await run()).state).toBe('done');
    expect(await client().getRun({ params: { project, run: id } })).toMatchObject({ state: 'cancelled', results: [] });
    expect(await estimatesOf(id)).toEqual([]);
  });

  test('P64: a run whose process was killed begins again and comes through', async () => {
    await addRules();
    const id = await addRun(server.db, project, ada.id, undefined);
    await server.db.updateTable('runs').set({ state: 'running', phase: 'rules', done: 7 }).where('id', '=', id).execute();
    await addJob(server.db, 'run', { run: id }, `run:${id}`);
    expect(await ended(id)).toMatchObject({ state: 'done', results: [{ covered: 32 }] });
  });

  test('nothing to run on, or nobody to run, is said at once', async () => {
    await expect(client().startRun({ params: params(), body: {} })).rejects.toMatchObject({ status: 409 });
    const empty = await server.addProject(ada);
    await expect(client().startRun({ params: { project: empty }, body: {} })).rejects.toMatchObject({ status: 409 });
    const other = await server.addProject(await server.addPerson('Bob'));
    await expect(client().listRuns({ params: { project: other } })).rejects.toMatchObject({ status: 404 });
  });
});

test('comparing: what was accepted newly, what no longer, and which answers flipped', async () => {
  const [prize] = await addRules();
  await run();
  await expect(
    client().compareRuns({ params: { project, run: (await client().listRuns({ params: params() }))[0].id } }),
  ).rejects.toMatchObject({ status: 409 });
  await changeLabeler(server.db, prize.id, { options: keywords('ham', 'prize') });
  await add('lunch', keywords('ham', 'lunch'));
  const second = await run();
  const changes = await client().compareRuns({ params: { project, run: second.id } });
  expect(changes).toMatchObject({
    question: 'kind',
    newlyAccepted: 8,
    noLongerAccepted: 0,
    flips: [{ from: 'spam', to: 'ham', count: 16 }],
    labelersChanged: [
      { name: 'lunch', change: 'added' },
      { name: 'prize', change: 'changed' },
    ],
  });
  expect(changes.examples).toHaveLength(16);
  expect(changes.examples[0]).toMatchObject({ id: 'item-0', from: 'spam', to: 'ham' });
});

describe('overview', () => {
  const overview = (id = project) => client().getOverview({ params: { project: id } });

  test('what to do next, from the empty project to the export', async () => {
    const empty = await server.addProject(ada);
    expect((await overview(empty)).next.action).toBe('import');
    expect(await overview()).toMatchObject({ items: 40, accepted: 0, waiting: 40, run: null, next: { action: 'add-labelers' } });
    await addRules();
    expect((await overview()).next.action).toBe('run');
    const done = await run();
    const ready = await overview();
    expect(ready).toMatchObject({
      accepted: 32,
      waiting: 8,
      covered: 32,
      certified: false,
      gold: { n: 40 },
      run: { id: done.id, number: 1, stale: false },
      next: { action: 'label', title: 'Label 8 items' },
      secondsPerItem: null,
      peopleAgreeWithMachine: null,
    });
    expect(ready.confidence.accepted.reduce((sum, count) => sum + count, 0)).toBe(32);
    expect(ready.labels.map(({ answered }) => answered).reduce((sum, count) => sum + count, 0)).toBe(40);
    for (let ordinal = 4; ordinal < 40; ordinal += 5)
      await client().submitAnswer({
        params: params(),
        body: ordinal === 4 ? submitOf(4, 'flag') : submitOf(ordinal, ['spam'], { seconds: 9 }),
      });
    expect(await overview()).toMatchObject({ waiting: 0, reviewed: 7, flagged: 1, secondsPerItem: 9, next: { action: 'review-flagged' } });
    await client().submitAnswer({ params: params(), body: submitOf(4, ['spam'], { base: 1, seconds: 9 }) });
    const end = await overview();
    expect(end.next.action).toBe('audit');
    expect(end.spend.personSeconds).toBeCloseTo(74);
    expect(end.spend.personUsd).toBeCloseTo((74 / 3600) * 20);
    await add('lunch', keywords('ham', 'lunch'));
    expect(await overview()).toMatchObject({ run: { stale: true }, next: { action: 'run', title: 'Run again' } });
  });
});
