import { randomUUID } from 'node:crypto';
import type { Answer } from '@labelwright/core/model/answer';
import type { LabelerId, LabelId } from '@labelwright/core/model/ids';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { examine } from '../upkeep/doctor.ts';
import { startTestServer, type TestServer } from '../testing.ts';
import { StoredLedger } from './llm-ledger.ts';
import { accountsOf, setLimits } from './spending.ts';

let server: TestServer;
let project: number;
let person: number;
beforeAll(async () => {
  server = await startTestServer();
  person = (await server.addPerson()).id;
});
afterAll(() => server.close());
beforeEach(async () => {
  project = await server.addProject({ id: person });
});

const ledger = (limitUsd?: number) => new StoredLedger(server.db, { project, labeler: 0, ...(limitUsd !== undefined && { limitUsd }) });
const call = (usd: number) => ({ id: randomUUID(), labeler: '0' as LabelerId, usd });
const answer: Answer = { kind: 'labels', annotations: [{ label: 'spam' as LabelId }] };
const account = async () => (await accountsOf(server.db, project))[0];
const ledgerFindings = async () => (await examine(server.db, server.context.files.dataDirectory)).find(({ check }) => check === 'ledger');

test('a call counts at its highest price until its bill comes, and for ever where it never comes', async () => {
  const one = ledger();
  const [paid, lost] = [call(0.5), call(0.25)];
  expect(await one.reserve(paid)).toEqual({ kind: 'reserved' });
  await one.reserve(lost);
  expect(await account()).toMatchObject({ usd: 0.75, open_usd: 0.75, calls: 2 });
  await one.settle(paid.id, { usd: 0.125, usage: { input: 10, cachedInput: 4, output: 2 }, answers: [{ key: 'k', answer }] });
  expect(await account()).toMatchObject({ usd: 0.375, open_usd: 0.25, answers: 1, input_tokens: 10, cached_tokens: 4, output_tokens: 2 });
  // Another process, later.
  expect(await ledger().recall(['k', 'other'])).toEqual(new Map([['k', answer]]));
  expect((await ledger().spending())[0]).toMatchObject({ usd: 0.375, openUsd: 0.25 });
  expect((await ledgerFindings())?.violations).toBe(0);
});

test('a bill comes once, with its answers or not at all', async () => {
  const one = ledger();
  const paid = call(1);
  await one.reserve(paid);
  await one.settle(paid.id, { usd: 0.5, answers: [] });
  await expect(one.settle(paid.id, { usd: 0.5, answers: [{ key: 'twice', answer }] })).rejects.toMatchObject({ code: 'no-reservation' });
  await expect(one.settle(randomUUID(), { usd: 0.5, answers: [] })).rejects.toMatchObject({ code: 'no-reservation' });
  expect(await one.recall(['twice'])).toEqual(new Map());
  expect(await account()).toMatchObject({ usd: 0.5, open_usd: 0 });
});

test('several processes at once do not take a project over its budget', async () => {
  await setLimits(server.db, project, { budgetUsd: 1, labelers: [] });
  const outcomes = await Promise.all(
    [ledger(), ledger(), ledger()].flatMap((each) => Array.from({ length: 20 }, () => each.reserve(call(0.1)))),
  );
  expect(outcomes.filter(({ kind }) => kind === 'reserved')).toHaveLength(10);
  const refused = ledger();
  expect(await refused.reserve(call(0.1))).toMatchObject({ kind: 'over-budget', budget: 'project', limitUsd: 1 });
  expect(refused.refusal?.spentUsd).toBeCloseTo(1, 9);
  await setLimits(server.db, project, { budgetUsd: 2, labelers: [] });
  expect(await refused.reserve(call(0.1))).toEqual({ kind: 'reserved' });
});

test('a bill makes room, and a ledger has a limit of its own', async () => {
  const one = ledger(1);
  const first = call(0.9);
  await one.reserve(first);
  expect(await one.reserve(call(0.2))).toMatchObject({ kind: 'over-budget', budget: 'labeler' });
  const [, outcome] = await Promise.all([one.settle(first.id, { usd: 0.1, answers: [] }), one.reserve(call(0.8))]);
  expect(outcome).toEqual({ kind: 'reserved' });
});

test('what is not as it should be is found', async () => {
  const one = ledger();
  const paid = call(1);
  await one.reserve(paid);
  await server.db.updateTable('llm_accounts').set({ open_usd: 0.25 }).where('project_id', '=', project).execute();
  expect((await ledgerFindings())?.examples).toEqual([expect.stringContaining(`project ${project}`)]);
  await server.db.updateTable('llm_accounts').set({ open_usd: 1 }).where('project_id', '=', project).execute();
});
