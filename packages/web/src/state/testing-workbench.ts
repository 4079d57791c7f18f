import type { CallError } from '@labelwright/contract/client';
import type { FurtherQuestion, ItemDetail } from '@labelwright/contract/items';
import { answeredPlaces, waitingPlaces } from './bench.ts';
import type { Draft } from './browser-database.ts';
import type { OutboxNews } from './outbox.ts';
import type { Action } from './outbox-action.ts';
import type { Order } from './queue-supply.ts';
import { Workbench, type WorkbenchParts } from './workbench.ts';

const topics: FurtherQuestion = {
  question: 'topics',
  labels: ['money', 'travel'],
  posterior: null,
  evidence: null,
  own: null,
  isOpen: true,
  version: 0,
};

export function itemOf(ordinal: number, version = 0): ItemDetail {
  return {
    ordinal,
    id: `item-${ordinal}`,
    fields: {},
    answer: null,
    probability: null,
    decision: 'uncertain',
    votes: 0,
    disagreement: false,
    flagged: false,
    parts: [{ name: 'text', modality: 'text', content: `text ${ordinal}` }],
    question: 'kind',
    labels: ['ham', 'spam'],
    posterior: null,
    evidence: null,
    answers: [],
    comments: [],
    version,
  };
}

/** A server that hands out a list of items, and whatever else the workbench is given from outside. */
export interface Given {
  readonly items?: readonly number[];
  readonly multiple?: boolean;
  /** Another question, which takes several labels, and what of it every item says. */
  readonly further?: Partial<FurtherQuestion>;
  readonly isBlind?: boolean;
  /** What the queue says of the votes, and what the item itself says. */
  readonly evidence?: readonly [ItemDetail['evidence'], ItemDetail['evidence']];
  readonly mine?: readonly object[];
  readonly drafts?: Readonly<Record<string, Draft>>;
}

export function desk({
  items = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14],
  multiple = false,
  further,
  isBlind = false,
  evidence = [null, null],
  mine = [],
  drafts = {},
}: Given = {}) {
  const whole = (ordinal: number, version = 0): ItemDetail => ({
    ...itemOf(ordinal, version),
    ...(further && { further: [{ ...topics, ...further }] }),
  });
  const asked: { except: number[]; order?: Order; further?: boolean }[] = [];
  const released: number[][] = [];
  const actions: Action[] = [];
  const problems: unknown[] = [];
  const timers: { milliseconds: number; work: () => void }[] = [];
  const saved = new Map(Object.entries(drafts));
  let hear: (news: OutboxNews) => void = () => undefined;
  let ids = 0;
  const world = { nowMs: 0, left: [...items], fault: undefined as CallError | undefined, versions: new Map<number, number>() };
  const parts: WorkbenchParts = {
    project: 7,
    question: { id: 'kind', multiple },
    ...(further && { further: [{ id: 'topics', multiple: true }] }),
    order: undefined,
    leaseSeconds: 900,
    isBlind,
    calls: {
      nextItems: ({ body }) => {
        const except = (body.except ?? []).map(Number);
        asked.push({ except, ...(body.order && { order: body.order }), ...(body.further && { further: true }) });
        if (world.fault) return Promise.reject(world.fault);
        const given = world.left.filter((ordinal) => !except.includes(ordinal)).slice(0, body.count);
        const assignments = given.map((ordinal) => ({
          item: { ...whole(ordinal), evidence: evidence[0] },
          reason: 'uncertain',
          leasedUntil: '2030-01-01T00:00:00Z',
        }));
        return Promise.resolve({ assignments, waiting: world.left.filter((ordinal) => !except.includes(ordinal)).length });
      },
      getItem: ({ params }) =>
        world.fault
          ? Promise.reject(world.fault)
          : Promise.resolve({ ...whole(Number(params.ordinal), world.versions.get(Number(params.ordinal)) ?? 0), evidence: evidence[1] }),
      myAnswers: () => Promise.resolve(mine as never),
      release: ({ body }) => {
        released.push(body.ordinals.map(Number));
        return Promise.resolve({ ok: true as const });
      },
    },
    outbox: {
      add: (action) => {
        actions.push(action);
        hear({ kind: 'added', action });
        return Promise.resolve();
      },
      entries: () => Promise.resolve([]),
      listen: (listener) => {
        hear = listener;
        return () => undefined;
      },
    },
    drafts: {
      save: (key, draft) => Promise.resolve(void saved.set(key, draft)),
      find: (key, version) => Promise.resolve(saved.get(key)?.base === version ? saved.get(key) : undefined),
      drop: (key) => Promise.resolve(void saved.delete(key)),
    },
    report: (problem) => problems.push(problem),
    newId: () => `action-${++ids}`,
    now: () => world.nowMs,
    later: (milliseconds, work) => {
      timers.push({ milliseconds, work });
      return () => undefined;
    },
  };
  const bench = new Workbench(parts);
  return {
    bench,
    world,
    asked,
    released,
    actions,
    problems,
    timers,
    saved,
    news: (news: OutboxNews) => hear(news),
    confirm: (action: Action, version: number) => {
      if (action.kind === 'submit') world.left = world.left.filter((ordinal) => ordinal !== action.ordinal);
      hear({ kind: 'confirmed', action, confirmation: { version } });
    },
    current: () => bench.get().bench.current,
    waiting: () => waitingPlaces(bench.get().bench).map(({ ordinal }) => ordinal),
    answered: () => answeredPlaces(bench.get().bench).map(({ ordinal }) => ordinal),
  };
}

export const calm = () => new Promise((resolve) => setTimeout(resolve));
