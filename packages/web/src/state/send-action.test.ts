import { actionId } from '@labelwright/contract/common';
import { submit } from '@labelwright/contract/queue';
import { expect, test } from 'vitest';
import { newActionId } from './new-action-id.ts';
import type { Action } from './outbox-action.ts';
import { sendAction } from './send-action.ts';

/** Remembers what was called with what, and answers as the server would. */
function fakeCalls() {
  const called: { readonly route: string; readonly params: unknown; readonly body: unknown }[] = [];
  const route =
    <Reply>(name: string, reply: Reply) =>
    ({ params, body }: { readonly params: unknown; readonly body: unknown }) => {
      called.push({ route: name, params, body });
      return Promise.resolve(reply);
    };
  const calls = {
    submitAnswer: route('submitAnswer', { action: '', version: 8, replayed: false }),
    undoAnswer: route('undoAnswer', { retracted: 1, version: 9 }),
    bulkAnswer: route('bulkAnswer', { action: '', answered: 312 }),
    addComment: route('addComment', { id: 1 }),
  };
  return { called, calls };
}

const [id, other] = [newActionId(), newActionId()];
const of = { id, project: 7 };

test('an action id is one that the contract takes', () => {
  expect(actionId.safeParse(id).success).toBe(true);
  expect(id).not.toBe(other);
});

test.each<[Action, string, object, object]>([
  [
    { ...of, kind: 'submit', question: 'q', ordinal: 3, given: { kind: 'answer', labels: [] }, base: 1, seconds: 4.26 },
    'submitAnswer',
    { params: { project: 7 }, body: { action: id, question: 'q', ordinal: 3, kind: 'answer', labels: [], base: 7, seconds: 4.3 } },
    { version: 8 },
  ],
  [
    { ...of, kind: 'undo', undoes: other, of: { question: 'q', ordinal: 3, base: 1 } },
    'undoAnswer',
    { params: { project: 7, action: other }, body: { action: id } },
    { version: 9, items: 1 },
  ],
  [
    { ...of, kind: 'bulk', question: 'q', filter: { flagged: true }, labels: ['spam'] },
    'bulkAnswer',
    { params: { project: 7 }, body: { action: id, question: 'q', filter: { flagged: true }, labels: ['spam'] } },
    { version: null, items: 312 },
  ],
  [
    { ...of, kind: 'comment', ordinal: 3, text: 'hm' },
    'addComment',
    { params: { project: 7, ordinal: 3 }, body: { action: id, text: 'hm' } },
    { version: null },
  ],
])('%o', async (action, route, call, confirmation) => {
  const { called, calls } = fakeCalls();
  expect(await sendAction(calls as never, action, 7)).toEqual(confirmation);
  expect(called).toEqual([{ route, ...call }]);
});

test('labels go with an answer alone, a note with a flag; a night on one item is no more than a day', async () => {
  const { called, calls } = fakeCalls();
  const about = { ...of, kind: 'submit', question: 'q', ordinal: 3, base: 0, seconds: 1e9 } as const;
  await sendAction(calls, { ...about, given: { kind: 'skip' } }, 0);
  await sendAction(calls, { ...about, given: { kind: 'flag', note: 'odd' } }, 0);
  expect(called.map(({ body }) => submit.parse(body))).toMatchObject([
    { kind: 'skip', seconds: 86_400 },
    { kind: 'flag', note: 'odd' },
  ]);
  expect(called[0].body).not.toHaveProperty('labels');
});
