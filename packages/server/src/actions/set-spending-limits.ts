import type { Context, Member } from '../context.ts';
import { notFound } from '../errors.ts';
import { audit } from '../stores/audit.ts';
import { findLabeler } from '../stores/labelers.ts';
import { type Limits, setLimits } from '../stores/spending.ts';

/** Askings under way go by them with their next call. */
export function setSpendingLimits({ db }: Context, { person }: Pick<Member, 'person'>, project: number, limits: Limits): Promise<void> {
  return db.transaction().execute(async (transaction) => {
    for (const { id } of limits.labelers) if (!(await findLabeler(transaction, project, id))) throw notFound('labeler');
    await setLimits(transaction, project, limits);
    const { budgetUsd, labelers } = limits;
    const details = {
      ...(budgetUsd !== undefined && { budgetUsd }),
      labelers: labelers.map(({ id, budgetUsd: usd }) => ({ id, budgetUsd: usd })),
    };
    await audit(transaction, { action: 'spending.limit', person: person.id, project, details });
  });
}
