// oxlint-disable-next-line import/no-unassigned-import -- it puts itself where a browser has its own
import 'fake-indexeddb/auto';
import { CallError } from '@labelwright/contract/client';
import { assert, asyncProperty, array, constantFrom, integer, record } from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { type BrowserDatabase, openBrowserDatabase } from './browser-database.ts';
import { newActionId } from './new-action-id.ts';
import { Outbox, type OutboxNews } from './outbox.ts';
import type { Action, SubmitAction } from './outbox-action.ts';
import type { OutboxState } from './outbox-state.ts';
import { entriesOf } from './outbox-store.ts';

const ada = 1;
const opened: BrowserDatabase[] = [];
const running: Outbox[] = [];
let count = 0;

afterEach(() => {
  for (const outbox of running.splice(0)) outbox.stop();
  for (const database of opened.splice(0)) database.close();
});

/** A server in a few lines: versions per item, each action once, and faults on demand. */
function fakeServer() {
  const server = {
    person: ada,
    faults: [] as CallError[],
    isAway: false,
    versions: new Map<number, number>(),
    answers: new Map<number, readonly string[] | null>(),
    taken: new Map<string, { version: number | null; items?: number }>(),
    log: [] as string[],
    send: (action: Action, base: number) => {
      if (server.isAway) return Promise.reject(fault(0, 'offline'));
      const next = server.faults.shift();
      if (next) return Promise.reject(next);
      const before = server.taken.get(action.id);
      if (before) return Promise.resolve(before);
      const reply = server.take(action, base);
      if (reply instanceof CallError) return Promise.reject(reply);
      server.taken.set(action.id, reply);
      server.log.push(action.id);
      return Promise.resolve(reply);
    },
    take: (action: Action, base: number) => {
      const ordinal = action.kind === 'submit' ? action.ordinal : action.kind === 'undo' ? action.of?.ordinal : undefined;
      if (ordinal === undefined) return { version: null, items: 3 };
      const version = server.versions.get(ordinal) ?? 0;
      if (base !== version) return fault(409, 'stale-version');
      server.versions.set(ordinal, version + 1);
      server.answers.set(ordinal, action.kind === 'submit' && action.given.kind === 'answer' ? action.given.labels : null);
      return { version: version + 1 };
    },
  };
  return server;
}

type Server = ReturnType<typeof fakeServer>;

/** A browser: one database, one lock and one channel for all its tabs. */
function fakeBrowser(server: Server) {
  const databaseName = `outbox-${++count}`;
  const hearers = new Set<(news: OutboxNews) => void>();
  let last = Promise.resolve();
  const tab = async (person = ada) => {
    const database = await openBrowserDatabase(databaseName);
    opened.push(database);
    const timers = new Map<() => void, number>();
    let state: OutboxState | undefined;
    let own: ((news: OutboxNews) => void) | undefined;
    const outbox = new Outbox({
      database,
      send: server.send,
      renewSession: () => Promise.resolve(server.person),
      exclusively: (work) => {
        const turn = last.then(work);
        last = turn.catch(() => undefined);
        return turn;
      },
      channel: {
        post: (news) => {
          for (const hear of hearers) if (hear !== own) hear(news);
        },
        listen: (hear) => {
          own = hear;
          hearers.add(hear);
          return () => hearers.delete(hear);
        },
      },
      publish: (next) => {
        state = next;
      },
      now: () => 1_700_000_000_000,
      later: (milliseconds, work) => {
        timers.set(work, milliseconds);
        return () => timers.delete(work);
      },
    });
    running.push(outbox);
    const news: OutboxNews[] = [];
    outbox.listen((item) => news.push(item));
    outbox.begin(person);
    await outbox.idle();
    return {
      outbox,
      database,
      news,
      state: () => state,
      pauses: () => [...timers.values()],
      /** Time passes: what was put off happens. */
      tick: async () => {
        const due = [...timers.keys()];
        timers.clear();
        for (const work of due) work();
        await outbox.idle();
      },
    };
  };
  return { tab };
}

function fault(status: number, code: string): CallError {
  return new CallError(status, { code, message: `it is ${code}`, requestId: 'r' });
}

function submit(ordinal: number, label: string, base = 0): SubmitAction {
  return {
    kind: 'submit',
    id: newActionId(),
    project: 7,
    question: 'q',
    ordinal,
    given: { kind: 'answer', labels: [label] },
    base,
    seconds: 2,
  };
}

function undo(of: SubmitAction): Action {
  return { kind: 'undo', id: newActionId(), project: 7, undoes: of.id, of: { question: 'q', ordinal: of.ordinal, base: of.base } };
}

describe('when all is well', () => {
  test('what is added is sent once, confirmed and forgotten', async () => {
    const server = fakeServer();
    const tab = await fakeBrowser(server).tab();
    const action = submit(3, 'spam');
    await tab.outbox.add(action);
    await tab.outbox.idle();
    expect(server.log).toEqual([action.id]);
    expect(tab.news.map(({ kind }) => kind)).toEqual(['added', 'confirmed']);
    expect(tab.state()).toEqual({ kind: 'saved', waiting: 0, refused: 0 });
    expect(await tab.outbox.entries()).toEqual([]);
  });

  test('answer, undo and answer again of one item each stand on the version that the one before made', async () => {
    const server = fakeServer();
    const tab = await fakeBrowser(server).tab();
    const first = submit(3, 'spam');
    await tab.outbox.add(first);
    await tab.outbox.add(undo(first));
    await tab.outbox.add(submit(3, 'ham'));
    await tab.outbox.idle();
    expect(server.versions.get(3)).toBe(3);
    expect(server.answers.get(3)).toEqual(['ham']);
    expect(tab.state()?.refused).toBe(0);
  });
});

describe('offline (P69)', () => {
  test('thirty edits wait, the state says so, and all arrive in order', async () => {
    const server = fakeServer();
    const tab = await fakeBrowser(server).tab();
    server.isAway = true;
    const actions = Array.from({ length: 30 }, (_, index) => submit(index % 12, index % 2 === 0 ? 'spam' : 'ham'));
    for (const action of actions) await tab.outbox.add(action);
    await tab.outbox.idle();
    expect(tab.state()).toEqual({ kind: 'offline', waiting: 30, refused: 0 });
    server.isAway = false;
    tab.outbox.wake();
    await tab.outbox.idle();
    expect(server.log).toEqual(actions.map(({ id }) => id));
    expect(tab.state()).toEqual({ kind: 'saved', waiting: 0, refused: 0 });
  });

  test('the pauses between tries grow to half a minute, and ten minutes offline refuse nothing', async () => {
    const server = fakeServer();
    const tab = await fakeBrowser(server).tab();
    server.isAway = true;
    await tab.outbox.add(submit(1, 'spam'));
    await tab.outbox.idle();
    const pauses: number[] = [];
    for (let round = 0; round < 25; round++) {
      pauses.push(...tab.pauses());
      await tab.tick();
    }
    expect(pauses.slice(0, 7)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    expect(tab.state()).toEqual({ kind: 'offline', waiting: 1, refused: 0 });
  });

  test('closing the tab loses nothing: the next one sends', async () => {
    const server = fakeServer();
    const browser = fakeBrowser(server);
    const first = await browser.tab();
    server.isAway = true;
    const action = submit(1, 'spam');
    await first.outbox.add(action);
    await first.outbox.idle();
    first.outbox.stop();
    first.database.close();
    server.isAway = false;
    await browser.tab();
    expect(server.log).toEqual([action.id]);
  });

  test('a reply that was lost on the way does not double the answer', async () => {
    const server = fakeServer();
    const tab = await fakeBrowser(server).tab();
    const { send } = server;
    let isLost = true;
    server.send = async (action, base) => {
      const reply = await send(action, base);
      if (!isLost) return reply;
      isLost = false;
      throw fault(0, 'offline');
    };
    const again = await fakeBrowser(server).tab();
    await again.outbox.add(submit(1, 'spam'));
    await again.outbox.idle();
    await again.tick();
    expect(server.log).toHaveLength(1);
    expect(server.versions.get(1)).toBe(1);
    tab.outbox.stop();
  });
});

describe('two tabs', () => {
  test('what both add arrives once each, also where one is closed at once', async () => {
    const server = fakeServer();
    const browser = fakeBrowser(server);
    const [left, right] = [await browser.tab(), await browser.tab()];
    const actions = Array.from({ length: 10 }, (_, index) => submit(index, 'spam'));
    await Promise.all(actions.map((action, index) => (index % 2 === 0 ? left : right).outbox.add(action)));
    left.outbox.stop();
    await right.outbox.idle();
    expect(server.log.toSorted()).toEqual(actions.map(({ id }) => id).toSorted());
    expect(right.state()).toEqual({ kind: 'saved', waiting: 0, refused: 0 });
  });

  test('each hears what the other did', async () => {
    const browser = fakeBrowser(fakeServer());
    const [left, right] = [await browser.tab(), await browser.tab()];
    await left.outbox.add(submit(1, 'spam'));
    await left.outbox.idle();
    expect(right.news.map(({ kind }) => kind)).toEqual(['added', 'confirmed']);
  });
});

describe('a session that has ended (P70)', () => {
  test('401 stops sending without asking the server again and again; the next login sends what waited', async () => {
    const server = fakeServer();
    const tab = await fakeBrowser(server).tab();
    server.faults = [fault(401, 'login-required')];
    await tab.outbox.add(submit(1, 'spam'));
    await tab.outbox.idle();
    expect(tab.state()).toEqual({ kind: 'signed-out', waiting: 1, refused: 0 });
    expect(tab.pauses()).toEqual([]);
    tab.outbox.begin(ada);
    await tab.outbox.idle();
    expect(server.log).toHaveLength(1);
    expect(tab.state()?.kind).toBe('saved');
  });

  test('somebody else who signs in sends nothing of it', async () => {
    const server = fakeServer();
    const tab = await fakeBrowser(server).tab();
    server.faults = [fault(401, 'login-required')];
    await tab.outbox.add(submit(1, 'spam'));
    await tab.outbox.idle();
    tab.outbox.begin(2);
    await tab.outbox.idle();
    expect(server.log).toEqual([]);
    expect(await entriesOf(tab.database, ada)).toHaveLength(1);
  });

  test('a replaced token is read anew and the action sent; under another name it is not', async () => {
    const server = fakeServer();
    const tab = await fakeBrowser(server).tab();
    server.faults = [fault(403, 'csrf')];
    await tab.outbox.add(submit(1, 'spam'));
    await tab.outbox.idle();
    expect(server.log).toHaveLength(1);
    server.person = 2;
    server.faults = [fault(403, 'csrf')];
    await tab.outbox.add(submit(2, 'spam'));
    await tab.outbox.idle();
    expect(server.log).toHaveLength(1);
    expect(tab.state()?.kind).toBe('signed-out');
  });
});

describe('what the server refuses', () => {
  test('is kept; later actions on other items pass, those on the same item wait for the decision', async () => {
    const server = fakeServer();
    server.versions.set(1, 1);
    const tab = await fakeBrowser(server).tab();
    const [stale, other, later] = [submit(1, 'spam'), submit(2, 'ham'), submit(1, 'ham')];
    for (const action of [stale, other, later]) await tab.outbox.add(action);
    await tab.outbox.idle();
    expect(server.log).toEqual([other.id]);
    const entries = await tab.outbox.entries();
    expect(entries.map(({ action, refusal }) => [action.id, refusal?.code])).toEqual([
      [stale.id, 'stale-version'],
      [later.id, undefined],
    ]);
    expect(tab.state()).toEqual({ kind: 'refused', waiting: 1, refused: 1 });

    await tab.outbox.retry(entries[0].seq, 1);
    await tab.outbox.idle();
    expect(server.log).toEqual([other.id, stale.id, later.id]);
    expect(server.answers.get(1)).toEqual(['ham']);
  });

  test('can be let go', async () => {
    const server = fakeServer();
    server.faults = [fault(400, 'unknown-label')];
    const tab = await fakeBrowser(server).tab();
    await tab.outbox.add(submit(1, 'spam'));
    await tab.outbox.idle();
    await tab.outbox.drop((await tab.outbox.entries())[0]);
    await tab.outbox.idle();
    expect(tab.state()).toEqual({ kind: 'saved', waiting: 0, refused: 0 });
    expect(server.log).toEqual([]);
  });

  test('and its undo need no decision: both go, whichever came first', async () => {
    const server = fakeServer();
    server.versions.set(1, 5).set(2, 5);
    const tab = await fakeBrowser(server).tab();
    const [early, late] = [submit(1, 'spam'), submit(2, 'spam')];
    await tab.outbox.add(early);
    await tab.outbox.idle();
    await tab.outbox.add(undo(early));
    server.isAway = true;
    await tab.outbox.add(late);
    await tab.outbox.add(undo(late));
    server.isAway = false;
    tab.outbox.wake();
    await tab.outbox.idle();
    expect(await tab.outbox.entries()).toEqual([]);
    expect(server.log).toEqual([]);
  });

  test('a server that breaks on one action six times over does not hold up the rest', async () => {
    const server = fakeServer();
    const tab = await fakeBrowser(server).tab();
    server.faults = Array.from({ length: 6 }, () => fault(500, 'unexpected'));
    await tab.outbox.add(submit(1, 'spam'));
    await tab.outbox.add(submit(2, 'spam'));
    for (let round = 0; round < 6; round++) await tab.tick();
    expect(server.log).toHaveLength(1);
    expect(tab.state()).toEqual({ kind: 'refused', waiting: 0, refused: 1 });
  });
});

test('whatever happens on the way, each action arrives once, in order', async () => {
  const weather = constantFrom<CallError | undefined>(
    undefined,
    fault(0, 'offline'),
    fault(503, 'database-away'),
    fault(429, 'too-many-requests'),
  );
  const plan = array(record({ ordinal: integer({ min: 0, max: 3 }), before: weather }), { minLength: 1, maxLength: 25 });
  await assert(
    asyncProperty(plan, async (steps) => {
      const server = fakeServer();
      const tab = await fakeBrowser(server).tab();
      const actions: SubmitAction[] = [];
      for (const { ordinal, before } of steps) {
        if (before) server.faults.push(before);
        const action = submit(ordinal, 'spam');
        actions.push(action);
        await tab.outbox.add(action);
      }
      for (let round = 0; round <= steps.length; round++) await tab.tick();
      expect(server.log).toEqual(actions.map(({ id }) => id));
      tab.outbox.stop();
    }),
    { numRuns: 25 },
  );
});
