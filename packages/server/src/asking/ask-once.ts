import { randomUUID } from 'node:crypto';
import { costOf } from '@labelwright/core/labelers/llm-cost';
import type { LlmReply, LlmRequest } from '@labelwright/core/labelers/llm-exchange';
import { CoreError } from '@labelwright/core/model/errors';
import type { LabelerId } from '@labelwright/core/model/ids';
import { highestCost } from '@labelwright/engine/llm/highest-cost';
import type { Context } from '../context.ts';
import type { StoredLedger } from '../stores/llm-ledger.ts';
import { openProviderOf, type Plan, pricesAt } from './plan.ts';

const replyMs = 120_000;

/** One call, reserved before and settled after, while somebody waits for it. @throws LlmError, CoreError 'over-budget' */
export async function askOnce(
  context: Context,
  { connection, options }: Plan,
  request: LlmRequest,
  ledger: StoredLedger,
  budgetUsd: number,
): Promise<LlmReply> {
  const prices = pricesAt(connection, options.model);
  const provider = await openProviderOf(context, connection, options.model);
  const id = randomUUID();
  const highest = highestCost(request, prices);
  try {
    if ((await ledger.reserve({ id, labeler: '0' as LabelerId, usd: highest })).kind !== 'reserved') throw tooLittle(budgetUsd);
    let usd = highest;
    try {
      const { replies, usage } = await provider.complete(request, AbortSignal.timeout(replyMs));
      if (usage) usd = costOf(usage, prices);
      return replies[0];
    } finally {
      await ledger.settle(id, { usd, answers: [] });
    }
  } finally {
    provider.close();
  }
}

export function tooLittle(budgetUsd: number): CoreError {
  return new CoreError('over-budget', `The $ ${budgetUsd.toFixed(2)} did not suffice, or the time: give it more`);
}
