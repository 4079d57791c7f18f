// oxlint-disable-next-line import/no-unassigned-import -- it puts itself where a browser has its own
import 'fake-indexeddb/auto';
import { CallError } from '@labelwright/contract/client';
import { afterEach, expect, test } from 'vitest';
import { openBrowserDatabase } from './browser-database.ts';
import { Outbox } from './outbox.ts';
import type { Action, SubmitAction } from './outbox-action.ts';

const ends: (() => void)[] = [];
let made = 0;
afterEach(() => ends.splice(0).forEach((end) => end()));

/** A server that keeps a version for each question of an item, and takes all answers of an action or none. */
async function browser() {
  const versions = new Map<string, number>();
  const sent: [id: string, base: number, ...further: number[]][] = [];
  const world = { isAway: false };
  const take = (action: Action, base: number) => {
    if (world.isAway) return Promise.reject(new CallError(0, { code: 'offline', message: '', requestId: '' }));
    const parts =
      action.kind === 'submit'
        ? [{ question: action.question, base }, ...(action.also ?? [])]
        : action.kind === 'undo' && action.of
          ? [action.of.question, ...(action.of.also ?? [])].map((question) => ({ question, base: versions.get(question) ?? 0 }))
          : [];
    if (parts.some((part) => part.base !== (versions.get(part.question) ?? 0)))
      return Promise.reject(new CallError(409, { code: 'stale-version', message: '', requestId: '' }));
    const [first, ...further] = parts.map((part) => part.base);
    sent.push([action.id, first, ...further]);
    for (const { question, base: before } of parts) versions.set(question, before + 1);
    const now = parts.map(({ question }) => ({ question, version: versions.get(question) ?? 0 }));
    return Promise.resolve({ version: now[0].version, ...(now.length > 1 && { versions: now }) });
  };
  const database = await openBrowserDatabase(`outbox-questions-${++made}`);
  const outbox = new Outbox({
    database,
    send: take,
    renewSession: () => Promise.resolve(1),
    exclusively: (work) => work(),
    channel: { post: () => undefined, listen: () => () => undefined },
    publish: () => undefined,
    now: () => 1,
    later: () => () => undefined,
  });
  ends.push(() => {
    outbox.stop();
    database.close();
  });
  outbox.begin(1);
  const settle = async () => {
    outbox.wake();
    await outbox.idle();
  };
  return { outbox, versions, sent, world, settle };
}

const submit = (id: string, also?: SubmitAction['also'], question = 'kind'): SubmitAction => {
  const given = { kind: 'answer', labels: ['spam'] } as const;
  return { kind: 'submit', id, project: 7, question, ordinal: 1, given, base: 0, seconds: 2, ...(also && { also }) };
};
const topics = (base = 0) => [{ question: 'topics', labels: ['money'], base }];

test('answers of one breath are one request; what follows stands on the version of each question', async () => {
  const { outbox, sent, world, settle } = await browser();
  world.isAway = true;
  await outbox.add(submit('a', topics()));
  await outbox.add({ kind: 'undo', id: 'b', project: 7, undoes: 'a', of: { question: 'kind', ordinal: 1, base: 0, also: ['topics'] } });
  await outbox.add(submit('c', topics()));
  await outbox.add(submit('d', undefined, 'topics'));
  await settle();
  expect(sent).toEqual([]);
  world.isAway = false;
  await settle();
  expect(sent).toEqual([
    ['a', 0, 0],
    ['b', 1, 1],
    ['c', 2, 2],
    ['d', 3],
  ]);
  expect(await outbox.entries()).toEqual([]);
});

test('refused for one of its questions it is kept whole, and holds what comes after under each of them', async () => {
  const { outbox, versions, sent, settle } = await browser();
  versions.set('topics', 2);
  await outbox.add(submit('a', topics()));
  await outbox.add(submit('b', undefined, 'topics'));
  await outbox.add(submit('c', undefined, 'other'));
  await settle();
  expect(sent).toEqual([['c', 0]]);
  const [entry] = await outbox.entries();
  expect(entry).toMatchObject({ action: { id: 'a' }, refusal: { code: 'stale-version' } });
  await outbox.retry(entry.seq, [
    { question: 'kind', version: 0 },
    { question: 'topics', version: 2 },
  ]);
  await settle();
  expect(sent.slice(1)).toEqual([
    ['a', 0, 2],
    ['b', 3],
  ]);
});
