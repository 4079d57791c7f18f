import type { Answer } from '@labelwright/core/model/answer';
import { CoreError } from '@labelwright/core/model/errors';
import type { LabelerId } from '@labelwright/core/model/ids';
import {
  type LlmLedger,
  type PlannedCall,
  type ReserveOutcome,
  roundingUsd,
  type SettledCall,
  type Spending,
} from '@labelwright/engine/llm/ledger';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../context.ts';
import { faultOf } from '../errors.ts';

/** Whose money it is. */
export interface Account {
  readonly project: number;
  /** 0: of no labeler (a trial, the test of a connection, a proposal). */
  readonly labeler: number;
  readonly asking?: number;
  /** What is spent through this one ledger, at most. */
  readonly limitUsd?: number;
}

export interface Refusal {
  readonly budget: 'asking' | 'labeler' | 'project';
  readonly limitUsd: number;
  readonly spentUsd: number;
}

type Waiting = { readonly done: () => void; readonly failed: (error: unknown) => void } & (
  | { readonly kind: 'reserve'; readonly call: PlannedCall; readonly answer: (outcome: ReserveOutcome) => void }
  | { readonly kind: 'settle'; readonly id: string; readonly outcome: SettledCall }
);

const mostAtOnce = 500;
const retries = 3;

/** The ledger of one account on PostgreSQL. What waits while a transaction is under way goes into the next one together. Each holds the row of the
 *  project's budget from its beginning: no two reserve at once, in whatever process. */
export class StoredLedger implements LlmLedger {
  /** Settled through this ledger. */
  settledUsd = 0;
  private ownUsd = 0;
  /** The last reservation that had no room. */
  refusal: Refusal | undefined;
  private readonly db: Db;
  private readonly account: Account;
  private waiting: Waiting[] = [];
  private isWriting = false;

  constructor(db: Db, account: Account) {
    this.db = db;
    this.account = account;
  }

  async recall(keys: readonly string[]): Promise<ReadonlyMap<string, Answer>> {
    if (keys.length === 0) return new Map();
    const rows = await this.db
      .selectFrom('llm_replies')
      .select(['key', 'answer'])
      .where('project_id', '=', this.account.project)
      .where('key', 'in', [...new Set(keys)])
      .execute();
    return new Map(rows.map(({ key, answer }) => [key, answer]));
  }

  async reserve(call: PlannedCall): Promise<ReserveOutcome> {
    let outcome: ReserveOutcome = { kind: 'reserved' };
    await this.write({ kind: 'reserve', call, answer: (given) => (outcome = given) });
    return outcome;
  }

  async settle(id: string, outcome: SettledCall): Promise<void> {
    await this.write({ kind: 'settle', id, outcome });
    this.settledUsd += outcome.usd;
  }

  async spending(): Promise<readonly Spending[]> {
    const rows = await this.db.selectFrom('llm_accounts').selectAll().where('project_id', '=', this.account.project).execute();
    return rows.map((row) => ({
      labeler: String(row.labeler_id) as LabelerId,
      usd: row.settled_usd + row.open_usd,
      openUsd: row.open_usd,
      calls: row.calls,
      answers: row.answers,
      usage: { input: row.input_tokens, cachedInput: row.cached_tokens, output: row.output_tokens },
    }));
  }

  private write(
    what: Omit<Extract<Waiting, { kind: 'reserve' }>, 'done' | 'failed'> | Omit<Extract<Waiting, { kind: 'settle' }>, 'done' | 'failed'>,
  ): Promise<void> {
    return new Promise((done, failed) => {
      this.waiting.push({ ...what, done, failed });
      void this.writeAll();
    });
  }

  private async writeAll(): Promise<void> {
    if (this.isWriting) return;
    this.isWriting = true;
    await new Promise((resolve) => void setImmediate(resolve));
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, mostAtOnce);
      try {
        const answers = await this.writeBatch(batch);
        for (const [i, one] of batch.entries()) {
          const answer = answers[i];
          if (answer instanceof Error) one.failed(answer);
          else {
            if (one.kind === 'reserve' && answer) one.answer(answer);
            one.done();
          }
        }
      } catch (error) {
        for (const one of batch) one.failed(error);
      }
    }
    this.isWriting = false;
  }

  /** Where the connection broke nobody knows whether it was committed: written again, what is there already counts once. */
  private async writeBatch(batch: readonly Waiting[]): Promise<(ReserveOutcome | Error | undefined)[]> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.db.transaction().execute((transaction) => this.writeIn(transaction, batch, attempt > 0));
      } catch (error) {
        if (attempt >= retries || faultOf(error, '').status !== 503) throw error;
        await sleep(250 * 2 ** attempt);
      }
    }
  }

  private async writeIn(db: Db, batch: readonly Waiting[], isAgain: boolean): Promise<(ReserveOutcome | Error | undefined)[]> {
    const { project, labeler, asking } = this.account;
    const budgetUsd = await lockBudget(db, project);
    const settles = batch.flatMap((one) => (one.kind === 'settle' ? [one] : []));
    const settled = await settleCalls(db, settles);
    const answers = settles.filter(({ id }) => settled.has(id)).flatMap(({ outcome }) => outcome.answers);
    await keepReplies(db, project, answers);
    const accounts = await standing(db, this.account);
    const freedUsd = [...settled.values()].reduce((sum, usd) => sum + usd, 0);
    const paid = settles.filter(({ id }) => settled.has(id)).map(({ outcome }) => outcome);
    const paidUsd = paid.reduce((sum, { usd }) => sum + usd, 0);
    const limits = [
      {
        budget: 'asking' as const,
        limitUsd: accounts.asking?.limitUsd ?? null,
        spentUsd: (accounts.asking?.spentUsd ?? 0) + paidUsd - freedUsd,
      },
      { budget: 'asking' as const, limitUsd: this.account.limitUsd ?? null, spentUsd: this.ownUsd + paidUsd - freedUsd },
      { budget: 'labeler' as const, limitUsd: accounts.labelerLimitUsd, spentUsd: accounts.labelerUsd + paidUsd - freedUsd },
      { budget: 'project' as const, limitUsd: budgetUsd, spentUsd: accounts.projectUsd + paidUsd - freedUsd },
    ];
    const allowed: PlannedCall[] = [];
    const outcomes = batch.map((one): ReserveOutcome | Error | undefined => {
      if (one.kind === 'settle')
        return settled.has(one.id) || isAgain
          ? undefined
          : new CoreError('no-reservation', `ledger: call ${one.id} is not reserved, or settled already`);
      const full = limits.find(({ limitUsd, spentUsd }) => limitUsd !== null && spentUsd + one.call.usd > limitUsd + roundingUsd);
      if (full) {
        const { budget, spentUsd } = full;
        const limitUsd = full.limitUsd as number;
        this.refusal = { budget, limitUsd, spentUsd };
        return { kind: 'over-budget', budget: budget === 'project' ? 'project' : 'labeler', limitUsd, spentUsd };
      }
      for (const limit of limits) limit.spentUsd += one.call.usd;
      allowed.push(one.call);
      return { kind: 'reserved' };
    });
    const reserved = await insertCalls(db, this.account, allowed);
    const openUsd = reserved.reduce((sum, usd) => sum + usd, 0) - freedUsd;
    const sumOf = (what: (outcome: SettledCall) => number) => paid.reduce((sum, outcome) => sum + what(outcome), 0);
    await sql`
      insert into llm_accounts as a (project_id, labeler_id, settled_usd, open_usd, calls, answers, input_tokens, cached_tokens, output_tokens)
      values (${project}, ${labeler}, ${paidUsd}, ${Math.max(0, openUsd)}, ${reserved.length}, ${answers.length},
        ${sumOf(({ usage }) => usage?.input ?? 0)}, ${sumOf(({ usage }) => usage?.cachedInput ?? 0)}, ${sumOf(({ usage }) => usage?.output ?? 0)})
      on conflict (project_id, labeler_id) do update set settled_usd = a.settled_usd + excluded.settled_usd,
        open_usd = ${openSum(sql`a.open_usd`, openUsd)}, calls = a.calls + excluded.calls, answers = a.answers + excluded.answers,
        input_tokens = a.input_tokens + excluded.input_tokens, cached_tokens = a.cached_tokens + excluded.cached_tokens,
        output_tokens = a.output_tokens + excluded.output_tokens`.execute(db);
    if (asking !== undefined)
      await sql`update askings set settled_usd = settled_usd + ${paidUsd}::float8, open_usd = ${openSum(sql`open_usd`, openUsd)}
        where id = ${asking}`.execute(db);
    this.ownUsd += paidUsd + openUsd;
    return outcomes;
  }
}

/** Differences of sums are not quite nothing where they should be. */
function openSum(before: RawBuilder<unknown>, change: number): RawBuilder<unknown> {
  return sql`case when ${before} + ${change}::float8 < 1e-9 then 0 else ${before} + ${change}::float8 end`;
}

/** Held until the transaction ends: one at a time spends a project's money. @returns the budget, null for none */
export async function lockBudget(db: Db, project: number): Promise<number | null> {
  await sql`insert into llm_budgets (project_id) values (${project}) on conflict do nothing`.execute(db);
  const row = await db
    .selectFrom('llm_budgets')
    .select('budget_usd')
    .where('project_id', '=', project)
    .forUpdate()
    .executeTakeFirstOrThrow();
  return row.budget_usd;
}

/** @returns what was reserved for each call that was open and is not any more */
async function settleCalls(
  db: Db,
  settles: readonly { readonly id: string; readonly outcome: SettledCall }[],
): Promise<ReadonlyMap<string, number>> {
  if (settles.length === 0) return new Map();
  const bills = settles.map(({ id, outcome: { usd, usage } }) => ({
    id,
    usd,
    input: usage?.input ?? null,
    cached: usage?.cachedInput ?? null,
    output: usage?.output ?? null,
  }));
  const { rows } = await sql<{ id: string; highest_usd: number }>`
    update llm_calls c set usd = s.usd, input_tokens = s.input, cached_tokens = s.cached, output_tokens = s.output, settled_at = now()
    from jsonb_to_recordset(${JSON.stringify(bills)}::jsonb) as s (id uuid, usd float8, input int8, cached int8, output int8)
    where c.id = s.id and c.settled_at is null returning c.id, c.highest_usd`.execute(db);
  return new Map(rows.map(({ id, highest_usd }) => [id, highest_usd]));
}

async function insertCalls(db: Db, { project, labeler, asking }: Account, calls: readonly PlannedCall[]): Promise<number[]> {
  if (calls.length === 0) return [];
  const { rows } = await sql<{ highest_usd: number }>`
    insert into llm_calls (id, project_id, labeler_id, asking_id, highest_usd)
    select c.id, ${project}::int, ${labeler}::int, ${asking ?? null}::int, c.usd
    from jsonb_to_recordset(${JSON.stringify(calls)}::jsonb) as c (id uuid, usd float8)
    on conflict (id) do nothing returning highest_usd`.execute(db);
  return rows.map(({ highest_usd }) => highest_usd);
}

/** The later answer under a key is the one that counts. */
async function keepReplies(db: Db, project: number, answers: SettledCall['answers']): Promise<void> {
  if (answers.length === 0) return;
  const latest = [...new Map(answers.map((recorded) => [recorded.key, recorded])).values()];
  await sql`
    insert into llm_replies (project_id, key, answer) select ${project}::int, r.key, r.answer
    from jsonb_to_recordset(${storable(latest)}::jsonb) as r (key text, answer jsonb)
    on conflict (project_id, key) do update set answer = excluded.answer, created_at = now()`.execute(db);
}

/** The database takes no NUL, and a model may write one. */
export function storable(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'string' ? inner.replaceAll('\0', '') : inner));
}

interface Standing {
  readonly projectUsd: number;
  readonly labelerUsd: number;
  readonly labelerLimitUsd: number | null;
  readonly asking: { readonly limitUsd: number | null; readonly spentUsd: number } | undefined;
}

async function standing(db: Db, { project, labeler, asking }: Account): Promise<Standing> {
  const accounts = await db
    .selectFrom('llm_accounts')
    .select(['labeler_id', 'budget_usd', 'settled_usd', 'open_usd'])
    .where('project_id', '=', project)
    .execute();
  const own = accounts.find(({ labeler_id }) => labeler_id === labeler);
  const row =
    asking === undefined
      ? undefined
      : await db.selectFrom('askings').select(['budget_usd', 'settled_usd', 'open_usd']).where('id', '=', asking).executeTakeFirst();
  return {
    projectUsd: accounts.reduce((sum, { settled_usd, open_usd }) => sum + settled_usd + open_usd, 0),
    labelerUsd: own ? own.settled_usd + own.open_usd : 0,
    labelerLimitUsd: own?.budget_usd ?? null,
    asking: row && { limitUsd: row.budget_usd, spentUsd: row.settled_usd + row.open_usd },
  };
}
