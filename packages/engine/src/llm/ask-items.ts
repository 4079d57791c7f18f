import { setMaxListeners } from 'node:events';
import type { AnyAskedLabeler, Asking } from '@labelwright/core/labelers/labeler';
import type { LlmPrices, LlmReply, LlmRequest } from '@labelwright/core/labelers/llm-exchange';
import { faultKind } from '@labelwright/core/labelers/llm-output';
import { repairRequest } from '@labelwright/core/labelers/llm-repair';
import type { Random } from '@labelwright/core/math/random';
import { type Answer, failed } from '@labelwright/core/model/answer';
import type { LabelerId } from '@labelwright/core/model/ids';
import type { Item } from '@labelwright/core/model/item';
import type { Json } from '@labelwright/core/model/json';
import type { Question } from '@labelwright/core/model/schema';
import type { LlmCompletion, LlmProvider } from '../providers/provider.ts';
import { answerKeys } from './answer-key.ts';
import { Caller } from './ask-call.ts';
import type { LlmLedger, RecordedAnswer, ReserveOutcome } from './ledger.ts';
import { Places } from './places.ts';
import { type Clock, Traffic, wallClock } from './traffic.ts';

/** What is asked of which model. */
export interface Inquiry {
  readonly labeler: LabelerId;
  /** `llm-prompt`, or another labeler that speaks its exchange. */
  readonly technique: AnyAskedLabeler;
  /** Checked. */
  readonly options: { readonly batchSize: number };
  readonly question: Question;
  readonly guidelines?: string;
  /** People's answers to show with these items, most useful first. */
  readonly examples?: (items: readonly Item[]) => NonNullable<Asking['examples']>;
  readonly images?: (items: readonly Item[]) => Promise<NonNullable<Asking['images']>>;
  readonly provider: LlmProvider;
  readonly prices: LlmPrices;
  /** Beside options, question and guidelines, what an answer depends on: provider, base address, model, version of the examples. */
  readonly depends: Json;
}

export interface AskOptions {
  readonly ledger: LlmLedger;
  readonly random: Random;
  /** In any order; the request that it came with ends when it is done, so that slow takers slow the asking down. `cached`: it was in the ledger. */
  readonly onAnswer: (asked: AskedItem) => void | Promise<void>;
  /** Aborted: calls under way are finished and kept, for `drainMs` at most; nothing new is asked. What is missing is asked by the next run. */
  readonly signal?: AbortSignal;
  /** Default 10 s. */
  readonly drainMs?: number;
  /** Calls at once; default 32. */
  readonly concurrency?: number;
  readonly callsPerMinute?: number;
  /** Asks again where what is kept is a failure (a refusal, a reply that could not be read). Default false. */
  readonly askFailedAgain?: boolean;
  readonly clock?: Clock;
}

export interface AskedItem {
  /** 0, 1, 2 … in the order of the items. */
  readonly ordinal: number;
  readonly item: Item;
  readonly answer: Answer;
  readonly cached: boolean;
}

export interface AskSummary {
  readonly answered: number;
  /** Of them from the ledger, for nothing. */
  readonly cached: number;
  /** Of them failed, by the first words of the reason. */
  readonly failed: Readonly<Record<string, number>>;
  readonly retries: number;
  /** Why it ended before the last item; the items without an answer are asked by the next run. */
  readonly stopped?:
    | { readonly kind: 'cancelled' }
    | ({ readonly kind: 'over-budget' } & Pick<Extract<ReserveOutcome, { kind: 'over-budget' }>, 'budget' | 'limitUsd' | 'spentUsd'>);
}

interface Pending {
  readonly ordinal: number;
  readonly item: Item;
  readonly key: string;
}

const pageSize = 64;
/** Giving up so often in a row, with no reply between, is the provider's fault and not the items'. */
const givenUpInARow = 10;

/** Asks a language model about a stream of items: what the ledger has is not asked again, the rest in requests of `batchSize`, many at once, each
 *  reserved before and settled after. Memory does not grow with the stream: at most twelve times `concurrency` requests are prepared, under way or on
 *  their way to the disk.
 *  A reply that is spoiled is repaired once; of a batch, the items without a good answer are asked again alone.
 *  @throws LlmError where the run cannot go on (the key was refused, nothing but faults); what was answered until then is kept */
export async function askItems(inquiry: Inquiry, items: AsyncIterable<Item>, options: AskOptions): Promise<AskSummary> {
  return new Run(inquiry, options).run(items);
}

class Run {
  private readonly inquiry: Inquiry;
  private readonly options: AskOptions;
  private readonly caller: Caller;
  private readonly keyOf: (item: Item) => string;
  private readonly window: Places;
  /** No new calls. */
  private readonly stop = new AbortController();
  private readonly hardStop = new AbortController();
  private readonly running = new Set<Promise<void>>();
  /** Items of the same content as one that is being asked: they get its answer. */
  private readonly followers = new Map<string, Pending[]>();
  private stopped: AskSummary['stopped'];
  private broken: { readonly error: unknown } | undefined;
  private inARow = 0;
  private answered = 0;
  private cached = 0;
  private readonly failed: Record<string, number> = {};

  constructor(inquiry: Inquiry, options: AskOptions) {
    const { ledger, random, clock = wallClock, concurrency = 32, callsPerMinute } = options;
    const { labeler, provider, prices, question, guidelines = '', depends } = inquiry;
    const signal = this.stop.signal;
    // Every call and wait listens to them: that is no leak.
    setMaxListeners(0, signal, this.hardStop.signal);
    this.inquiry = inquiry;
    this.options = options;
    this.window = new Places(12 * concurrency);
    this.keyOf = answerKeys({ depends, options: inquiry.options, question: question as unknown as Json, guidelines });
    const traffic = new Traffic({ concurrency, clock, signal, ...(callsPerMinute !== undefined && { callsPerMinute }) });
    const onFatal = (error: unknown): void => this.end(error);
    const hardStop = this.hardStop.signal;
    const ahead = 4 * concurrency;
    this.caller = new Caller({ labeler, provider, prices, ledger, traffic, clock, random, signal, hardStop, ahead, onFatal });
  }

  async run(items: AsyncIterable<Item>): Promise<AskSummary> {
    const { signal, drainMs = 10_000 } = this.options;
    let drain: NodeJS.Timeout | undefined;
    const cancel = (): void => {
      this.stopped ??= { kind: 'cancelled' };
      this.stop.abort();
      drain = setTimeout(() => this.hardStop.abort(), drainMs);
    };
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted) cancel();
    try {
      await this.readAll(items);
    } catch (error) {
      this.end(error);
    } finally {
      await Promise.all(this.running);
      clearTimeout(drain);
      signal?.removeEventListener('abort', cancel);
    }
    if (this.broken) throw this.broken.error;
    const { answered, cached, stopped } = this;
    return { answered, cached, failed: this.failed, retries: this.caller.retries, ...(stopped && { stopped }) };
  }

  private async readAll(items: AsyncIterable<Item>): Promise<void> {
    const { batchSize } = this.inquiry.options;
    let ordinal = 0;
    let page: Pending[] = [];
    let group: Pending[] = [];
    const turn = async (): Promise<void> => {
      for (const pending of await this.unanswered(page)) {
        group.push(pending);
        if (group.length < batchSize) continue;
        await this.launch(group);
        group = [];
      }
      page = [];
    };
    for await (const item of items) {
      if (this.stop.signal.aborted) return;
      page.push({ ordinal, item, key: this.keyOf(item) });
      ordinal += 1;
      if (page.length === pageSize) await turn();
    }
    await turn();
    if (group.length > 0) await this.launch(group);
  }

  /** Those that must be asked; the others are answered, now or with the one that they follow. */
  private async unanswered(page: readonly Pending[]): Promise<Pending[]> {
    const { technique, question, options } = this.inquiry;
    const kept = await this.options.ledger.recall(page.map(({ key }) => key));
    const wanted: Pending[] = [];
    for (const pending of page) {
      const known = kept.get(pending.key);
      const obstacle = technique.obstacle(pending.item, question, options);
      const followers = this.followers.get(pending.key);
      if (obstacle !== undefined) await this.deliver(pending, failed(obstacle), false);
      else if (known && !(known.kind === 'failed' && this.options.askFailedAgain)) await this.deliver(pending, known, true);
      else if (followers) followers.push(pending);
      else {
        this.followers.set(pending.key, []);
        wanted.push(pending);
      }
    }
    return wanted;
  }

  /** Starts a request as soon as there is room for it. */
  private async launch(group: readonly Pending[]): Promise<void> {
    await this.window.take();
    if (this.stop.signal.aborted) return this.window.give();
    const work = this.ask(group)
      .catch((error: unknown) => this.end(error))
      .finally(() => {
        this.running.delete(work);
        this.window.give();
      });
    this.running.add(work);
  }

  private async ask(group: readonly Pending[]): Promise<void> {
    const { technique, options } = this.inquiry;
    const asking = await this.askingOf(group);
    const request = technique.ask(asking, options) as LlmRequest;
    const read = ({ replies }: LlmCompletion): readonly Answer[] => technique.read(replies, asking, options);
    const isAlone = group.length === 1;
    let answers: readonly Answer[] = [];
    const outcome = await this.caller.call(request, (completion) => {
      answers = read(completion);
      return recorded(group, answers, (answer) => !this.deservesMore(answer, isAlone, request, completion));
    });
    if (outcome.kind !== 'replied') return this.unreplied(outcome, group);
    this.inARow = 0;
    const spoiled: Pending[] = [];
    for (const [i, pending] of group.entries()) {
      if (this.deservesMore(answers[i], isAlone, request, outcome.completion)) spoiled.push(pending);
      else await this.settle(pending, answers[i]);
    }
    if (spoiled.length === 0) return;
    if (isAlone) await this.repair(request, spoiled[0], answers[0], read, outcome.completion);
    else for (const pending of spoiled) await this.ask([pending]);
  }

  /** One more try, with the spoiled reply shown. Whatever comes of it stands. */
  private async repair(
    request: LlmRequest,
    pending: Pending,
    answer: Answer,
    read: (completion: LlmCompletion) => readonly Answer[],
    { replies }: LlmCompletion,
  ): Promise<void> {
    const again = repairOf(request, replies, answer);
    if (!again) return this.settle(pending, answer);
    let answers: readonly Answer[] = [];
    const outcome = await this.caller.call(again, (completion) => {
      answers = read(completion);
      return recorded([pending], answers, () => true);
    });
    if (outcome.kind !== 'replied') return this.unreplied(outcome, [pending]);
    await this.settle(pending, answers[0]);
  }

  /** A failure that asking again may cure: of a batch by asking alone, of one by a repair. */
  private deservesMore(answer: Answer, isAlone: boolean, request: LlmRequest, { replies }: LlmCompletion): boolean {
    if (answer.kind !== 'failed') return false;
    if (isAlone) return repairOf(request, replies, answer) !== undefined;
    const kind = faultKind(answer.reason);
    return kind !== undefined && kind !== 'refused';
  }

  private async unreplied(
    outcome: Exclude<Awaited<ReturnType<Caller['call']>>, { kind: 'replied' }>,
    group: readonly Pending[],
  ): Promise<void> {
    if (outcome.kind === 'stopped') return this.drop(group);
    if (outcome.kind === 'over-budget') {
      const { budget, limitUsd, spentUsd } = outcome.budget;
      this.stopped ??= { kind: 'over-budget', budget, limitUsd, spentUsd };
      this.stop.abort();
      return this.drop(group);
    }
    const { error } = outcome;
    // One item of a batch may be too long, or what the provider does not take.
    if (group.length > 1 && (error.fault === 'context-too-long' || error.fault === 'bad-request')) {
      for (const pending of group) await this.ask([pending]);
      return;
    }
    if (error.fault !== 'context-too-long') this.inARow += 1;
    if (this.inARow >= givenUpInARow) throw error;
    // Not kept: the next run asks again.
    for (const pending of group) await this.settle(pending, failed(`${error.fault}: ${error.message}`));
  }

  private async askingOf(group: readonly Pending[]): Promise<Asking> {
    const { question, guidelines, examples, images } = this.inquiry;
    const items = group.map(({ item }) => item);
    return {
      items,
      question,
      ...(guidelines !== undefined && { guidelines }),
      ...(examples && { examples: examples(items) }),
      ...(images && { images: await images(items) }),
    };
  }

  /** The answer of an item that was asked, and of those that follow it. */
  private async settle(pending: Pending, answer: Answer): Promise<void> {
    const followers = this.followers.get(pending.key) ?? [];
    this.followers.delete(pending.key);
    await this.deliver(pending, answer, false);
    for (const follower of followers) await this.deliver(follower, answer, true);
  }

  private async deliver({ ordinal, item }: Pending, answer: Answer, cached: boolean): Promise<void> {
    this.answered += 1;
    if (cached) this.cached += 1;
    if (answer.kind === 'failed') {
      const reason = answer.reason.split(':', 1)[0];
      this.failed[reason] = (this.failed[reason] ?? 0) + 1;
    }
    await this.options.onAnswer({ ordinal, item, answer, cached });
  }

  private drop(group: readonly Pending[]): void {
    for (const { key } of group) this.followers.delete(key);
  }

  /** The first fault is told; calls under way are still finished and kept. */
  private end(error: unknown): void {
    this.broken ??= { error };
    this.stop.abort();
  }
}

function repairOf(request: LlmRequest, replies: readonly LlmReply[], answer: Answer): LlmRequest | undefined {
  return answer.kind === 'failed' && replies.length > 0 ? repairRequest(request, replies[0], answer.reason) : undefined;
}

function recorded(group: readonly Pending[], answers: readonly Answer[], isFinal: (answer: Answer) => boolean): RecordedAnswer[] {
  return group.flatMap(({ key }, i) => (isFinal(answers[i]) ? [{ key, answer: answers[i] }] : []));
}
