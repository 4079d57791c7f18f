import type { LlmUsage } from '@labelwright/core/labelers/llm-exchange';
import type { Answer } from '@labelwright/core/model/answer';
import type { LabelerId } from '@labelwright/core/model/ids';

/** What language models were asked, what they answered and what it cost: kept through a crash at any moment. Promises of every implementation:
 *
 *  1. **Never below the truth.** A call is only sent after `reserve` resolved as reserved, which is durable then: its highest price counts as
 *     spent at once. `settle` puts the true price in its place. A call whose process died in between stays counted at its highest price for ever.
 *  2. **Nothing is paid twice.** `settle` keeps the price and the answers in one step, both or neither; what it resolved for, `recall` finds, in any
 *     later process.
 *  3. **Budgets hold.** `reserve` refuses a call that could take the labeler or the project over its budget, also where several processes reserve at
 *     once (PostgreSQL: under a lock on the row of the budget). A budget may be raised at any time; the next `reserve` goes by it.
 *
 *  Dozens of `reserve` and `settle` are under way at once: implementations should make the waiting ones durable together (one fsync, one commit). */
export interface LlmLedger {
  /** The answers that are there, by key; keys without one are left out. The keys of one page of items come in one call. */
  recall(keys: readonly string[]): Promise<ReadonlyMap<string, Answer>>;
  reserve(call: PlannedCall): Promise<ReserveOutcome>;
  /** Once per reserved call, whatever became of it: `usd` 0 and no answers where it certainly cost nothing; the reserved price where that is
   *  not known (the reply never came).  @throws CoreError 'no-reservation' for a call that is not reserved, or settled already */
  settle(call: string, outcome: SettledCall): Promise<void>;
  /** Per labeler, those that ever reserved something. */
  spending(): Promise<readonly Spending[]>;
}

/** For providers' batch APIs: a batch lives for a day, longer than processes do. */
export interface LlmBatchLedger extends LlmLedger {
  /** Before it is handed in, and again with the provider's id after it: durable when it resolves. The later note of a tag replaces the earlier. */
  noteBatch(batch: NotedBatch): Promise<void>;
  /** Noted and not closed. */
  openBatches(labeler: LabelerId): Promise<readonly NotedBatch[]>;
  /** When all its calls are settled. */
  closeBatch(tag: string): Promise<void>;
}

export interface NotedBatch {
  /** Ours, unique for ever: the batch carries it at the provider. */
  readonly tag: string;
  readonly labeler: LabelerId;
  /** The provider's id; absent while it is not known whether the batch arrived there. */
  readonly batch?: string;
  /** Reserved calls, with the answers that each is to bring. */
  readonly calls: readonly { readonly id: string; readonly usd: number; readonly keys: readonly string[] }[];
}

export interface PlannedCall {
  /** Unique for ever: a random UUID. */
  readonly id: string;
  readonly labeler: LabelerId;
  /** The most that it can cost. */
  readonly usd: number;
}

export type ReserveOutcome =
  | { readonly kind: 'reserved' }
  | { readonly kind: 'over-budget'; readonly budget: 'labeler' | 'project'; readonly limitUsd: number; readonly spentUsd: number };

export interface SettledCall {
  readonly usd: number;
  /** As billed; absent where the provider did not say. */
  readonly usage?: LlmUsage;
  readonly answers: readonly RecordedAnswer[];
}

export interface RecordedAnswer {
  /** By model, prompt and item (`answerKey`). A later answer under the same key replaces the earlier one. */
  readonly key: string;
  readonly answer: Answer;
}

export interface Spending {
  readonly labeler: LabelerId;
  /** Settled, and reserved without settlement: what budgets count. */
  readonly usd: number;
  /** Of it reserved without settlement: calls under way, and calls that died. */
  readonly openUsd: number;
  readonly calls: number;
  readonly answers: number;
  readonly usage: LlmUsage;
}

export interface Budgets {
  readonly projectUsd?: number;
  readonly labelerUsd?: ReadonlyMap<LabelerId, number>;
}

/** Sums of prices are binary fractions: what differs by less than a millionth of a cent is equal. */
export const roundingUsd = 1e-8;
