import { randomUUID } from 'node:crypto';
import { costOf } from '@labelwright/core/labelers/llm-cost';
import type { LlmRequest } from '@labelwright/core/labelers/llm-exchange';
import type { Asking } from '@labelwright/core/labelers/labeler';
import { type Answer, failed } from '@labelwright/core/model/answer';
import { CoreError } from '@labelwright/core/model/errors';
import type { Item } from '@labelwright/core/model/item';
import type { Json } from '@labelwright/core/model/json';
import { type BatchResult, type BatchState, type LlmBatches, requestsPerBatch } from '../providers/batches.ts';
import { LlmError } from '../providers/llm-error.ts';
import type { LlmCompletion } from '../providers/provider.ts';
import { answerKeys } from './answer-key.ts';
import type { AskOptions, AskSummary, Inquiry } from './ask-items.ts';
import { highestCost } from './highest-cost.ts';
import type { LlmBatchLedger, NotedBatch } from './ledger.ts';
import { sumOfUsage } from './spending-book.ts';
import { type Clock, wallClock } from './traffic.ts';

export interface BatchAskOptions extends Pick<AskOptions, 'onAnswer' | 'signal'> {
  readonly ledger: LlmBatchLedger;
  readonly batches: LlmBatches;
  /** Between two looks at a batch; default 30 s. */
  readonly pollMs?: number;
  readonly clock?: Clock;
  readonly onWaiting?: (done: number, total: number) => void;
}

interface Pending {
  readonly ordinal: number;
  readonly item: Item;
  readonly key: string;
}

/** Asks about items by a provider's batch API: half the price, within a day. A batch is noted before it is handed in and fetched by whoever comes next,
 *  so that a process that dies in between loses nothing. Spoiled replies are not repaired: they failed, and are kept as that. All items of a run wait
 *  in memory for their batch.
 *  @returns stopped 'cancelled' where the signal aborted: batches go on at the provider, the next run fetches them  @throws LlmError */
export async function askInBatches(
  inquiry: Omit<Inquiry, 'provider'>,
  items: AsyncIterable<Item>,
  options: BatchAskOptions,
): Promise<AskSummary> {
  const { ledger, batches, onAnswer, pollMs = 30_000, clock = wallClock, onWaiting, signal = new AbortController().signal } = options;
  const { labeler, technique, question, guidelines, prices, depends, options: chosen } = inquiry;
  const keyOf = answerKeys({ depends, options: chosen, question: question as unknown as Json, guidelines: guidelines ?? '' });
  const open = new Map((await ledger.openBatches(labeler)).map((noted) => [noted.tag, noted]));
  const expected = new Set([...open.values()].flatMap(({ calls }) => calls.flatMap(({ keys }) => keys)));
  /** By key: the items that wait for its answer, the first of them shown in the request. */
  const waiting = new Map<string, Pending[]>();
  const counts = { answered: 0, cached: 0, failed: {} as Record<string, number> };
  let stopped: AskSummary['stopped'];
  let refused: LlmError | undefined;

  async function deliver({ ordinal, item }: Pending, answer: Answer, cached: boolean): Promise<void> {
    counts.answered += 1;
    if (cached) counts.cached += 1;
    const reason = answer.kind === 'failed' ? answer.reason.split(':', 1)[0] : undefined;
    if (reason !== undefined) counts.failed[reason] = (counts.failed[reason] ?? 0) + 1;
    await onAnswer({ ordinal, item, answer, cached });
  }

  function askingOf(group: readonly Item[]): Asking {
    const examples = inquiry.examples?.(group);
    return { items: group, question, ...(guidelines !== undefined && { guidelines }), ...(examples && { examples }) };
  }

  /** Reserves, notes, hands in, notes the provider's id. */
  async function handIn(groups: readonly (readonly Pending[])[]): Promise<void> {
    const planned = groups.map((group) => {
      const request = technique.ask(askingOf(group.map(({ item }) => item)), chosen) as LlmRequest;
      return { id: randomUUID(), keys: group.map(({ key }) => key), request, usd: highestCost(request, prices) / 2 };
    });
    const outcomes = await Promise.all(planned.map(({ id, usd }) => ledger.reserve({ id, labeler, usd })));
    for (const outcome of outcomes) {
      if (outcome.kind !== 'over-budget') continue;
      const { budget, limitUsd, spentUsd } = outcome;
      stopped ??= { kind: 'over-budget', budget, limitUsd, spentUsd };
    }
    const calls = planned.filter((_, i) => outcomes[i].kind === 'reserved');
    if (calls.length === 0) return;
    const noted: NotedBatch = { tag: randomUUID(), labeler, calls: calls.map(({ id, usd, keys }) => ({ id, usd, keys })) };
    await ledger.noteBatch(noted);
    const requests = calls.flatMap(({ id, request }) =>
      Array.from({ length: request.samples }, (_, sample) => ({ id: `${id}.${sample}`, request: { ...request, samples: 1 } })),
    );
    const batch = await batches.submit(requests, noted.tag, signal);
    await ledger.noteBatch({ ...noted, batch });
    open.set(noted.tag, { ...noted, batch });
  }

  async function readAll(): Promise<void> {
    const { samples = 1 } = chosen as { samples?: number };
    let groups: Pending[][] = [];
    let group: Pending[] = [];
    let ordinal = 0;
    const close = async (isLast: boolean): Promise<void> => {
      if (group.length > 0 && (isLast || group.length === chosen.batchSize)) {
        groups.push(group);
        group = [];
      }
      if (groups.length === 0 || !(isLast || (groups.length + 1) * samples > requestsPerBatch)) return;
      const full = groups;
      groups = [];
      await handIn(full);
    };
    for await (const item of items) {
      if (signal.aborted || stopped) return;
      const pending = { ordinal, item, key: keyOf(item) };
      ordinal += 1;
      const known = (await ledger.recall([pending.key])).get(pending.key);
      const obstacle = technique.obstacle(item, question, chosen);
      const others = waiting.get(pending.key);
      if (obstacle !== undefined) await deliver(pending, failed(obstacle), false);
      else if (known) await deliver(pending, known, true);
      else if (others) others.push(pending);
      else {
        waiting.set(pending.key, [pending]);
        if (expected.has(pending.key)) continue;
        group.push(pending);
        await close(false);
      }
    }
    if (!signal.aborted) await close(true);
  }

  /** Of one call: its bill and answers in one step, then the items that waited. */
  async function takeBack({ id, usd: highest, keys }: NotedBatch['calls'][number], results: readonly BatchResult[]): Promise<void> {
    const completions = results.flatMap((result) => ('completion' in result ? [result.completion] : []));
    const shown = keys.map((key) => waiting.get(key)?.[0]);
    const isWhole = shown.every((pending) => pending !== undefined);
    const replies = completions.flatMap((completion) => completion.replies);
    const answers = replies.length > 0 && isWhole ? technique.read(replies, askingOf(shown.map(({ item }) => item)), chosen) : [];
    const usage = completions.every((completion) => completion.usage !== undefined) ? usageOf(completions) : undefined;
    const usd = completions.length === 0 ? 0 : usage ? costOf(usage, prices, true) : highest;
    const recorded = answers.map((answer, i) => ({ key: keys[i], answer }));
    await ledger.settle(id, { usd, ...(usage && { usage }), answers: recorded }).catch((error: unknown) => {
      // Whoever was here before died between the bill and the end of the batch.
      if (!(error instanceof CoreError && error.code === 'no-reservation')) throw error;
    });
    for (const [i, key] of keys.entries()) {
      const fault = results.find((result) => 'error' in result);
      const none = fault && 'error' in fault ? failed(`${fault.error.fault}: ${fault.error.message}`) : undefined;
      const answer = answers[i] ?? none;
      if (!answer) continue;
      for (const [place, pending] of (waiting.get(key) ?? []).entries()) await deliver(pending, answer, place > 0);
      waiting.delete(key);
    }
  }

  async function fetchAll(): Promise<void> {
    while (open.size > 0) {
      let done = 0;
      let total = 0;
      for (const noted of open.values()) {
        const batch: string | undefined = noted.batch ?? (await batches.find(noted.tag, signal));
        // Never handed in: whoever noted it died before.
        const state: BatchState = batch === undefined ? { kind: 'ended' } : await batches.state(batch, signal);
        if (state.kind === 'running') {
          done += state.done;
          total += state.total;
          continue;
        }
        if (state.kind === 'failed') refused ??= new LlmError('bad-request', state.message);
        const results = batch !== undefined && state.kind === 'ended' ? await batches.results(batch, signal) : [];
        const byCall = new Map<string, BatchResult[]>();
        for (const result of results) {
          const call = result.id.slice(0, result.id.lastIndexOf('.'));
          byCall.set(call, [...(byCall.get(call) ?? []), result]);
        }
        for (const call of noted.calls) await takeBack(call, byCall.get(call.id) ?? []);
        await ledger.closeBatch(noted.tag);
        open.delete(noted.tag);
      }
      if (refused) throw refused;
      if (open.size === 0 || signal.aborted) return;
      onWaiting?.(done, total);
      await clock.sleep(pollMs, signal);
    }
  }

  try {
    await readAll();
    await fetchAll();
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  if (signal.aborted) stopped = { kind: 'cancelled' };
  return { ...counts, retries: 0, ...(stopped && { stopped }) };
}

function usageOf(completions: readonly LlmCompletion[]): NonNullable<LlmCompletion['usage']> {
  return completions.reduce((sum, { usage }) => (usage ? sumOfUsage(sum, usage) : sum), { input: 0, cachedInput: 0, output: 0 });
}
