import { sql } from 'kysely';
import type { Db } from '../context.ts';
import { lockBudget } from './llm-ledger.ts';

export interface AccountRow {
  readonly labeler_id: number;
  readonly name: string | null;
  readonly usd: number;
  readonly open_usd: number;
  readonly budget_usd: number | null;
  readonly calls: number;
  readonly answers: number;
  readonly input_tokens: number;
  readonly cached_tokens: number;
  readonly output_tokens: number;
}

/** Of labelers that ever asked, or that have a budget; of trials last. */
export async function accountsOf(db: Db, project: number): Promise<AccountRow[]> {
  const { rows } = await sql<AccountRow>`
    select a.labeler_id, l.name, a.settled_usd + a.open_usd as usd, a.open_usd, a.budget_usd, a.calls, a.answers, a.input_tokens, a.cached_tokens,
      a.output_tokens
    from llm_accounts a left join labelers l on l.id = a.labeler_id where a.project_id = ${project}
    order by a.labeler_id = 0, a.labeler_id`.execute(db);
  return rows;
}

export async function projectBudget(db: Db, project: number): Promise<number | null> {
  const row = await db.selectFrom('llm_budgets').select('budget_usd').where('project_id', '=', project).executeTakeFirst();
  return row?.budget_usd ?? null;
}

/** What language models cost so far, by labeler (0: trials). */
export async function spentBy(db: Db, project: number): Promise<ReadonlyMap<number, number>> {
  const rows = await accountsOf(db, project);
  return new Map(rows.map(({ labeler_id, usd }) => [labeler_id, usd]));
}

export interface Limits {
  readonly budgetUsd?: number | null | undefined;
  readonly labelers: readonly { readonly id: number; readonly budgetUsd: number | null }[];
}

export async function setLimits(db: Db, project: number, { budgetUsd, labelers }: Limits): Promise<void> {
  await lockBudget(db, project);
  if (budgetUsd !== undefined)
    await db.updateTable('llm_budgets').set({ budget_usd: budgetUsd }).where('project_id', '=', project).execute();
  for (const { id, budgetUsd: limit } of labelers)
    await db
      .insertInto('llm_accounts')
      .values({ project_id: project, labeler_id: id, budget_usd: limit })
      .onConflict((conflict) => conflict.columns(['project_id', 'labeler_id']).doUpdateSet({ budget_usd: limit }))
      .execute();
}

/** Of all askings of a version. */
export async function usdOfVersion(db: Db, labeler: number, version: number): Promise<number> {
  const { rows } = await sql<{ usd: number }>`
    select coalesce(sum(settled_usd + open_usd), 0)::float8 as usd from askings where labeler_id = ${labeler} and version = ${version}`.execute(
    db,
  );
  return rows[0].usd;
}
