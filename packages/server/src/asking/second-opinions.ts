import type { GuidelineDraft, SecondOpinions } from '@labelwright/contract/llm';
import { guidelineRequest, readGuidelines } from '@labelwright/core/labelers/guideline-draft';
import type { AnsweredItem } from '@labelwright/core/labelers/labeler';
import { type Critique, criticRequest, readCritique } from '@labelwright/core/labelers/llm-critic';
import { CoreError } from '@labelwright/core/model/errors';
import type { LabelId } from '@labelwright/core/model/ids';
import { sql } from 'kysely';
import type { Context, Member } from '../context.ts';
import { notFound } from '../errors.ts';
import { audit } from '../stores/audit.ts';
import { findLabeler } from '../stores/labelers.ts';
import { StoredLedger } from '../stores/llm-ledger.ts';
import { peoplesVotes } from '../stores/peoples-votes.ts';
import { findProject } from '../stores/projects.ts';
import { askOnce } from './ask-once.ts';
import { peoplesTruth } from './judged.ts';
import { itemsInOrder } from './pending.ts';
import { type Plan, planOf } from './plan.ts';

/** More in one request, and models lose count. */
const perRequest = 8;
const atOnce = 4;
const mostDisputed = 200;

interface Wish {
  readonly project: number;
  readonly labeler: number;
  readonly budgetUsd: number;
}

/** What a language model thinks of people's answers, those that the labelers believe least first. It changes nothing.
 *  @throws CoreError 'conflict' where people answered nothing, 'over-budget' where nothing could be asked, LlmError */
export async function secondOpinions(
  context: Context,
  { person }: Pick<Member, 'person'>,
  { project, labeler, budgetUsd, items: wanted }: Wish & { readonly items: number },
): Promise<SecondOpinions> {
  const plan = await planOfLabeler(context, project, labeler);
  const truth = await peoplesTruth(context.db, plan.project, plan.question);
  if (truth.size === 0) throw new CoreError('conflict', 'People agreed on no answer yet: there is nothing to give a second opinion on');
  const ordinals = (await leastBelieved(context, plan, truth)).slice(0, wanted);
  const answered: (AnsweredItem & { readonly ordinal: number })[] = [];
  let at = 0;
  for await (const item of itemsInOrder(context, plan, Int32Array.from(ordinals))) {
    const ordinal = ordinals[at++];
    answered.push({ ordinal, item, labels: truth.get(ordinal) ?? [] });
  }
  const ledger = new StoredLedger(context.db, { project, labeler: 0, limitUsd: budgetUsd });
  const groups = Array.from({ length: Math.ceil(answered.length / perRequest) }, (_, g) =>
    answered.slice(g * perRequest, (g + 1) * perRequest),
  );
  const found: Critique[] = [];
  let fault: unknown;
  const work = async (): Promise<void> => {
    for (let group = groups.shift(); group && fault === undefined; group = groups.shift()) {
      try {
        const request = criticRequest(plan.question, group, plan.guidelines);
        found.push(readCritique(await askOnce(context, plan, request, ledger, budgetUsd), plan.question, group));
      } catch (error) {
        fault = error;
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  if (found.length === 0 && fault !== undefined) throw fault;
  if (fault !== undefined && !(fault instanceof CoreError)) throw fault;
  const place = new Map(answered.map(({ item, ordinal }) => [item.id, ordinal]));
  const ordinalOf = (id: AnsweredItem['item']['id']) => place.get(id) as number;
  await audit(context.db, {
    action: 'answers.second-opinions',
    person: person.id,
    project,
    details: { labeler, items: answered.length, usd: ledger.settledUsd },
  });
  return {
    looked: found.reduce((sum, { doubts, confirmed }) => sum + doubts.length + confirmed.length, 0),
    doubts: found
      .flatMap(({ doubts }) => doubts)
      .sort((a, b) => b.probability - a.probability)
      .map(({ item, given, proposed, reason, probability }) => ({
        ordinal: ordinalOf(item),
        id: item,
        given: [...given],
        proposed: [...proposed],
        reason,
        probability: Math.min(1, Math.max(0, probability)),
      })),
    failed: found.flatMap(({ failed }) => failed.map(({ item, reason }) => ({ ordinal: ordinalOf(item), id: item as string, reason }))),
    stopped: fault instanceof CoreError ? fault.message : null,
    usd: ledger.settledUsd,
  };
}

/** Definitions and edge cases, drafted from what people answered differently. Nothing of it holds before somebody adopts it.
 *  @throws CoreError 'conflict' where people differ on nothing, 'over-budget', 'bad-reply', LlmError */
export async function draftGuidelines(
  context: Context,
  { person }: Pick<Member, 'person'>,
  { project, labeler, budgetUsd }: Wish,
): Promise<GuidelineDraft> {
  const plan = await planOfLabeler(context, project, labeler);
  const answers = new Map<number, (readonly LabelId[])[]>();
  for (const { ordinals, labels } of await peoplesVotes(context.db, project, plan.question.id, {}))
    ordinals.forEach((ordinal, i) => answers.set(ordinal, [...(answers.get(ordinal) ?? []), labels[i]]));
  const disputed = [...answers]
    .filter(([, given]) => new Set(given.map((labels) => [...labels].sort().join('\n'))).size > 1)
    .slice(0, mostDisputed);
  if (disputed.length === 0) throw new CoreError('conflict', 'People differ on no item yet: let several people label the same items first');
  const items: { item: AnsweredItem['item']; answers: readonly (readonly LabelId[])[] }[] = [];
  let at = 0;
  const ordinals = Int32Array.from(disputed, ([ordinal]) => ordinal);
  for await (const item of itemsInOrder(context, plan, ordinals)) items.push({ item, answers: disputed[at++][1] });
  const ledger = new StoredLedger(context.db, { project, labeler: 0, limitUsd: budgetUsd });
  const reply = await askOnce(context, plan, guidelineRequest(plan.question, items, plan.guidelines), ledger, budgetUsd);
  const read = readGuidelines(reply, plan.question, items);
  if ('failed' in read) throw new CoreError('bad-reply', `The model made no draft that can be used: ${read.failed}`);
  await audit(context.db, { action: 'guidelines.draft', person: person.id, project, details: { labeler, usd: ledger.settledUsd } });
  const { definitions, edgeCases, openQuestions } = read.draft;
  return {
    disputed: disputed.length,
    definitions: definitions.map((each) => ({ ...each })),
    edgeCases: edgeCases.map((each) => ({ ...each })),
    openQuestions: [...openQuestions],
    leftOut: read.leftOut,
    usd: ledger.settledUsd,
  };
}

async function planOfLabeler({ db }: Context, project: number, labeler: number): Promise<Plan> {
  const found = await findProject(db, project);
  const row = await findLabeler(db, project, labeler);
  if (!found || !row || row.deleted_at) throw notFound('labeler');
  return planOf(db, found, { use: row.use, with: row.options, question: row.question });
}

/** By what the labelers alone give to the answer of people in the last run; what it does not know comes last. */
async function leastBelieved(
  { db }: Context,
  { project, question }: Plan,
  truth: ReadonlyMap<number, readonly LabelId[]>,
): Promise<number[]> {
  const place = new Map(question.labels.map(({ id }, c) => [id, c]));
  const { rows } = await sql<{ ordinal: number; posterior: number[] }>`
    select ordinal, posterior from held_out where run_id = ${project.current_run ?? -1} and question = ${question.id}`.execute(db);
  const believed = new Map(
    rows.map(({ ordinal, posterior }) => [
      ordinal,
      Math.min(1, ...(truth.get(ordinal) ?? []).map((label) => posterior[place.get(label) ?? -1] ?? 1)),
    ]),
  );
  return [...truth.keys()].sort((a, b) => (believed.get(a) ?? 2) - (believed.get(b) ?? 2) || a - b);
}
