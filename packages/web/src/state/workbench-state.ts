import type { Client } from '@labelwright/contract/client';
import { type Bench, emptyBench } from './bench.ts';
import type { Asked } from './further-answers.ts';
import type { ItemStockParts, Known } from './item-stock.ts';
import type { OutboxNews } from './outbox.ts';
import type { Action } from './outbox-action.ts';
import type { AuditProgress, QueueSupplyParts } from './queue-supply.ts';

export interface WorkbenchParts extends Omit<ItemStockParts, 'calls'>, Omit<QueueSupplyParts, 'calls'> {
  readonly question: Asked;
  /** The other questions, which are answered at the same look. */
  readonly further?: readonly Asked[];
  readonly calls: Pick<Client, 'nextItems' | 'getItem' | 'myAnswers' | 'release'>;
  readonly outbox: {
    add(action: Action): Promise<void>;
    entries(): Promise<readonly { readonly action: Action }[]>;
    listen(listener: (news: OutboxNews) => void): () => void;
  };
  /** What the person asked for and cannot have; nothing else changes. */
  readonly report: (problem: unknown) => void;
  readonly newId: () => string;
  /** Outlives the page. */
  readonly releaseAtOnce?: (ordinals: readonly number[]) => void;
}

export interface WorkbenchState {
  readonly bench: Bench;
  readonly known: ReadonlyMap<number, Known>;
  readonly ids: ReadonlyMap<number, string>;
  /** `finished`: the server has nothing more for this person. */
  readonly phase: 'loading' | 'ready' | 'finished';
  /** Why the queue could not be read; the items that are here can be worked on all the same. */
  readonly problem: unknown;
  /** Items that still want this person's label, when last asked. */
  readonly waiting: number | null;
  /** How far the audit was, when last asked; null outside of one. */
  readonly audit: AuditProgress | null;
  readonly figures: { readonly done: number; readonly secondsPerItem: number | null };
  /** Items whose answer the server did not take. */
  readonly refused: ReadonlySet<number>;
  /** Comments of this session, by item: on the screen before the server has them. */
  readonly comments: ReadonlyMap<number, readonly { readonly id: string; readonly text: string }[]>;
  /** What just happened, for whoever cannot see it. */
  readonly said: string;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
}

export const firstState: WorkbenchState = {
  bench: emptyBench,
  known: new Map(),
  ids: new Map(),
  phase: 'loading',
  problem: null,
  waiting: null,
  audit: null,
  figures: { done: 0, secondsPerItem: null },
  refused: new Set(),
  comments: new Map(),
  said: '',
  canUndo: false,
  canRedo: false,
};

/** Why a submit did not go through: there is no item, the question of the queue wants a label, or another one that the person has not seen to. */
export type Missing = 'nothing' | 'no-label' | { readonly question: string };
