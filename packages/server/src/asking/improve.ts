import type { PromptProposal } from '@labelwright/contract/llm';
import {
  halvesForImprovement,
  improvementRequest,
  type JudgedItem,
  judgeImprovement,
  readImprovement,
} from '@labelwright/core/labelers/improve-prompt';
import { createRandom } from '@labelwright/core/math/random';
import { wilson } from '@labelwright/core/math/statistics';
import { type Answer, labelsOf } from '@labelwright/core/model/answer';
import { CoreError } from '@labelwright/core/model/errors';
import type { LabelId } from '@labelwright/core/model/ids';
import type { Item } from '@labelwright/core/model/item';
import type { Context, Member } from '../context.ts';
import { notFound } from '../errors.ts';
import { audit } from '../stores/audit.ts';
import { findLabeler } from '../stores/labelers.ts';
import { StoredLedger } from '../stores/llm-ledger.ts';
import { findProject } from '../stores/projects.ts';
import { askOnce, tooLittle } from './ask-once.ts';
import { sameLabels } from './confidence.ts';
import { examplesFor } from './examples.ts';
import { peoplesTruth } from './judged.ts';
import { itemsInOrder } from './pending.ts';
import { type Plan, planOf } from './plan.ts';
import { askAtOnce } from './try-prompt.ts';

/** Of each half at most. */
const mostJudged = 150;
const fewestJudged = 20;

/** A better template from the mistakes on one half of what people answered, judged on the other half, which it was not made from. Nothing is changed.
 *  @throws CoreError 'conflict' where there is too little to learn from, 'over-budget', 'bad-reply' where the proposal cannot be tried */
export async function improvePrompt(
  context: Context,
  { person }: Pick<Member, 'person'>,
  project: number,
  labeler: number,
  budgetUsd: number,
): Promise<PromptProposal> {
  const { db } = context;
  const found = await findProject(db, project);
  const row = await findLabeler(db, project, labeler);
  if (!found || !row || row.deleted_at) throw notFound('labeler');
  const plan = await planOf(db, found, { use: row.use, with: row.options, question: row.question });
  const { learned, heldOut } = await halves(context, plan, labeler);
  const ledger = new StoredLedger(db, { project, labeler: 0, limitUsd: budgetUsd });
  const judged = async (one: Plan, items: readonly AnsweredItem[]): Promise<JudgedItem[]> => {
    const examples = await examplesFor(context, one);
    const given = items.map(({ item }) => item);
    const { answers } = await askAtOnce(context, one, given, examples, { ledger });
    if (answers.some((answer) => answer === undefined)) throw tooLittle(budgetUsd);
    return items.map((each, i) => ({ ...each, said: said(answers[i]) }));
  };
  const before = await judged(plan, learned);
  const { question, guidelines, options } = plan;
  const request = improvementRequest({ template: options.template, question, ...(guidelines !== undefined && { guidelines }) }, before);
  const read = readImprovement(await askOnce(context, plan, request, ledger, budgetUsd), before);
  if ('failed' in read) throw new CoreError('bad-reply', `The model made no proposal that can be tried: ${read.failed}`);
  const next: Plan = { ...plan, options: { ...options, template: read.template } };
  const old = await judged(plan, heldOut);
  const after = await judged(next, heldOut);
  const verdict = judgeImprovement(
    old,
    after.map((each) => each.said),
  );
  const { onlyBefore, onlyAfter } = discordant(old, after);
  await audit(db, {
    action: 'prompt.improve',
    person: person.id,
    project,
    details: { labeler, better: verdict.offered, usd: ledger.settledUsd },
  });
  return {
    template: read.template,
    changes: read.reason,
    heldOut: {
      n: verdict.items,
      before: wilson(verdict.rightBefore, verdict.items),
      after: wilson(verdict.rightAfter, verdict.items),
      onlyBefore,
      onlyAfter,
      pValue: verdict.pValue,
    },
    better: verdict.offered,
    usd: ledger.settledUsd,
  };
}

interface AnsweredItem {
  readonly item: Item;
  readonly labels: readonly LabelId[];
}

/** The same halves every time: a second proposal is judged by nothing that the first was made from. */
async function halves(context: Context, plan: Plan, labeler: number): Promise<{ learned: AnsweredItem[]; heldOut: AnsweredItem[] }> {
  const truth = await peoplesTruth(context.db, plan.project, plan.question);
  const ordinals = Int32Array.from([...truth.keys()].sort((a, b) => a - b));
  const answered: AnsweredItem[] = [];
  let at = 0;
  for await (const item of itemsInOrder(context, plan, ordinals)) {
    const labels = truth.get(ordinals[at++]) ?? [];
    if (plan.technique.obstacle(item, plan.question, plan.options) === undefined) answered.push({ item, labels });
  }
  const { learned, heldOut } = halvesForImprovement(answered, createRandom(labeler));
  if (heldOut.length < fewestJudged)
    throw new CoreError(
      'conflict',
      `People answered ${answered.length} items so far: with ${2 * fewestJudged} a prompt can be improved on one half and judged on the other`,
    );
  return { learned: learned.slice(0, mostJudged), heldOut: heldOut.slice(0, mostJudged) };
}

function said(answer: Answer | undefined): readonly LabelId[] | undefined {
  return answer?.kind === 'labels' ? labelsOf(answer) : undefined;
}

function discordant(before: readonly JudgedItem[], after: readonly JudgedItem[]): { onlyBefore: number; onlyAfter: number } {
  const right = ({ said: given, labels }: JudgedItem) => given !== undefined && sameLabels(given, labels);
  let [onlyBefore, onlyAfter] = [0, 0];
  for (const [i, was] of before.entries()) {
    const [then, now] = [right(was), right(after[i])];
    if (then && !now) onlyBefore += 1;
    if (now && !then) onlyAfter += 1;
  }
  return { onlyBefore, onlyAfter };
}
