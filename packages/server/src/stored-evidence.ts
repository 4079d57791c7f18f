import type { Pool } from 'pg';
import type { Viewed } from './columns/views.ts';
import type { Context, Db } from './context.ts';
import { type MachineVote, votesAt } from './stores/evidence.ts';
import {
  type Comment,
  commentsOn,
  type HistoryEntry,
  historyOf,
  type ItemRecord,
  itemRecords,
  posteriorsOf,
  versionsOf,
} from './stores/item-records.ts';

/** What the database has of some items; of others as well, where somebody asked for these at the same time. */
export interface StoredEvidence {
  readonly items: ReadonlyMap<number, ItemRecord>;
  readonly versions: ReadonlyMap<number, number>;
  readonly history: readonly HistoryEntry[];
  readonly comments: readonly Comment[];
  readonly posteriors: ReadonlyMap<number, readonly number[]>;
  readonly votes: readonly MachineVote[];
}

interface Gathering {
  readonly ordinals: Set<number>;
  readonly evidence: Promise<StoredEvidence>;
}

const perPool = new WeakMap<Pool, Map<string, Gathering>>();

/** Calls of one moment (people whom the queue served together) are read together: six queries for all of them. */
export function storedEvidence({ db, pool }: Context, { project, view }: Viewed, ordinals: readonly number[]): Promise<StoredEvidence> {
  const all = perPool.get(pool) ?? new Map<string, Gathering>();
  perPool.set(pool, all);
  const place = { project: project.id, question: view.question.id, run: view.machine?.run };
  const key = JSON.stringify(place);
  let gathering = all.get(key);
  if (!gathering) {
    const together = new Set<number>();
    const evidence = new Promise((resolve) => void setImmediate(resolve)).then(() => {
      all.delete(key);
      return read(db, place, [...together]);
    });
    gathering = { ordinals: together, evidence };
    all.set(key, gathering);
  }
  for (const ordinal of ordinals) gathering.ordinals.add(ordinal);
  return gathering.evidence;
}

interface Place {
  readonly project: number;
  readonly question: string;
  readonly run: number | undefined;
}

async function read(db: Db, { run, ...asked }: Place, ordinals: readonly number[]): Promise<StoredEvidence> {
  const [items, versions, history, comments, posteriors, votes] = await Promise.all([
    itemRecords(db, asked.project, ordinals),
    versionsOf(db, asked, ordinals),
    historyOf(db, asked, ordinals),
    commentsOn(db, asked.project, ordinals),
    run === undefined ? new Map<number, number[]>() : posteriorsOf(db, run, asked.question, ordinals),
    run === undefined ? [] : votesAt(db, run, asked.question, ordinals),
  ]);
  return { items, versions, history, comments, posteriors, votes };
}
