import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answerOf } from '@labelwright/core/model/answer';
import { labelerId, labelId } from '@labelwright/core/model/ids';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { FileLedger } from './file-ledger.ts';
import type { Budgets } from './ledger.ts';

const [gpt, claude] = [labelerId('gpt'), labelerId('claude')];
const spam = answerOf([labelId('spam')], 0.9);
const usage = { input: 100, cachedInput: 40, output: 10 };

let path: string;
beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'labelwright-ledger-'));
  path = join(folder, 'ledger');
  return () => rm(folder, { recursive: true, force: true });
});

async function opened(budgets?: Budgets): Promise<FileLedger> {
  const ledger = await FileLedger.open(path, budgets);
  onTestFinished(() => ledger.close());
  return ledger;
}

describe('what is kept', () => {
  test('prices and answers are there again; the reserved price stands where no bill came', async () => {
    const ledger = await opened();
    await ledger.reserve({ id: 'a', labeler: gpt, usd: 0.5 });
    await ledger.reserve({ id: 'b', labeler: gpt, usd: 0.25 });
    await ledger.settle('a', { usd: 0.125, usage, answers: [{ key: 'k1', answer: spam }] });
    const expected = [{ labeler: gpt, usd: 0.375, openUsd: 0.25, calls: 2, answers: 1, usage }];
    expect(await ledger.spending()).toEqual(expected);

    const again = await opened();
    expect(await again.spending()).toEqual(expected);
    expect(await again.recall(['k1', 'k2'])).toEqual(new Map([['k1', spam]]));
    await again.settle('b', { usd: 0, answers: [] });
    expect((await again.spending())[0]).toMatchObject({ usd: 0.125, openUsd: 0 });
  });

  test('a later answer replaces an earlier one', async () => {
    const ledger = await opened();
    for (const [id, answer] of [
      ['a', { kind: 'failed', reason: 'malformed: x' }],
      ['b', spam],
    ] as const) {
      await ledger.reserve({ id, labeler: gpt, usd: 1 });
      await ledger.settle(id, { usd: 1, answers: [{ key: 'k', answer }] });
    }
    expect((await ledger.recall(['k'])).get('k')).toEqual(spam);
    expect((await (await opened()).recall(['k'])).get('k')).toEqual(spam);
  });

  test('many at once: every one is on the disk when it resolves', async () => {
    const ledger = await opened();
    const ids = Array.from({ length: 500 }, (_, i) => `call ${i}`);
    await Promise.all(
      ids.map(async (id) => {
        await ledger.reserve({ id, labeler: gpt, usd: 1 });
        expect(await readFile(path, 'utf8')).toContain(`"id":"${id}"`);
        await ledger.settle(id, { usd: 0.5, answers: [{ key: id, answer: spam }] });
      }),
    );
    expect(await (await opened()).spending()).toMatchObject([{ usd: 250, openUsd: 0, calls: 500, answers: 500 }]);
    expect((await ledger.recall(ids)).size).toBe(500);
  });

  test('a call is settled once', async () => {
    const ledger = await opened();
    await ledger.reserve({ id: 'a', labeler: gpt, usd: 1 });
    await ledger.settle('a', { usd: 1, answers: [] });
    await expect(ledger.settle('a', { usd: 1, answers: [] })).rejects.toMatchObject({ code: 'no-reservation' });
    await expect(ledger.settle('z', { usd: 1, answers: [] })).rejects.toMatchObject({ code: 'no-reservation' });
  });
});

describe('after a crash', () => {
  test('torn at any byte: what resolved before is there, and it goes on', async () => {
    const ledger = await opened();
    await ledger.reserve({ id: 'a', labeler: gpt, usd: 1 });
    const before = (await readFile(path)).length;
    await ledger.settle('a', { usd: 0.5, usage, answers: [{ key: 'k', answer: spam }] });
    const whole = await readFile(path);
    for (let end = before; end <= whole.length; end++) {
      await writeFile(path, whole.subarray(0, end));
      const torn = await FileLedger.open(path);
      const settled = end === whole.length;
      expect((await torn.spending())[0].usd).toBe(settled ? 0.5 : 1);
      expect((await torn.recall(['k'])).size).toBe(settled ? 1 : 0);
      await torn.reserve({ id: 'b', labeler: claude, usd: 2 });
      await torn.close();
      expect(await (await opened()).spending()).toHaveLength(2);
    }
  });

  test('an earlier line that cannot be read is not passed over: it may have been money', async () => {
    const ledger = await opened();
    await ledger.reserve({ id: 'a', labeler: gpt, usd: 1 });
    await truncate(path, (await readFile(path)).length - 3);
    await appendFile(path, '\nmore\n');
    await expect(FileLedger.open(path)).rejects.toMatchObject({ code: 'damaged-ledger' });
  });
});

describe('budgets', () => {
  test('of a labeler and of the project: highest prices count until the bill is there', async () => {
    const ledger = await opened({ projectUsd: 1, labelerUsd: new Map([[gpt, 0.6]]) });
    expect(await ledger.reserve({ id: 'a', labeler: gpt, usd: 0.6 })).toEqual({ kind: 'reserved' });
    expect(await ledger.reserve({ id: 'b', labeler: gpt, usd: 0.1 })).toEqual({
      kind: 'over-budget',
      budget: 'labeler',
      limitUsd: 0.6,
      spentUsd: 0.6,
    });
    expect(await ledger.reserve({ id: 'c', labeler: claude, usd: 0.5 })).toMatchObject({ kind: 'over-budget', budget: 'project' });
    await ledger.settle('a', { usd: 0.2, answers: [] });
    expect(await ledger.reserve({ id: 'b', labeler: gpt, usd: 0.4 })).toEqual({ kind: 'reserved' });
    expect(await ledger.reserve({ id: 'c', labeler: claude, usd: 0.4 })).toEqual({ kind: 'reserved' });
    expect(await ledger.reserve({ id: 'd', labeler: claude, usd: 0.01 })).toMatchObject({ kind: 'over-budget', budget: 'project' });
  });

  test('what dead processes reserved counts; a raised budget goes on', async () => {
    await (await opened()).reserve({ id: 'dead', labeler: gpt, usd: 0.7 });
    expect(await (await opened({ projectUsd: 1 })).reserve({ id: 'a', labeler: gpt, usd: 0.5 })).toMatchObject({ kind: 'over-budget' });
    expect(await (await opened({ projectUsd: 2 })).reserve({ id: 'a', labeler: gpt, usd: 0.5 })).toEqual({ kind: 'reserved' });
  });

  test('ten dimes are a dollar', async () => {
    const ledger = await opened({ projectUsd: 1 });
    for (let i = 0; i < 10; i++) expect(await ledger.reserve({ id: `${i}`, labeler: gpt, usd: 0.1 })).toEqual({ kind: 'reserved' });
    expect(await ledger.reserve({ id: 'x', labeler: gpt, usd: 0.1 })).toMatchObject({ kind: 'over-budget' });
  });
});
