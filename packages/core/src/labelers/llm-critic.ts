import { z } from 'zod';
import type { ItemId, LabelId } from '../model/ids.ts';
import { labelIds, type Question } from '../model/schema.ts';
import { isSame, named } from './improve-prompt.ts';
import type { AnsweredItem } from './labeler.ts';
import type { LlmReply, LlmRequest } from './llm-exchange.ts';
import { describeLabels } from './llm-template.ts';
import { readText, shownIds, textRequest } from './llm-text-task.ts';

/** A second opinion on answers of people. It changes nothing: what it doubts is listed for people to look at again. */
export interface Doubt {
  readonly item: ItemId;
  readonly given: readonly LabelId[];
  readonly proposed: readonly LabelId[];
  /** In the model's words, at most 300 characters: untrusted text. */
  readonly reason: string;
  /** That the given answer is wrong, as the model states it: not calibrated, good for the order only. */
  readonly probability: number;
}

export interface Critique {
  /** Most sure first. */
  readonly doubts: readonly Doubt[];
  /** Items that were looked at and not doubted. */
  readonly confirmed: readonly ItemId[];
  /** Items without a usable opinion, and why. */
  readonly failed: readonly { readonly item: ItemId; readonly reason: string }[];
}

/** The model is not told what people answered until it has to judge it: it first says what it would answer, then looks at the given answer.
 *  Models that see an answer first tend to agree with it. */
export function criticRequest(question: Question, answered: readonly AnsweredItem[], guidelines?: string): LlmRequest {
  const items = answered.map(({ item }) => ({ item }));
  const ids = shownIds(items);
  const given = answered.map(({ labels }, i) => `- ${ids[i]}: ${named(labels)}`).join('\n');
  return textRequest({
    system: [
      'You check answers that people gave when they labeled items. Doubt an answer only where the definitions speak against it; matters of taste are not mistakes.',
      `The question: ${question.title}\nThe labels${question.multiple ? ' (several may hold, or none)' : ''}:\n${describeLabels(question)}`,
      ...(guidelines === undefined || guidelines.trim() === '' ? [] : [`The guidelines:\n${guidelines.trim()}`]),
      'For each item, in the order given: its id, the labels that you would give (own), your reason in one sentence, whether the given answer is wrong (wrong), and the probability from 0 to 1 that it is wrong (probability).',
    ].join('\n\n'),
    items,
    closing: `Decide on each item by itself first. These answers were given:\n${given}`,
    name: 'critique',
    reply: critique(labelIds(question)),
    maxOutputTokens: 200 + 150 * answered.length,
  });
}

export function readCritique(reply: LlmReply, question: Question, answered: readonly AnsweredItem[]): Critique {
  const ids = shownIds(answered.map(({ item }) => ({ item })));
  const read = readText(reply, looseCritique);
  if ('failed' in read) return { doubts: [], confirmed: [], failed: answered.map(({ item }) => ({ item: item.id, reason: read.failed })) };
  const known = new Set<string>(labelIds(question));
  const doubts: Doubt[] = [];
  const confirmed: ItemId[] = [];
  const failed: { item: ItemId; reason: string }[] = [];
  for (const [i, { item, labels }] of answered.entries()) {
    const opinions = read.value.opinions.filter(({ id }) => id === ids[i]);
    const wrong = faultOf(opinions, known, question.multiple);
    if (wrong !== undefined) {
      failed.push({ item: item.id, reason: wrong });
      continue;
    }
    const [{ own, wrong: isWrong, reason, probability }] = opinions;
    const proposed = [...new Set(own)] as LabelId[];
    // "Wrong" without another answer, or another answer without "wrong", is no doubt that a person could follow.
    if (isWrong && !isSame(proposed, labels)) doubts.push({ item: item.id, given: labels, proposed, reason: clipped(reason), probability });
    else confirmed.push(item.id);
  }
  doubts.sort((a, b) => b.probability - a.probability);
  return { doubts, confirmed, failed };
}

function faultOf(opinions: readonly { own: readonly string[] }[], known: ReadonlySet<string>, multiple: boolean): string | undefined {
  if (opinions.length !== 1) return opinions.length === 0 ? 'missing: the reply has no opinion on this item' : 'malformed: it has several';
  const [{ own }] = opinions;
  const unknown = own.find((label) => !known.has(label));
  if (unknown !== undefined) return `unknown label: ${unknown.slice(0, 80)}`;
  return multiple || own.length === 1 ? undefined : 'malformed: there must be exactly one label';
}

function critique(labels: readonly string[]): z.ZodType {
  const opinion = z.strictObject({
    id: z.string(),
    own: z.array(z.enum(labels)),
    reason: z.string(),
    wrong: z.boolean(),
    probability: z.number(),
  });
  return z.strictObject({ opinions: z.array(opinion) });
}

const looseCritique = z.strictObject({
  opinions: z.array(
    z.strictObject({ id: z.string(), own: z.array(z.string()), reason: z.string(), wrong: z.boolean(), probability: z.number() }),
  ),
});

function clipped(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
