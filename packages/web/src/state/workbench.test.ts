import { CallError } from '@labelwright/contract/client';
import { describe, expect, test } from 'vitest';
import { chosen } from './bench.ts';
import { calm, desk } from './testing-workbench.ts';

describe('the flow of work', () => {
  test('ten items are here before the first is answered, and more are fetched in time, leaving out what is on its way', async () => {
    const { bench, asked, waiting, current, actions } = desk();
    await bench.start();
    expect([current(), waiting().length]).toEqual([1, 10]);
    for (let round = 0; round < 5; round++) {
      bench.pick('spam');
      expect(bench.submit()).toBeUndefined();
    }
    await calm();
    expect(asked.map(({ except }) => except)).toEqual([[], [1, 2, 3, 4, 5]]);
    expect(current()).toBe(6);
    expect(waiting()).toEqual([6, 7, 8, 9, 10, 11, 12, 13, 14]);
    expect(actions.map((action) => action.kind === 'submit' && [action.ordinal, action.given])).toEqual(
      [1, 2, 3, 4, 5].map((ordinal) => [ordinal, { kind: 'answer', labels: ['spam'] }]),
    );
  });

  test('without a label nothing is submitted, except where none of several may apply', async () => {
    const single = desk();
    await single.bench.start();
    expect(single.bench.submit()).toBe('no-label');
    expect(single.actions).toEqual([]);
    const several = desk({ multiple: true });
    await several.bench.start();
    expect(several.bench.submit()).toBeUndefined();
    expect(several.actions).toMatchObject([{ given: { kind: 'answer', labels: [] } }]);
  });

  test('skip and flag go on as well', async () => {
    const { bench, actions, current } = desk();
    await bench.start();
    bench.skip();
    bench.flag('  is it a joke? ');
    expect(actions).toMatchObject([{ given: { kind: 'skip' } }, { given: { kind: 'flag', note: 'is it a joke?' } }]);
    expect(current()).toBe(3);
  });

  test('where nothing is left it says so, and looks again later', async () => {
    const { bench, confirm, actions, timers, world, current } = desk({ items: [1] });
    await bench.start();
    bench.pick('ham');
    bench.submit();
    confirm(actions[0], 1);
    await calm();
    expect(bench.get()).toMatchObject({ phase: 'finished', waiting: 0, figures: { done: 1 } });
    world.left = [8];
    timers.at(-1)?.work();
    await calm();
    expect([current(), bench.get().phase]).toEqual([8, 'ready']);
  });

  test('an answer that crosses the question for more does not come back as a new item', async () => {
    const { bench, actions, waiting, confirm } = desk({ items: [1, 2, 3] });
    await bench.start();
    bench.pick('spam');
    bench.submit();
    const asking = bench.setOrder('random');
    bench.pick('spam');
    bench.submit();
    confirm(actions[1], 1);
    await asking;
    await calm();
    expect(waiting()).toEqual([3]);
  });

  test('what is not looked at is given back at the end', async () => {
    const { bench, released } = desk({ items: [1, 2, 3] });
    await bench.start();
    bench.stop();
    expect(released).toEqual([[1, 2, 3]]);
  });
});

describe('back, undo, redo', () => {
  test('undo without limit: choices and answers, newest first, and all of it again', async () => {
    const { bench, actions, current } = desk();
    await bench.start();
    for (const label of ['spam', 'ham', 'spam']) {
      bench.pick(label);
      bench.submit();
    }
    for (let step = 0; step < 6; step++) bench.undo();
    expect([current(), bench.get().canUndo, bench.get().figures.done]).toEqual([1, false, 0]);
    expect(chosen(bench.get().bench, 1)).toEqual([]);
    expect(actions.slice(3)).toMatchObject([
      { kind: 'undo', undoes: 'action-3', of: { ordinal: 3 } },
      { kind: 'undo', undoes: 'action-2', of: { ordinal: 2 } },
      { kind: 'undo', undoes: 'action-1', of: { ordinal: 1 } },
    ]);
    for (let step = 0; step < 6; step++) bench.redo();
    expect([current(), bench.get().canRedo]).toEqual([4, false]);
    expect(actions.slice(6)).toMatchObject([1, 2, 3].map((ordinal) => ({ kind: 'submit', ordinal })));
    expect(new Set(actions.map(({ id }) => id)).size).toBe(actions.length);
  });

  test('undo brings back the item with the choice as it was', async () => {
    const { bench, current } = desk();
    await bench.start();
    bench.pick('spam');
    bench.submit();
    bench.undo();
    expect([current(), chosen(bench.get().bench, 1)]).toEqual([1, ['spam']]);
  });

  test('an earlier answer can be changed; undoing that takes the new one back, and the old one holds again', async () => {
    const { bench, actions, current, answered } = desk();
    await bench.start();
    for (const label of ['spam', 'spam']) {
      bench.pick(label);
      bench.submit();
    }
    bench.move(-1);
    bench.move(-1);
    await calm();
    expect(current()).toBe(1);
    bench.pick('ham');
    bench.submit();
    expect([current(), answered()]).toEqual([3, [1, 2]]);
    bench.undo();
    expect(chosen(bench.get().bench, 1)).toEqual(['ham']);
    bench.undo();
    expect(chosen(bench.get().bench, 1)).toEqual(['spam']);
    bench.undo();
    bench.undo();
    bench.undo();
    expect(actions.slice(2)).toMatchObject([
      { kind: 'submit', id: 'action-3', ordinal: 1, given: { labels: ['ham'] } },
      { kind: 'undo', undoes: 'action-3', of: { ordinal: 1 } },
      { kind: 'undo', undoes: 'action-2', of: { ordinal: 2 } },
      { kind: 'undo', undoes: 'action-1', of: { ordinal: 1 } },
    ]);
  });

  test('looking back at an answer and submitting it unchanged says nothing twice', async () => {
    const { bench, actions, current } = desk();
    await bench.start();
    bench.pick('spam');
    bench.submit();
    bench.move(-1);
    await calm();
    bench.submit();
    expect([actions.length, current()]).toEqual([1, 2]);
  });

  test('answers from before the page was opened can be gone back to, and undone on the version that they have now', async () => {
    const mine = [
      { action: 'a-2', ordinal: 40, id: 'x', kind: 'answer', labels: ['ham'], createdAt: '' },
      { action: 'a-1', ordinal: 41, id: 'y', kind: 'skip', labels: null, createdAt: '' },
    ];
    const { bench, actions, world, current } = desk({ mine });
    world.versions.set(40, 6);
    await bench.start();
    expect(bench.get().figures.done).toBe(0);
    bench.undo();
    await calm();
    expect(current()).toBe(40);
    expect(actions).toMatchObject([{ kind: 'undo', undoes: 'a-2', of: { ordinal: 40, base: 6 } }]);
  });

  test('what was said before an answer from before holds again once that is taken back', async () => {
    const mine = [{ action: 'a-2', ordinal: 40, id: 'x', kind: 'answer', labels: ['ham'], createdAt: '' }];
    const { bench, actions, confirm, answered } = desk({ mine });
    await bench.start();
    bench.undo();
    await calm();
    expect(answered()).toEqual([]);
    mine[0] = { action: 'a-1', ordinal: 40, id: 'x', kind: 'answer', labels: ['spam'], createdAt: '' };
    confirm(actions[0], 7);
    await calm();
    expect([answered(), chosen(bench.get().bench, 40)]).toEqual([[40], ['spam']]);
  });

  test('each later answer stands on the version that the server confirmed', async () => {
    const { bench, actions, confirm } = desk();
    await bench.start();
    bench.pick('spam');
    bench.submit();
    confirm(actions[0], 4);
    bench.undo();
    expect(actions[1]).toMatchObject({ kind: 'undo', of: { base: 4 } });
  });
});

describe('time', () => {
  test('is counted per item, without idle time, and goes on where one comes back', async () => {
    const { bench, world, actions } = desk();
    await bench.start();
    world.nowMs = 5_000;
    bench.input();
    bench.move(1);
    world.nowMs = 8_000;
    bench.move(-1);
    world.nowMs = 600_000;
    bench.input();
    bench.pick('spam');
    bench.submit();
    expect(actions).toMatchObject([{ ordinal: 1, seconds: 65 }]);
    expect(bench.get().figures).toEqual({ done: 1, secondsPerItem: 65 });
  });

  test('a hidden page does not count', async () => {
    const { bench, world, actions } = desk();
    await bench.start();
    world.nowMs = 2_000;
    bench.setVisible(false);
    world.nowMs = 30_000;
    bench.setVisible(true);
    world.nowMs = 31_000;
    bench.skip();
    expect(actions).toMatchObject([{ seconds: 3 }]);
  });

  test('whoever works on renews what is reserved; what was lost meanwhile leaves the queue', async () => {
    const { bench, world, asked, waiting, current } = desk({ items: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] });
    await bench.start();
    world.nowMs = 500_000;
    bench.input();
    expect(asked).toHaveLength(1);
    world.left = [1, 3, 4];
    world.nowMs = 560_000;
    bench.input();
    await calm();
    expect([asked.length, current(), waiting()]).toEqual([2, 1, [1, 3, 4]]);
  });
});

describe('what can go wrong', () => {
  test('offline, the items that are here can be worked on, and then it says why there are no more', async () => {
    const { bench, world, timers, current } = desk();
    await bench.start();
    world.fault = new CallError(0, { code: 'offline', message: 'away', requestId: '' });
    for (let round = 0; round < 10; round++) bench.skip();
    await calm();
    expect([current(), bench.get().phase]).toEqual([null, 'ready']);
    expect(bench.get().problem).toBe(world.fault);
    world.fault = undefined;
    timers.at(-1)?.work();
    await calm();
    expect([current(), bench.get().problem]).toEqual([11, null]);
  });

  test('a draft is there when its item is shown; it is dropped with the answer', async () => {
    const drafts = {
      '7/1/kind': { base: 0, labels: ['spam'], comment: 'hm', at: 0 },
      '7/2/kind': { base: 5, labels: ['ham'], comment: '', at: 0 },
    };
    const { bench, saved } = desk({ drafts });
    await bench.start();
    expect([chosen(bench.get().bench, 1), bench.written(1)]).toEqual([['spam'], 'hm']);
    expect(chosen(bench.get().bench, 2)).toEqual([]);
    expect(bench.get().canUndo).toBe(false);
    bench.submit();
    await calm();
    expect(saved.has('7/1/kind')).toBe(false);
  });

  test('a choice is a draft at once, on the version that was seen', async () => {
    const { bench, saved } = desk();
    await bench.start();
    bench.pick('ham');
    expect(saved.get('7/1/kind')).toMatchObject({ base: 0, labels: ['ham'] });
  });

  test('what another tab of the same person answers leaves the queue', async () => {
    const { bench, news, waiting, answered } = desk({ items: [1, 2, 3] });
    await bench.start();
    const given = { kind: 'answer', labels: ['ham'] } as const;
    news({ kind: 'added', action: { kind: 'submit', id: 'other', project: 7, question: 'kind', ordinal: 2, given, base: 0, seconds: 1 } });
    expect([waiting(), answered()]).toEqual([[1, 3], [2]]);
  });

  test('the same for the item that is looked at, unless something else is being chosen', async () => {
    const { bench, news, current, answered } = desk({ items: [1, 2, 3] });
    await bench.start();
    const other = (ordinal: number) =>
      ({
        kind: 'submit',
        id: `other-${ordinal}`,
        project: 7,
        question: 'kind',
        ordinal,
        given: { kind: 'skip' },
        base: 0,
        seconds: 1,
      }) as const;
    news({ kind: 'added', action: other(1) });
    expect([current(), answered()]).toEqual([1, [1]]);
    bench.submit();
    bench.pick('spam');
    news({ kind: 'added', action: other(2) });
    expect([current(), answered(), chosen(bench.get().bench, 2)]).toEqual([2, [1], ['spam']]);
  });

  test('a refused answer is marked; letting go of it takes it from the last ones', async () => {
    const { bench, actions, news, answered } = desk();
    await bench.start();
    bench.pick('ham');
    bench.submit();
    news({ kind: 'refused', action: actions[0], refusal: { status: 409, code: 'stale-version', message: '' } });
    expect([...bench.get().refused]).toEqual([1]);
    news({ kind: 'dropped', action: actions[0] });
    expect([bench.get().refused.size, answered()]).toEqual([0, []]);
  });

  test('an item that cannot be had is reported, and nothing else changes', async () => {
    const { bench, world, problems, current } = desk();
    await bench.start();
    world.fault = new CallError(404, { code: 'not-found', message: 'no', requestId: '' });
    await bench.open(99);
    expect([problems.length, current()]).toEqual([1, 1]);
  });
});

test('reasons that come late are added to the votes of the items that are next, and change nothing else', async () => {
  const vote = { labeler: 'regex', kind: 'regex', labels: ['spam'], accuracy: 0.9 };
  const told = { ...vote, accuracy: 0.1, reason: 'matched win', matches: [{ part: 'text', start: 0, end: 3 }] };
  const { bench } = desk({ evidence: [[vote], [told]] });
  await bench.start();
  await calm();
  const { known } = bench.get();
  expect(known.get(1)?.item.evidence).toEqual([{ ...told, accuracy: 0.9 }]);
  expect(known.get(6)?.item.evidence?.[0].reason).toBe('matched win');
  expect(known.get(10)?.item.evidence?.[0].reason).toBeUndefined();
});

test('in a blind project the machine stays hidden, also from those who may look it up', async () => {
  const vote = { labeler: 'regex', kind: 'regex', labels: ['spam'], accuracy: 0.9, reason: 'because' };
  const { bench } = desk({ isBlind: true, evidence: [[vote], [vote]] });
  await bench.start(99);
  expect([1, 99].map((ordinal) => bench.get().known.get(ordinal)?.item.evidence)).toEqual([null, null]);
});

test('comments go through the outbox and are on the screen at once', async () => {
  const { bench, actions, saved } = desk();
  await bench.start();
  bench.write('is this');
  expect(saved.get('7/1/kind')).toMatchObject({ comment: 'is this' });
  bench.comment('is this spam?');
  expect(actions).toMatchObject([{ kind: 'comment', ordinal: 1, text: 'is this spam?' }]);
  expect(bench.get().comments.get(1)).toMatchObject([{ text: 'is this spam?' }]);
  expect(bench.written(1)).toBe('');
});
