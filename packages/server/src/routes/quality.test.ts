import { randomUUID } from 'node:crypto';
import type { Client } from '@labelwright/contract/client';
import { certify } from '@labelwright/core/audits/certificate';
import { madeField } from '@labelwright/core/model/made';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { carryAuditsOver } from '../stores/audits.ts';
import { storeHeldOut } from '../stores/held-out.ts';
import { addItems, addRun, setSettings, submitOf, type TestEstimate, texts } from '../testing-content.ts';
import { startTestServer, type TestPerson, type TestServer } from '../testing.ts';
import { examine } from '../upkeep/doctor.ts';

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
const overview = () => client.getOverview({ params: params() });
const audits = () => client.listAudits({ params: params() });

/** Accepted spam, each a little less sure than the one before; the last `waiting` are uncertain. */
function estimates(count: number, waiting = 0): TestEstimate[] {
  return Array.from({ length: count }, (_, ordinal) =>
    ordinal < count - waiting
      ? { answer: 'spam', probability: 0.999 - ordinal * 0.0001, decision: 'accepted' as const }
      : { answer: 'ham', probability: 0.6 },
  );
}

async function projectWith(count: number, waiting = 0): Promise<number> {
  await addItems(server.db, project, texts(count));
  return addRun(server.db, project, owner.id, estimates(count, waiting));
}

/** Answers the sample as it comes. @param truth by ordinal */
async function answerAll(
  audit: number,
  truth: (ordinal: number) => string[] | 'flag' | 'skip' = () => ['spam'],
  most = Number.POSITIVE_INFINITY,
  by = client,
): Promise<number[]> {
  const seen: number[] = [];
  while (seen.length < most) {
    const { assignments } = await by.nextItems({ params: params(), body: { audit, count: Math.min(10, most - seen.length) } });
    if (assignments.length === 0) break;
    for (const { item } of assignments) {
      const body = submitOf(item.ordinal, truth(item.ordinal), { audit, base: item.version });
      await by.submitAnswer({ params: params(), body });
      seen.push(item.ordinal);
    }
  }
  return seen;
}

describe('an audit', () => {
  test('is planned by the exact tails, drawn from the accepted, answered blind, and ends in a certificate', async () => {
    const run = await projectWith(130, 30);
    const plan = await client.planAudit({ params: params() });
    // 61 % of 5 % for the first look without a plan; at most 5 of 100 may be wrong, so six would have to hide: 44 draws find one of them.
    expect(plan).toMatchObject({ run, pool: 100, targetError: 0.05, confidence: 0.95, minimum: 44, blocked: null });
    const audit = await client.startAudit({ params: params(), body: { size: 60 } });
    expect(audit).toMatchObject({
      number: 1,
      state: 'open',
      pool: 100,
      drawn: 60,
      answered: 0,
      nextLookAt: 60,
      looks: [],
      certificate: null,
    });
    const { assignments, audit: progress } = await client.nextItems({ params: params(), body: { audit: audit.id, count: 3 } });
    expect(progress).toEqual({ id: audit.id, number: 1, answered: 0, drawn: 60, state: 'open' });
    for (const { item } of assignments)
      expect(item).toMatchObject({ posterior: null, evidence: null, answer: null, probability: null, decision: 'no-votes', answers: [] });
    const seen = await answerAll(audit.id);
    expect(new Set(seen).size).toBe(60);
    expect(Math.max(...seen)).toBeLessThan(100);
    const [done] = await audits();
    expect(done).toMatchObject({
      state: 'certified',
      answered: 60,
      nextLookAt: null,
      certificate: { state: 'valid', audited: 60, wrong: 0 },
    });
    const text = 'of 100 accepted labels at most 5.0 % are wrong, with 95 % confidence, 60 audited';
    expect(done.certificate).toMatchObject({
      text,
      accepted: 100,
      bound: 0.05,
      confidence: 0.95,
      seed: audit.seed,
      method: 'learn-then-test',
    });
    expect(await overview()).toMatchObject({ certified: true, certificate: { text }, audit: { state: 'certified' } });
  });

  test('says what core says of the same findings, wrong labels are corrected, and the sample repeats by its seed', async () => {
    await projectWith(100);
    const audit = await client.startAudit({ params: params(), body: { size: 80, targetError: 0.1 } });
    const wrong = (ordinal: number) => ordinal % 25 === 7;
    const seen = await answerAll(audit.id, (ordinal) => (wrong(ordinal) ? ['ham'] : ['spam']));
    const items = Array.from({ length: 100 }, (_, ordinal) => String(ordinal));
    const probability = Float64Array.from(estimates(100), (estimate) => Math.fround(estimate.probability));
    const findings = seen.map((ordinal) => ({ item: String(ordinal), label: wrong(ordinal) ? 'ham' : 'spam' }));
    const expected = certify({ items, labels: items.map(() => 'spam'), probability }, findings, { targetError: 0.1 });
    const [done] = await audits();
    expect(done.looks[0]).toMatchObject({ text: expected.text, wrong: expected.wrong, audited: 80, accuracy: expected.accuracy });
    // The sample is another one each time, and one in a great many proves nothing.
    expect(done.certificate?.accepted ?? null).toBe(expected.certificate.kind === 'certified' ? expected.certificate.accepted : null);
    const found = findings.find(({ label }) => label === 'ham');
    const corrected = await client.getItem({ params: { project, ordinal: Number(found?.item) } });
    expect(corrected).toMatchObject({ answer: ['ham'], decision: 'answered' });
  });

  test('that proves nothing says how many more, and goes on with the whole sample at the next look', async () => {
    await projectWith(200);
    const audit = await client.startAudit({ params: params(), body: { size: 20 } });
    await answerAll(audit.id);
    const [short] = await audits();
    expect(short).toMatchObject({ state: 'not-certified', certificate: null });
    const [look] = short.looks;
    expect(look).toMatchObject({ look: 1, audited: 20, wrong: 0, certified: false });
    expect(look.riskSpent).toBeCloseTo((0.05 * 6) / Math.PI ** 2, 10);
    expect(look.moreAudits).toBeGreaterThan(0);
    await expect(client.startAudit({ params: params(), body: { size: 20 } })).rejects.toMatchObject({ fault: { code: 'conflict' } });
    const extended = await client.extendAudit({ params: { project, audit: audit.id }, body: { size: 80 } });
    expect(extended).toMatchObject({ state: 'open', drawn: 100, answered: 20, nextLookAt: 100 });
    await answerAll(audit.id);
    const [done] = await audits();
    expect(done).toMatchObject({ state: 'certified', answered: 100, certificate: { look: 2, audited: 100 } });
    expect(done.looks.map(({ riskSpent }) => riskSpent)[1]).toBeCloseTo((0.05 * 6) / (Math.PI * 2) ** 2, 10);
  });

  test('with planned looks stops at the first that proves it, each with its part of the risk', async () => {
    await projectWith(300);
    const audit = await client.startAudit({ params: params(), body: { size: 180, plannedLooks: 2 } });
    expect(audit.nextLookAt).toBe(90);
    await answerAll(audit.id, () => ['spam'], 90);
    const [done] = await audits();
    expect(done).toMatchObject({
      state: 'certified',
      answered: 90,
      drawn: 180,
      looks: [{ look: 1, riskSpent: expect.closeTo(0.025), audited: 90 }],
    });
    expect((await client.nextItems({ params: params(), body: { audit: audit.id } })).assignments).toEqual([]);
  });

  test('what cannot be told counts as wrong, what is skipped comes again, last', async () => {
    await projectWith(60);
    const audit = await client.startAudit({ params: params(), body: { size: 60, targetError: 0.2 } });
    const first = (await client.nextItems({ params: params(), body: { audit: audit.id, count: 1 } })).assignments[0].item;
    await client.submitAnswer({ params: params(), body: submitOf(first.ordinal, 'skip', { audit: audit.id, base: first.version }) });
    const seen = await answerAll(audit.id, (ordinal) => (ordinal % 20 === 3 ? 'flag' : ['spam']));
    expect(seen.at(-1)).toBe(first.ordinal);
    const [done] = await audits();
    expect(done.looks[0]).toMatchObject({ audited: 60, wrong: 3, unclear: 3 });
  });

  test('several people share a sample without meeting; an answer can be taken back until the look', async () => {
    await projectWith(40);
    const ann = await server.addPerson('Ann');
    await server.setRole(project, ann, 'annotator');
    const other = server.client(ann);
    const audit = await client.startAudit({ params: params(), body: { size: 40, targetError: 0.3 } });
    const next = (by: Client) => by.nextItems({ params: params(), body: { audit: audit.id, count: 20 } });
    const [mine, theirs] = await Promise.all([next(client), next(other)]);
    const ordinals = [...mine.assignments, ...theirs.assignments].map(({ item }) => item.ordinal);
    expect(new Set(ordinals).size).toBe(40);
    const [{ item }] = theirs.assignments;
    const body = submitOf(item.ordinal, ['ham'], { audit: audit.id });
    await other.submitAnswer({ params: params(), body });
    expect((await audits())[0].answered).toBe(1);
    await other.undoAnswer({ params: { project, action: body.action }, body: { action: randomUUID() } });
    expect((await audits())[0].answered).toBe(0);
    for (const by of [client, other]) await answerAll(audit.id, () => ['spam'], 40, by);
    expect((await audits())[0]).toMatchObject({ state: 'certified', answered: 40 });
    const { rows } = await sql<{ action: string; person: number }>`
      select action, person_id as person from answers where audit_id = ${audit.id} and kind = 'answer' and person_id = ${ann.id}
        and not exists (select from answers r where r.retracts = answers.action) limit 1`.execute(server.db);
    const undo = other.undoAnswer({ params: { project, action: rows[0].action }, body: { action: randomUUID() } });
    await expect(undo).rejects.toMatchObject({
      fault: { code: 'conflict', message: expect.stringContaining('An audit has been concluded') },
    });
    const findings = await examine(server.db, server.context.files.dataDirectory);
    expect(findings.filter(({ violations }) => violations > 0)).toEqual([]);
  });

  test('holds as long as the accepted labels do, and says why it no longer does', async () => {
    const first = await projectWith(80);
    const audit = await client.startAudit({ params: params(), body: { size: 70 } });
    await answerAll(audit.id);
    expect((await overview()).certified).toBe(true);
    const same = await addRun(server.db, project, owner.id, estimates(80));
    await carryAuditsOver(server.db, project, first, same);
    expect((await audits())[0]).toMatchObject({ state: 'certified', certificate: { state: 'valid' } });
    const unaudited = (
      await sql<{ ordinal: number }>`
        select ordinal from items where project_id = ${project} and ordinal not in (select ordinal from audit_items where audit_id = ${audit.id}) order by 1 limit 2`.execute(
        server.db,
      )
    ).rows.map(({ ordinal }) => ordinal);
    const changed = estimates(80);
    for (const ordinal of unaudited) changed[ordinal] = { answer: 'ham', probability: 0.99, decision: 'accepted' };
    const other = await addRun(server.db, project, owner.id, changed);
    await carryAuditsOver(server.db, project, same, other);
    const reason = 'Run 3 changed 2 of the accepted labels: what was audited is no longer what is accepted';
    expect((await audits())[0]).toMatchObject({ state: 'void', reason, certificate: { state: 'void', reason } });
    expect(await overview()).toMatchObject({ certified: false, certificate: null, audit: { state: 'void', reason } });
  });

  test('is refused where there is nothing to audit, where it is too large, and beside an open one; cancelled it looks at nothing', async () => {
    const start = (size: number) => client.startAudit({ params: params(), body: { size } });
    await addItems(server.db, project, texts(30));
    await expect(start(5)).rejects.toMatchObject({ fault: { code: 'conflict', message: expect.stringContaining('no run') } });
    await addRun(server.db, project, owner.id, estimates(30));
    await expect(start(31)).rejects.toMatchObject({ fault: { code: 'bad-request', details: { most: 30 } } });
    const audit = await start(10);
    await expect(start(10)).rejects.toMatchObject({ fault: { message: 'An audit of these labels is under way' } });
    const cancelled = await client.cancelAudit({ params: { project, audit: audit.id } });
    expect(cancelled).toMatchObject({ state: 'cancelled', looks: [] });
    expect(await start(10)).toMatchObject({ number: 2, state: 'open' });
    const foreign = { params: params(), body: submitOf(0, ['spam'], { audit: audit.id + 1_000 }) };
    await expect(client.submitAnswer(foreign)).rejects.toMatchObject({ fault: { code: 'not-found' } });
  });

  test('items that people answered, and made ones, are not in the pool', async () => {
    await addItems(server.db, project, [...texts(30), { text: 'made', [madeField]: 'paraphrase' }]);
    await addRun(server.db, project, owner.id, estimates(31));
    for (const ordinal of [0, 1, 2]) await client.submitAnswer({ params: params(), body: submitOf(ordinal, ['ham']) });
    const audit = await client.startAudit({ params: params(), body: { size: 27 } });
    expect(audit.pool).toBe(27);
    expect(Math.min(...(await answerAll(audit.id)))).toBe(3);
  });
});

describe('gold', () => {
  const set = (ordinal: number, labels: string[] | null) => client.setGold({ params: { project, ordinal }, body: { labels } });

  test('is set, wins over the field, scores the machine at once, and is forgotten again', async () => {
    await addItems(server.db, project, [{ text: 'a', truth: 'spam' }, { text: 'b', truth: 'ham' }, { text: 'c' }]);
    await setSettings(server.db, project, { goldField: 'truth' });
    await addRun(server.db, project, owner.id, [
      { answer: 'spam', probability: 0.9 },
      { answer: 'spam', probability: 0.8 },
      { answer: 'ham', probability: 0.7 },
    ]);
    const scored = async () => (await client.getQuality({ params: params() })).gold;
    expect(await scored()).toMatchObject({ n: 2, accuracy: { estimate: 0.5 }, matrix: [1, 0, 1, 0] });
    await set(1, ['spam']);
    await set(2, ['spam']);
    expect(await scored()).toMatchObject({ n: 3, matrix: [2, 1, 0, 0], confused: [{ truth: 'spam', said: 'ham', count: 1 }] });
    await set(0, null);
    expect(await scored()).toMatchObject({ n: 2 });
    const { rows, total, field } = await client.listGold({ params: params() });
    expect([total, field, rows.map(({ ordinal, labels }) => [ordinal, labels])]).toEqual([
      3,
      'truth',
      [
        [0, null],
        [2, ['spam']],
        [1, ['spam']],
      ],
    ]);
    await client.unsetGold({ params: { project, ordinal: 1 } });
    expect(await scored()).toMatchObject({ n: 2, matrix: [0, 1, 1, 0] });
    await expect(client.unsetGold({ params: { project, ordinal: 1 } })).rejects.toMatchObject({ fault: { code: 'not-found' } });
    await expect(set(0, ['meat'])).rejects.toMatchObject({ fault: { code: 'unknown-label' } });
  });

  test('comes from a file; what is wrong in it is told by the line and stops nothing', async () => {
    await addItems(server.db, project, texts(3));
    const content = 'item,label\nitem-0,spam\nitem-1,meat\nitem-9,spam\nitem-2,ham\nitem-2,spam\n';
    const read = await client.importGold({ params: params(), body: { content } });
    expect(read).toEqual({
      set: 2,
      unknownItems: 1,
      problemCount: 2,
      problems: [
        { file: 'gold.csv', line: 3, message: "there is no label 'meat'" },
        { file: 'gold.csv', line: 6, message: "item 'item-2' has another label in this file; the first stays" },
      ],
    });
    const { rows } = await client.listGold({ params: params() });
    expect(rows.map(({ id, labels }) => [id, labels])).toEqual([
      ['item-0', ['spam']],
      ['item-2', ['ham']],
    ]);
  });
});

describe('figures', () => {
  test('agreement of people, with intervals; too few common items are said to be too few', async () => {
    const ann = await server.addPerson('Ann');
    await server.setRole(project, ann, 'reviewer');
    await setSettings(server.db, project, { overlap: 2 });
    await addItems(server.db, project, texts(24));
    for (let ordinal = 0; ordinal < 24; ordinal++) {
      await client.submitAnswer({ params: params(), body: submitOf(ordinal, [ordinal % 2 ? 'spam' : 'ham']) });
      const body = submitOf(ordinal, [ordinal % 2 || ordinal > 17 ? 'spam' : 'ham'], { base: 1 });
      if (ordinal < 20) await server.client(ann).submitAnswer({ params: params(), body });
    }
    const { people } = await client.getQuality({ params: params() });
    expect(people).toMatchObject({ answers: 44, items: 24, overlaps: 20 });
    expect(people.measures.percent).toMatchObject({ kind: 'measured', value: 0.95, overlaps: 20 });
    expect(people.persons.map(({ name, answers, secondsPerItem }) => [name, answers, secondsPerItem])).toEqual([
      ['Olga', 24, 2],
      ['Ann', 20, 2],
    ]);
    // By hand: observed 19/20; expected (10 · 9 + 10 · 11) / 400 = 0.5.
    expect(people.pairs).toMatchObject([{ a: 'Olga', b: 'Ann', overlaps: 20, kappa: { kind: 'measured', value: 0.9 } }]);
  });

  test('answers that labelers contradict with more than their usual confidence are suspects, and go to review with one undo', async () => {
    await addItems(server.db, project, texts(40));
    const run = await addRun(server.db, project, owner.id, estimates(40));
    for (let ordinal = 0; ordinal < 40; ordinal++)
      await client.submitAnswer({ params: params(), body: submitOf(ordinal, [ordinal % 2 ? 'spam' : 'ham']) });
    const ordinals = Array.from({ length: 40 }, (_, ordinal) => ordinal);
    // The labelers, asked without people, hold item 4 for spam and item 9 for ham.
    const posterior = Float64Array.from(ordinals.flatMap((o) => ((o % 2 === 1) !== (o === 4 || o === 9) ? [0.95, 0.05] : [0.05, 0.95])));
    await storeHeldOut(server.db, project, run, { question: 'kind', ordinals, posterior });
    const { rows, total, judged } = await client.listSuspects({ params: params() });
    expect([total, judged]).toEqual([2, 40]);
    expect(rows.map(({ ordinal, said, machine, people }) => [ordinal, said, machine, people])).toEqual([
      [4, ['ham'], ['spam'], ['Olga']],
      [9, ['spam'], ['ham'], ['Olga']],
    ]);
    const quality = await client.getQuality({ params: params() });
    expect(quality).toMatchObject({ suspects: 2, held: { n: 40, accuracy: { estimate: 0.95 }, matrix: [19, 1, 1, 19] } });
    const action = randomUUID();
    const review = () => client.sendToReview({ params: params(), body: { action, ordinals: [4, 9], note: 'suspect' } });
    expect(await review()).toEqual({ action, flagged: 2 });
    expect(await review()).toEqual({ action, flagged: 2 });
    expect((await overview()).flagged).toBe(2);
    await client.undoAnswer({ params: { project, action }, body: { action: randomUUID() } });
    expect((await overview()).flagged).toBe(0);
  });
});
