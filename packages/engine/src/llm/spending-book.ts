import type { LlmUsage } from '@labelwright/core/labelers/llm-exchange';
import { CoreError } from '@labelwright/core/model/errors';
import type { LabelerId } from '@labelwright/core/model/ids';
import { type Budgets, type PlannedCall, type ReserveOutcome, roundingUsd, type SettledCall, type Spending } from './ledger.ts';

type Account = { settledUsd: number; openUsd: number; openCalls: number; calls: number; answers: number; usage: LlmUsage };

/** The sums of a ledger in memory, and the rule of budgets. */
export class SpendingBook {
  private readonly accounts = new Map<LabelerId, Account>();
  private readonly open = new Map<string, PlannedCall>();

  reserve(call: PlannedCall, budgets: Budgets): ReserveOutcome {
    const over = this.over(call, budgets);
    if (over) return over;
    this.enter(call);
    return { kind: 'reserved' };
  }

  /** Without a look at budgets: what an earlier process was allowed. */
  enter(call: PlannedCall): void {
    const account = this.accountOf(call.labeler);
    account.openUsd += call.usd;
    account.openCalls += 1;
    account.calls += 1;
    this.open.set(call.id, call);
  }

  /** @throws CoreError 'no-reservation' */
  settle(id: string, { usd, usage, answers }: SettledCall): void {
    const call = this.open.get(id);
    if (!call) throw new CoreError('no-reservation', `ledger: call ${id} is not reserved, or settled already`);
    this.open.delete(id);
    const account = this.accountOf(call.labeler);
    account.openCalls -= 1;
    // Differences of sums are not quite nothing where they should be.
    account.openUsd = account.openCalls === 0 ? 0 : Math.max(0, account.openUsd - call.usd);
    account.settledUsd += usd;
    account.answers += answers.length;
    if (usage) account.usage = sumOfUsage(account.usage, usage);
  }

  spending(): Spending[] {
    return Array.from(this.accounts, ([labeler, { settledUsd, openUsd, calls, answers, usage }]) => {
      return { labeler, usd: settledUsd + openUsd, openUsd, calls, answers, usage };
    });
  }

  private over({ labeler, usd }: PlannedCall, { projectUsd, labelerUsd }: Budgets): ReserveOutcome | undefined {
    const spent = this.spending();
    const limits = [
      { budget: 'labeler', limitUsd: labelerUsd?.get(labeler), spentUsd: spent.find((each) => each.labeler === labeler)?.usd ?? 0 },
      { budget: 'project', limitUsd: projectUsd, spentUsd: spent.reduce((sum, each) => sum + each.usd, 0) },
    ] as const;
    for (const { budget, limitUsd, spentUsd } of limits)
      if (limitUsd !== undefined && spentUsd + usd > limitUsd + roundingUsd) return { kind: 'over-budget', budget, limitUsd, spentUsd };
    return undefined;
  }

  private accountOf(labeler: LabelerId): Account {
    let account = this.accounts.get(labeler);
    if (!account) {
      account = { settledUsd: 0, openUsd: 0, openCalls: 0, calls: 0, answers: 0, usage: { input: 0, cachedInput: 0, output: 0 } };
      this.accounts.set(labeler, account);
    }
    return account;
  }
}

export function sumOfUsage(a: LlmUsage, b: LlmUsage): LlmUsage {
  return { input: a.input + b.input, cachedInput: a.cachedInput + b.cachedInput, output: a.output + b.output };
}
