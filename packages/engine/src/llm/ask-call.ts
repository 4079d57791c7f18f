import { randomUUID } from 'node:crypto';
import { costOf } from '@labelwright/core/labelers/llm-cost';
import type { LlmPrices, LlmRequest } from '@labelwright/core/labelers/llm-exchange';
import type { Random } from '@labelwright/core/math/random';
import type { LabelerId } from '@labelwright/core/model/ids';
import { LlmError, llmFaults } from '../providers/llm-error.ts';
import type { LlmCompletion, LlmProvider } from '../providers/provider.ts';
import { highestCost } from './highest-cost.ts';
import type { LlmLedger, RecordedAnswer, ReserveOutcome } from './ledger.ts';
import { Places } from './places.ts';
import type { Clock, Traffic } from './traffic.ts';

export type CallOutcome =
  | { readonly kind: 'replied'; readonly completion: LlmCompletion; readonly usd: number }
  /** `tries` calls were made and none brought a reply. */
  | { readonly kind: 'gave-up'; readonly error: LlmError }
  | { readonly kind: 'over-budget'; readonly budget: Extract<ReserveOutcome, { kind: 'over-budget' }> }
  /** The run ends. */
  | { readonly kind: 'stopped' };

export interface CallerOptions {
  readonly labeler: LabelerId;
  readonly provider: LlmProvider;
  readonly prices: LlmPrices;
  readonly ledger: LlmLedger;
  readonly traffic: Traffic;
  readonly clock: Clock;
  readonly random: Random;
  /** No new call starts once it is aborted. */
  readonly signal: AbortSignal;
  /** Ends calls that are under way. */
  readonly hardStop: AbortSignal;
  /** The next call would fare no better. */
  readonly onFatal: (error: LlmError) => void;
  /** So many calls may be reserved and without a reply, those that are sent included: enough that the disk is not waited for, and few, since all of them
   *  stay counted at their highest price where the process is killed. */
  readonly ahead: number;
}

const tries = 6;
/** Being told to wait is no failure of the call: it is tried on for longer. */
const triesWhenLimited = 20;
const firstWaitMs = 500;
const longestWaitMs = 60_000;

/** Makes one call come true: reserve, wait for a place, send, settle; again after faults that pass, each try with a reservation of its own. */
export class Caller {
  private readonly options: CallerOptions;
  /** Who is between its reservation and its reply. */
  private readonly places: Places;
  /** Calls that are reserved and not settled. */
  private open = 0;
  private settled = 0;
  private readonly onSettled = new Set<() => void>();
  retries = 0;

  constructor(options: CallerOptions) {
    this.options = options;
    this.places = new Places(options.ahead);
  }

  /** @param answers what of the reply is worth keeping; kept in one step with the bill */
  async call(request: LlmRequest, answers: (completion: LlmCompletion) => readonly RecordedAnswer[]): Promise<CallOutcome> {
    const { clock, signal, provider, prices, traffic, hardStop } = this.options;
    const highest = highestCost(request, prices);
    for (let attempt = 0, limited = 0; ; attempt++) {
      const id = randomUUID();
      await this.places.take();
      const reserved = await this.reserve(id, highest).catch((error: unknown) => {
        this.places.give();
        throw error;
      });
      if (reserved.kind !== 'reserved') {
        this.places.give();
        return reserved.kind === 'over-budget' ? { kind: 'over-budget', budget: reserved } : reserved;
      }
      if (!(await traffic.enter())) {
        this.places.give();
        await this.settle(id, { usd: 0, answers: [] });
        return { kind: 'stopped' };
      }
      let error: LlmError;
      try {
        const completion = await provider.complete(request, hardStop).finally(() => {
          traffic.leave();
          this.places.give();
        });
        traffic.credited();
        const { usage } = completion;
        const usd = usage ? costOf(usage, prices) : highest;
        await this.settle(id, { usd, ...(usage && { usage }), answers: answers(completion) });
        return { kind: 'replied', completion, usd };
      } catch (thrown) {
        if (!(thrown instanceof LlmError)) throw thrown;
        error = thrown;
      }
      const { retry, billed, ends } = llmFaults[error.fault];
      // At once, so that no other call is sent while this one is settled.
      if (ends === 'run' && !signal.aborted) this.options.onFatal(error);
      await this.settle(id, { usd: billed === 'no' ? 0 : highest, answers: [] });
      if (error.fault === 'rate-limited') limited += 1;
      if (signal.aborted) return { kind: 'stopped' };
      if (!retry || attempt - limited + 1 >= tries || limited >= triesWhenLimited) return { kind: 'gave-up', error };
      this.retries += 1;
      const waitMs = this.waitBefore(error, attempt);
      if (error.fault === 'rate-limited' || error.retryAfterMs !== undefined) traffic.closeFor(waitMs);
      else await clock.sleep(waitMs, signal);
      if (signal.aborted) return { kind: 'stopped' };
    }
  }

  /** What the provider asked for and up to a tenth more; else twice as long each time, by chance between nothing and that ("full jitter"),
   *  so that calls which failed together do not come back together. */
  private waitBefore({ retryAfterMs, fault }: LlmError, attempt: number): number {
    const { random } = this.options;
    if (retryAfterMs !== undefined) return retryAfterMs + random.next() * Math.max(250, retryAfterMs / 10);
    const most = Math.min(longestWaitMs, firstWaitMs * 2 ** attempt);
    return fault === 'rate-limited' ? most * (0.5 + random.next() / 2) : most * random.next();
  }

  /** Where the budget has no room, bills of calls under way may make some: only when none is left is it over. */
  private async reserve(id: string, usd: number): Promise<ReserveOutcome | { readonly kind: 'stopped' }> {
    const { ledger, labeler, signal } = this.options;
    for (;;) {
      if (signal.aborted) return { kind: 'stopped' };
      const before = this.settled;
      this.open += 1;
      const outcome = await ledger.reserve({ id, labeler, usd }).catch((error: unknown) => {
        this.open -= 1;
        this.wakeAll();
        throw error;
      });
      if (outcome.kind === 'reserved') return outcome;
      this.open -= 1;
      if (this.settled !== before) continue;
      if (this.open === 0) {
        this.wakeAll();
        return outcome;
      }
      await new Promise<void>((done) => this.onSettled.add(done));
    }
  }

  private async settle(id: string, outcome: Parameters<LlmLedger['settle']>[1]): Promise<void> {
    try {
      await this.options.ledger.settle(id, outcome);
    } finally {
      this.open -= 1;
      this.settled += 1;
      this.wakeAll();
    }
  }

  private wakeAll(): void {
    const waiting = [...this.onSettled];
    this.onSettled.clear();
    for (const done of waiting) done();
  }
}
