import { z } from 'zod';
import type { Random } from '../math/random.ts';
import { type Difference, mcNemar, pairedDifference } from '../math/share-differences.ts';
import type { LabelId } from '../model/ids.ts';
import { foundRows } from '../model/made.ts';
import type { Question } from '../model/schema.ts';
import type { AnsweredItem } from './labeler.ts';
import type { LlmReply, LlmRequest } from './llm-exchange.ts';
import { describeLabels, templateFault } from './llm-template.ts';
import { copiesFrom, readText, textRequest } from './llm-text-task.ts';

/** An item that people answered, and what the prompt made of it. */
export interface JudgedItem extends AnsweredItem {
  /** undefined where it failed or abstained. */
  readonly said: readonly LabelId[] | undefined;
}

/** Halves of what people answered: mistakes of `learned` are shown to the model, `heldOut` judges its proposal and is never shown.
 *  Draw once and keep it, or a second proposal is judged by what the first was made from. Made items are in neither. */
export function halvesForImprovement<Answered extends AnsweredItem>(
  items: readonly Answered[],
  random: Random,
): { learned: Answered[]; heldOut: Answered[] } {
  const order = random.shuffle(Array.from(foundRows(items.map(({ item }) => item))));
  const half = Math.floor(order.length / 2);
  return { learned: order.slice(0, half).map((i) => items[i]), heldOut: order.slice(half).map((i) => items[i]) };
}

const proposal = z.strictObject({ reason: z.string(), template: z.string() });

/** Asks for a better template from the confusions: the most frequent ones first, up to `most` mistakes, spread over them. */
export function improvementRequest(
  { template, question, guidelines }: { readonly template: string; readonly question: Question; readonly guidelines?: string },
  learned: readonly JudgedItem[],
  most = 16,
): LlmRequest {
  const { mistakes, table } = mistakesOf(learned, most);
  return textRequest({
    system: [
      'You improve the instructions by which a language model labels items of a data set. Its mistakes show where the instructions mislead: definitions that overlap, edge cases that are not settled.',
      `The question: ${question.title}\nThe labels:\n${describeLabels(question)}`,
      ...(guidelines === undefined ? [] : [`The guidelines for people:\n${guidelines}`]),
      `The template in use, between the lines:\n----\n${template}\n----`,
      'Write a whole new template. Keep {{labels}} where the labels shall stand; {{question}}, {{guidelines}} and {{examples}} may be used as well, others may not. State rules in general words: never quote an item, never name one. Say nothing of the form of the reply.',
    ].join('\n\n'),
    items: mistakes.map(({ item, labels, said }) => ({ item, note: `People: ${named(labels)}. The model: ${named(said)}.` })),
    closing: `Right answers and mistakes so far:\n${table}\nPropose a template that would avoid the mistakes.`,
    name: 'proposal',
    reply: proposal,
    maxOutputTokens: 4000,
  });
}

/** The proposed template with its reason, or why it cannot be tried. */
export function readImprovement(
  reply: LlmReply,
  learned: readonly JudgedItem[],
): { readonly template: string; readonly reason: string } | { readonly failed: string } {
  const read = readText(reply, proposal);
  if ('failed' in read) return read;
  const { template, reason } = read.value;
  const wrong = templateFault(template);
  if (wrong !== undefined) return { failed: `malformed: ${wrong}` };
  if (
    copiesFrom(
      template,
      learned.map(({ item }) => item),
    )
  )
    return { failed: 'malformed: the template repeats text of an item' };
  return { template, reason };
}

export interface ImprovementVerdict {
  /** Worth offering to the user: better on held-out items, and not by luck alone. */
  readonly offered: boolean;
  readonly items: number;
  readonly rightBefore: number;
  readonly rightAfter: number;
  /** Accuracy after minus accuracy before. */
  readonly difference: Difference;
  /** Exact McNemar. */
  readonly pValue: number;
}

/** Judges old and new on the same held-out items, in their order. A proposal that did as well is not offered: change needs a reason. */
export function judgeImprovement(
  before: readonly JudgedItem[],
  after: readonly (readonly LabelId[] | undefined)[],
  maxPValue = 0.1,
): ImprovementVerdict {
  const counts = { both: 0, gained: 0, lost: 0, neither: 0 };
  for (const [i, { labels, said }] of before.entries()) {
    const was = isSame(said, labels);
    const is = isSame(after[i], labels);
    counts[was ? (is ? 'both' : 'lost') : is ? 'gained' : 'neither'] += 1;
  }
  const pValue = mcNemar(counts.gained, counts.lost);
  return {
    offered: counts.gained > counts.lost && pValue <= maxPValue,
    items: before.length,
    rightBefore: counts.both + counts.lost,
    rightAfter: counts.both + counts.gained,
    difference: pairedDifference(counts.both, counts.gained, counts.lost, counts.neither),
    pValue,
  };
}

function mistakesOf(learned: readonly JudgedItem[], most: number): { mistakes: JudgedItem[]; table: string } {
  const confusions = new Map<string, JudgedItem[]>();
  let right = 0;
  for (const judged of learned) {
    if (isSame(judged.said, judged.labels)) {
      right += 1;
      continue;
    }
    const key = `${named(judged.labels)} taken for ${named(judged.said)}`;
    confusions.set(key, [...(confusions.get(key) ?? []), judged]);
  }
  const groups = [...confusions].sort(([, a], [, b]) => b.length - a.length);
  const mistakes: JudgedItem[] = [];
  for (let turn = 0; mistakes.length < most && groups.some(([, group]) => group.length > turn); turn++) {
    for (const [, group] of groups) if (group.length > turn && mistakes.length < most) mistakes.push(group[turn]);
  }
  const lines = groups.map(([key, group]) => `- ${key}: ${group.length}`);
  return { mistakes, table: [`- right: ${right}`, ...lines].join('\n') };
}

export function isSame(one: readonly LabelId[] | undefined, other: readonly LabelId[]): boolean {
  return one !== undefined && one.length === other.length && other.every((label) => one.includes(label));
}

export function named(labels: readonly LabelId[] | undefined): string {
  if (labels === undefined) return 'no answer';
  return labels.length === 0 ? 'none' : labels.map((label) => JSON.stringify(label)).join(', ');
}
