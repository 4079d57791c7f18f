import { createHash } from 'node:crypto';
import type { MadeItems } from '@labelwright/contract/llm';
import { makingRequest, type Making, readMade } from '@labelwright/core/labelers/llm-augment';
import { CoreError } from '@labelwright/core/model/errors';
import type { ItemId, LabelId } from '@labelwright/core/model/ids';
import { type Item, textOf } from '@labelwright/core/model/item';
import { type MadeKind, madeField, madeOf } from '@labelwright/core/model/made';
import { sql } from 'kysely';
import type { Context, Member } from '../context.ts';
import { notFound } from '../errors.ts';
import { audit } from '../stores/audit.ts';
import { lockItems } from '../stores/imported-items.ts';
import { findLabeler } from '../stores/labelers.ts';
import { StoredLedger } from '../stores/llm-ledger.ts';
import { findProject } from '../stores/projects.ts';
import { askOnce } from './ask-once.ts';
import { randomOrdinals } from './estimate.ts';
import { truthOf } from './judged.ts';
import { itemsInOrder } from './pending.ts';
import { type Plan, planOf } from './plan.ts';

export interface MakeItems {
  readonly project: number;
  readonly labeler: number;
  readonly kind: MadeKind;
  readonly ordinals: readonly number[];
  readonly label?: string | undefined;
  readonly style?: string | undefined;
  readonly part?: string | undefined;
  readonly count: number;
  readonly budgetUsd: number;
}

/** So many texts of the project are compared with what is made. */
const mostCompared = 5_000;

/** Texts made from items by a language model: to be looked at, none of them is in the project yet.
 *  @throws CoreError 'bad-making', 'conflict' where nobody said what label a parent has, 'over-budget', 'bad-reply', LlmError */
export async function makeItems(context: Context, { person }: Pick<Member, 'person'>, wish: MakeItems): Promise<MadeItems> {
  const { project, labeler, kind, label, style, count, budgetUsd } = wish;
  const { db } = context;
  const found = await findProject(db, project);
  const row = await findLabeler(db, project, labeler);
  if (!found || !row || row.deleted_at) throw notFound('labeler');
  const plan = await planOf(db, found, { use: row.use, with: row.options, question: row.question });
  const parents = await parentsOf(context, plan, wish.ordinals);
  const part = wish.part ?? plan.question.part ?? textPartOf(parents[0]?.item);
  const making: Making = {
    kind,
    parents,
    question: plan.question,
    part,
    count,
    ...(label !== undefined && { label: label as LabelId }),
    ...(style !== undefined && { style }),
  };
  const ledger = new StoredLedger(db, { project, labeler: 0, limitUsd: budgetUsd });
  const reply = await askOnce(context, plan, makingRequest(making), ledger, budgetUsd);
  const existing: string[] = [];
  for await (const item of itemsInOrder(context, plan, randomOrdinals(found.items, mostCompared, 0))) existing.push(textOf(item, part));
  const { made, dropped, failed } = readMade(reply, making, { by: plan.options.model, existing });
  if (failed !== undefined) throw new CoreError('bad-reply', `The model made nothing that can be used: ${failed}`);
  await audit(db, {
    action: 'items.make',
    person: person.id,
    project,
    details: { labeler, kind, made: made.length, usd: ledger.settledUsd },
  });
  return {
    kind,
    part,
    parents: parents.map(({ item }) => item.id),
    prompt: (made[0] && madeOf(made[0].item)?.prompt) ?? '',
    by: plan.options.model,
    made: made.map(({ item, intended }) => ({ text: textOf(item, part), intended: [...intended] })),
    dropped: dropped.map((each) => ({ ...each })),
    usd: ledger.settledUsd,
  };
}

/** With the labels that gold or people gave them. */
async function parentsOf(context: Context, plan: Plan, ordinals: readonly number[]): Promise<{ item: Item; labels: readonly LabelId[] }[]> {
  const truth = await truthOf(context, plan.project, plan.question);
  const parents: { item: Item; labels: readonly LabelId[] }[] = [];
  let at = 0;
  for await (const item of itemsInOrder(context, plan, Int32Array.from(ordinals))) {
    const labels = truth.labels.get(ordinals[at++]);
    if (!labels) throw new CoreError('conflict', `Nobody has said yet what label item '${item.id}' has: label it first`);
    parents.push({ item, labels });
  }
  if (parents.length !== ordinals.length) throw notFound('item');
  return parents;
}

function textPartOf(item: Item | undefined): string {
  return Object.entries(item?.parts ?? {}).find(([, { modality }]) => modality === 'text')?.[0] ?? 'text';
}

export interface KeepMade {
  readonly kind: MadeKind;
  readonly part: string;
  readonly parents: readonly string[];
  readonly prompt: string;
  readonly by: string;
  readonly texts: readonly string[];
}

/** Puts made texts among the items, each with its mark: audits, certificates, examples and judges of prompts leave them out by it.
 *  @throws CoreError 'bad-request' where a parent is not there or was made itself */
export function keepMade(
  { db, events }: Context,
  { person }: Pick<Member, 'person'>,
  project: number,
  given: KeepMade,
): Promise<{ added: number }> {
  const { kind, part, parents, prompt, by, texts } = given;
  return db.transaction().execute(async (transaction) => {
    await lockItems(transaction, project);
    const found = await findProject(transaction, project);
    if (!found) throw notFound('project');
    const known = await sql<{ id: string; made: boolean }>`
      select id, fields ? ${madeField} as made from items where project_id = ${project} and id = any(${[...parents]}::text[])`.execute(
      transaction,
    );
    const missing = parents.find((parent) => !known.rows.some(({ id, made }) => id === parent && !made));
    if (missing !== undefined) throw new CoreError('bad-request', `There is no item '${missing}' that was found and not made`);
    const mark = { kind, parents: parents as ItemId[], prompt, by };
    const entries = [...new Set(texts)].map((text) => ({
      id: `made-${createHash('sha256')
        .update(JSON.stringify([kind, parents, text]))
        .digest('hex')
        .slice(0, 16)}`,
      fields: { [part]: text, [madeField]: mark },
    }));
    const { rows } = await sql<{ ordinal: number }>`
      insert into items (project_id, ordinal, id, fields)
      select ${project}::int, ${found.items}::int - 1 + row_number() over (order by e.place), e.id, e.fields from (
        select r.id, r.fields, r.place from rows from (jsonb_to_recordset(${JSON.stringify(entries)}::jsonb) as (id text, fields jsonb))
          with ordinality as r (id, fields, place)
        where not exists (select from items i where i.project_id = ${project} and i.id = r.id)) e
      returning ordinal`.execute(transaction);
    await transaction
      .updateTable('projects')
      .set({ items: found.items + rows.length })
      .where('id', '=', project)
      .execute();
    await events.publish(transaction, project, { kind: 'project' });
    await audit(transaction, { action: 'items.keep-made', person: person.id, project, details: { kind, by, added: rows.length } });
    return { added: rows.length };
  });
}
