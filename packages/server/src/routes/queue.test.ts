import { randomUUID } from 'node:crypto';
import type { Client } from '@labelwright/contract/client';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addItems, addRun, setSettings, submitOf, texts } from '../testing-content.ts';
import { startTestServer, type TestPerson, type TestServer } from '../testing.ts';

let server: TestServer;
let owner: TestPerson;
let project: number;
beforeAll(async () => {
  server = await startTestServer();
  owner = await server.addPerson('Olga');
});
afterAll(() => server.close());
beforeEach(async () => {
  project = await server.addProject(owner);
});

async function annotators(count: number): Promise<{ person: TestPerson; client: Client }[]> {
  const all = [];
  for (let n = 0; n < count; n++) {
    const person = await server.addPerson(`Annotator ${n}`);
    await server.setRole(project, person, 'annotator');
    all.push({ person, client: server.client(person) });
  }
  return all;
}

const params = () => ({ project });
const next = (client: Client, body: Parameters<Client['nextItems']>[0]['body'] = {}) => client.nextItems({ params: params(), body });
const ordinalsIn = ({ assignments }: Awaited<ReturnType<typeof next>>) => assignments.map(({ item }) => item.ordinal);
const submit = (client: Client, body: Parameters<Client['submitAnswer']>[0]['body']) => client.submitAnswer({ params: params(), body });
const undo = (client: Client, action: string) => client.undoAnswer({ params: { project, action }, body: { action: randomUUID() } });
const history = async (ordinal: number) =>
  (
    await sql`select person_id as person, kind, labels, version from answers where project_id = ${project} and ordinal = ${ordinal} order by version`.execute(
      server.db,
    )
  ).rows;
const stateOf = async (ordinal: number) =>
  (await sql`select version, answered, flagged from item_states where project_id = ${project} and ordinal = ${ordinal}`.execute(server.db))
    .rows[0];
const endLeases = () => sql`update leases set until = now() - interval '1 second' where project_id = ${project}`.execute(server.db);

describe('next', () => {
  test('before any run oldest first; in a run the least sure first, what the machine accepted never', async () => {
    const [{ client }] = await annotators(1);
    await addItems(server.db, project, texts(5));
    const first = await next(client, { count: 2 });
    expect(first.assignments.map(({ item, reason }) => [item.ordinal, item.id, reason])).toEqual([
      [0, 'item-0', 'next in order'],
      [1, 'item-1', 'next in order'],
    ]);
    expect(first.waiting).toBe(5);
    await client.release({ params: params(), body: { ordinals: [0, 1] } });
    await addRun(server.db, project, owner.id, [
      { answer: 'spam', probability: 0.9 },
      { answer: 'ham', probability: 0.99, decision: 'accepted' },
      { answer: 'spam', probability: 0.52, disagreement: true },
      { answer: 'ham', probability: 0.6, decision: 'no-votes' },
    ]);
    const inRun = await next(client, { count: 10 });
    expect(inRun.assignments.map(({ item, reason }) => [item.ordinal, reason])).toEqual([
      [2, 'labelers disagree: margin 0.04'],
      [3, 'no votes yet: margin 0.20'],
      [0, 'uncertain: margin 0.80'],
      [4, 'next in order'],
    ]);
    expect(inRun.waiting).toBe(4);
    expect(inRun.assignments[0].item).toMatchObject({
      answer: ['spam'],
      posterior: [expect.closeTo(0.52), expect.closeTo(0.48)],
      labels: ['spam', 'ham'],
    });
    const random = await next((await annotators(1))[0].client, { count: 10, order: 'random' });
    expect(ordinalsIn(random)).toEqual([]);
  });

  test("one's own reserved items come first; those answered but not sent yet are left out; others get other items", async () => {
    const [a, b] = await annotators(2);
    await addItems(server.db, project, texts(6));
    expect(ordinalsIn(await next(a.client, { count: 2 }))).toEqual([0, 1]);
    expect(ordinalsIn(await next(b.client, { count: 2 }))).toEqual([2, 3]);
    expect(ordinalsIn(await next(a.client, { count: 3 }))).toEqual([0, 1, 4]);
    const rest = await next(a.client, { count: 3, except: [0, 1] });
    expect([ordinalsIn(rest), rest.waiting]).toEqual([[4, 5], 4]);
  });

  test('random order is the same for all, and not the order of the items', async () => {
    const [a] = await annotators(1);
    await addItems(server.db, project, texts(40));
    const first = ordinalsIn(await next(a.client, { count: 20, order: 'random' }));
    await endLeases();
    expect(ordinalsIn(await next(a.client, { count: 20, order: 'random' }))).toEqual(first);
    expect(first).not.toEqual([...first].sort((x, y) => x - y));
  });

  test('P73: what was reserved and abandoned is back when the lease ends, or the person leaves', async () => {
    const [a, b] = await annotators(2);
    await addItems(server.db, project, texts(2));
    await setSettings(server.db, project, { leaseSeconds: 30 });
    const { assignments } = await next(a.client, { count: 2 });
    expect(Date.parse(assignments[0].leasedUntil) - Date.now()).toBeLessThanOrEqual(31_000);
    const none = await next(b.client);
    expect([ordinalsIn(none), none.waiting]).toEqual([[], 2]);
    await endLeases();
    expect(ordinalsIn(await next(b.client, { count: 1 }))).toEqual([0]);
    expect(ordinalsIn(await next(a.client, { count: 2 }))).toEqual([1]);
    await server.setRole(project, a.person, null);
    expect(ordinalsIn(await next(b.client, { count: 2 }))).toEqual([0, 1]);
    await server.db.updateTable('people').set({ disabled_at: new Date() }).where('id', '=', b.person.id).execute();
    expect(await server.db.selectFrom('leases').selectAll().where('project_id', '=', project).execute()).toEqual([]);
  });

  test('flagged items, and those that one skipped, are not asked again; a new run asks by its own margins', async () => {
    const [a, b] = await annotators(2);
    await addItems(server.db, project, texts(3));
    await addRun(server.db, project, owner.id, [
      { answer: 'spam', probability: 0.6 },
      { answer: 'spam', probability: 0.7 },
      { answer: 'spam', probability: 0.8 },
    ]);
    await submit(a.client, submitOf(0, 'flag', { note: 'Which language is this?' }));
    await submit(a.client, submitOf(1, 'skip'));
    const mine = await next(a.client);
    expect([ordinalsIn(mine), mine.waiting]).toEqual([[2], 1]);
    expect(ordinalsIn(await next(b.client))).toEqual([1]);
    await addRun(server.db, project, owner.id, [
      { answer: 'spam', probability: 0.6 },
      { answer: 'spam', probability: 0.99, decision: 'accepted' },
      { answer: 'spam', probability: 0.8 },
    ]);
    expect(ordinalsIn(await next(b.client))).toEqual([]);
    await submit(server.client(owner), submitOf(0, ['spam'], { base: 1 }));
    expect(await stateOf(0)).toEqual({ version: 2, answered: 1, flagged: false });
  });

  test('P67: many people, each item exactly as many distinct people as wanted, and no item left', async () => {
    // The long form: 50 people, 1,000 items (`benchmarks/faults.mjs`).
    const people = await annotators(50);
    const items = process.env.LABELWRIGHT_FAULT_ITEMS === undefined ? 100 : 1_000;
    await addItems(server.db, project, texts(items));
    await setSettings(server.db, project, { overlap: 2 });
    await Promise.all(
      people.map(async ({ client }) => {
        for (;;) {
          const { assignments, waiting } = await next(client, { count: 3 });
          if (assignments.length === 0 && waiting === 0) return;
          for (const { item } of assignments) await submit(client, submitOf(item.ordinal, ['spam'], { base: item.version }));
        }
      }),
    );
    const { rows } = await sql<{ people: number; count: number }>`
      select people, count(*)::int as count from (
        select ordinal, count(distinct person_id)::int as people from answers where project_id = ${project} group by ordinal) o group by people`.execute(
      server.db,
    );
    expect(rows).toEqual([{ people: 2, count: items }]);
  });

  test('P36: annotators see no gold, no hidden field, not what others answered before they did, and in blind projects not the machine', async () => {
    const [a, b] = await annotators(2);
    await setSettings(server.db, project, { overlap: 2, goldField: 'truth', hiddenFields: ['source'] });
    await addItems(server.db, project, [{ text: 'Win a cruise', truth: 'GOLDEN', source: 'SECRET' }]);
    await addRun(server.db, project, owner.id, [{ answer: 'spam', probability: 0.77 }]);
    await submit(a.client, submitOf(0, ['ham'], { note: 'NOTE' }));
    const texts = async (call: () => Promise<unknown>) => JSON.stringify(await call());
    const queued = () => next(b.client);
    const item = await texts(queued);
    expect(item).toContain('Win a cruise');
    expect(item).not.toMatch(/GOLDEN|truth|SECRET|source|NOTE|Annotator 0|0\.77/);
    expect((await queued()).assignments[0].item).toMatchObject({
      posterior: null,
      evidence: null,
      answer: null,
      answers: [],
      decision: 'no-votes',
    });
    await submit(b.client, submitOf(0, ['spam'], { base: 1 }));
    await setSettings(server.db, project, { blind: true, overlap: 4 });
    const blind = await next((await annotators(1))[0].client);
    expect(blind.assignments[0]).toMatchObject({
      reason: 'next in order',
      item: { posterior: null, evidence: null, probability: null, votes: 0 },
    });
    // Whoever owns the project labels as blindly.
    expect((await next(server.client(owner))).assignments[0].item).toMatchObject({ posterior: null, fields: { text: 'Win a cruise' } });
  });
});

describe('submit', () => {
  test('stores the answer, in history and as what is said at present', async () => {
    const [a] = await annotators(1);
    await addItems(server.db, project, texts(2));
    const answer = submitOf(1, ['spam'], { note: 'clearly' });
    expect(await submit(a.client, answer)).toEqual({ action: answer.action, version: 1, replayed: false });
    const changed = submitOf(1, ['ham'], { base: 1 });
    expect((await submit(a.client, changed)).version).toBe(2);
    expect(await history(1)).toEqual([
      { person: a.person.id, kind: 'answer', labels: ['spam'], version: 1 },
      { person: a.person.id, kind: 'answer', labels: ['ham'], version: 2 },
    ]);
    expect(await stateOf(1)).toEqual({ version: 2, answered: 1, flagged: false });
    expect(await a.client.myAnswers({ params: params() })).toMatchObject([
      { action: changed.action, ordinal: 1, id: 'item-1', kind: 'answer', labels: ['ham'] },
    ]);
  });

  test('P68: one action however often it comes, at once or later, with the same reply', async () => {
    const [a, b] = await annotators(2);
    await addItems(server.db, project, texts(1));
    const answer = submitOf(0, ['spam']);
    const replies = await Promise.all(Array.from({ length: 8 }, () => submit(a.client, answer)));
    expect(replies.map(({ version }) => version)).toEqual(Array<number>(8).fill(1));
    expect(replies.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(await submit(a.client, answer)).toEqual({ action: answer.action, version: 1, replayed: true });
    expect(await history(0)).toHaveLength(1);
    await expect(submit(b.client, answer)).rejects.toMatchObject({ status: 409, fault: { code: 'conflict' } });
  });

  test('P66: two people at once on an item that wants one answer, ×100: one is stored, the other is told', async () => {
    const [a, b] = await annotators(2);
    await addItems(server.db, project, texts(100));
    const outcomes: string[] = [];
    for (let ordinal = 0; ordinal < 100; ordinal += 10) {
      const races = Array.from({ length: 10 }, async (_, place) => {
        const both = [a, b].map(({ client }) =>
          submit(client, submitOf(ordinal + place, ['spam'])).then(
            () => 'stored',
            (error: { status: number; fault: { code: string } }) => `${error.status} ${error.fault.code}`,
          ),
        );
        outcomes.push((await Promise.all(both)).sort().join(', '));
      });
      await Promise.all(races);
    }
    expect(new Set(outcomes)).toEqual(new Set(['409 stale-version, stored']));
    const { rows } = await sql<{ count: number }>`select count(*)::int as count from answers where project_id = ${project}`.execute(
      server.db,
    );
    expect(rows).toEqual([{ count: 100 }]);
  });

  test('as many answers as are wanted; beyond them only by who may review and has seen them', async () => {
    const [a, b] = await annotators(2);
    await addItems(server.db, project, texts(1));
    await submit(a.client, submitOf(0, ['spam']));
    await expect(submit(b.client, submitOf(0, ['ham'], { base: 1 }))).rejects.toMatchObject({ status: 409, fault: { code: 'conflict' } });
    await expect(submit(server.client(owner), submitOf(0, ['ham']))).rejects.toMatchObject({
      fault: { code: 'stale-version', details: { version: 1 } },
    });
    expect((await submit(server.client(owner), submitOf(0, ['ham'], { base: 1 }))).version).toBe(2);
    // Skipping takes nobody's place.
    expect((await submit(b.client, submitOf(0, 'skip'))).version).toBe(3);
    expect(await stateOf(0)).toEqual({ version: 3, answered: 2, flagged: false });
  });

  test('P71: a stale draft of another tab does not override a newer answer of the same person', async () => {
    const [a] = await annotators(1);
    await addItems(server.db, project, texts(1));
    await submit(a.client, submitOf(0, ['spam']));
    await expect(submit(a.client, submitOf(0, ['ham']))).rejects.toMatchObject({
      status: 409,
      fault: { code: 'stale-version', details: { version: 1 } },
    });
    expect(await history(0)).toHaveLength(1);
  });

  test('P37: what does not fit is refused and nothing is stored', async () => {
    const [a] = await annotators(1);
    await addItems(server.db, project, texts(1));
    const refused = async (body: object, code: string) =>
      expect(submit(a.client, { ...submitOf(0, ['spam']), ...body })).rejects.toMatchObject({ fault: { code } });
    await refused({ labels: ['spm'] }, 'unknown-label');
    await refused({ labels: ['spam', 'ham'] }, 'bad-request');
    await refused({ labels: undefined }, 'bad-request');
    await refused({ kind: 'skip' }, 'bad-request');
    await refused({ question: 'tone' }, 'unknown-question');
    await refused({ ordinal: 7 }, 'not-found');
    await refused({ base: 5 }, 'stale-version');
    await refused({ personId: owner.id }, 'bad-request');
    await refused({ note: 'a\u0000b' }, 'bad-text');
    expect(await history(0)).toEqual([]);
    expect(await server.db.selectFrom('actions').selectAll().where('project_id', '=', project).execute()).toEqual([]);
  });
});

describe('undo', () => {
  test('P72: takes the answer back into the hands of its person; both stay in the history, counters are right, others can answer', async () => {
    const [a, b] = await annotators(2);
    await addItems(server.db, project, texts(1));
    const answer = submitOf(0, ['spam']);
    await submit(a.client, answer);
    const again = { params: { project, action: answer.action }, body: { action: randomUUID() } };
    expect(await a.client.undoAnswer(again)).toEqual({ retracted: 1, version: 2 });
    expect(await a.client.undoAnswer(again)).toEqual({ retracted: 1, version: 2 });
    expect(await undo(a.client, answer.action)).toEqual({ retracted: 0, version: null });
    expect((await history(0)).map((entry) => (entry as { kind: string }).kind)).toEqual(['answer', 'retract']);
    expect(await stateOf(0)).toEqual({ version: 2, answered: 0, flagged: false });
    expect(await a.client.myAnswers({ params: params() })).toEqual([]);
    expect(ordinalsIn(await next(b.client))).toEqual([]);
    expect((await next(a.client)).assignments).toMatchObject([
      { reason: 'taken back', item: { version: 2, answers: [{ kind: 'answer' }, { kind: 'retract' }] } },
    ]);
    await endLeases();
    expect(ordinalsIn(await next(b.client))).toEqual([0]);
  });

  test('what was said before holds again, step by step', async () => {
    const [a] = await annotators(1);
    await addItems(server.db, project, texts(1));
    const first = submitOf(0, ['spam']);
    const second = submitOf(0, 'flag', { base: 1 });
    await submit(a.client, first);
    await submit(a.client, second);
    expect(await stateOf(0)).toEqual({ version: 2, answered: 0, flagged: true });
    await undo(a.client, second.action);
    expect(await stateOf(0)).toEqual({ version: 3, answered: 1, flagged: false });
    await undo(a.client, first.action);
    expect(await stateOf(0)).toEqual({ version: 4, answered: 0, flagged: false });
  });

  test("is for one's own answers, and not where others have taken the place", async () => {
    const [a, b] = await annotators(2);
    await addItems(server.db, project, texts(1));
    const answer = submitOf(0, ['spam']);
    const skip = submitOf(0, 'skip', { base: 1 });
    await submit(a.client, answer);
    await expect(undo(b.client, answer.action)).rejects.toMatchObject({ status: 404 });
    await submit(a.client, skip);
    await submit(b.client, submitOf(0, ['ham'], { base: 2 }));
    await expect(undo(a.client, skip.action)).rejects.toMatchObject({ status: 409, fault: { code: 'conflict' } });
    expect(await stateOf(0)).toEqual({ version: 3, answered: 1, flagged: false });
  });
});
