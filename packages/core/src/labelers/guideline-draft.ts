import { z } from 'zod';
import type { LabelId } from '../model/ids.ts';
import type { Item } from '../model/item.ts';
import { labelIds, type Question } from '../model/schema.ts';
import { named } from './improve-prompt.ts';
import type { LlmReply, LlmRequest } from './llm-exchange.ts';
import { describeLabels } from './llm-template.ts';
import { copiesFrom, readText, textRequest } from './llm-text-task.ts';

/** An item that people answered differently. */
export interface DisputedItem {
  readonly item: Item;
  /** One per person. */
  readonly answers: readonly (readonly LabelId[])[];
}

/** A draft for people to edit: nothing of it holds before somebody adopts it. */
export interface GuidelineDraft {
  readonly definitions: readonly { readonly label: LabelId; readonly definition: string }[];
  /** Rules for what people disagreed on. */
  readonly edgeCases: readonly { readonly rule: string; readonly label: LabelId; readonly why: string }[];
  /** What only the owner of the project can settle. */
  readonly openQuestions: readonly string[];
}

/** Drafts definitions and edge cases from what people disagree on. Items with less agreement first, at most `most`. */
export function guidelineRequest(question: Question, disputed: readonly DisputedItem[], guidelines?: string, most = 20): LlmRequest {
  return textRequest({
    system: [
      'You help the owner of a data set to write labeling guidelines. People answered the items below differently: find out what the definitions leave open, and propose wording that would make them agree.',
      `The question: ${question.title}\nThe labels:\n${describeLabels(question)}`,
      ...(guidelines === undefined || guidelines.trim() === '' ? [] : [`The guidelines so far:\n${guidelines.trim()}`]),
      'Write one definition per label that needs a better one, rules for edge cases in general words (never quoting an item), and questions that only the owner can settle. Invent no facts about the purpose of the data.',
    ].join('\n\n'),
    items: mostDisputed(disputed, most).map(({ item, answers }) => ({ item, note: `People: ${countsOf(answers)}.` })),
    closing: 'Draft the guidelines.',
    name: 'guidelines',
    reply: draftOf(z.enum(labelIds(question))),
    maxOutputTokens: 4000,
  });
}

/** What does not fit the question, and what repeats an item, is left out and counted. */
export function readGuidelines(
  reply: LlmReply,
  question: Question,
  disputed: readonly DisputedItem[],
): { readonly draft: GuidelineDraft; readonly leftOut: number } | { readonly failed: string } {
  const read = readText(reply, draftOf(z.string()));
  if ('failed' in read) return read;
  const known = new Set<string>(labelIds(question));
  const items = disputed.map(({ item }) => item);
  const { definitions, edgeCases, openQuestions } = read.value;
  const isOurs = (text: string): boolean => text.trim() !== '' && text.length <= 2000 && !copiesFrom(text, items);
  const draft: GuidelineDraft = {
    definitions: definitions.flatMap(({ label, definition }) =>
      known.has(label) && isOurs(definition) ? [{ label: label as LabelId, definition }] : [],
    ),
    edgeCases: edgeCases.flatMap(({ rule, label, why }) =>
      known.has(label) && isOurs(`${rule}\n${why}`) ? [{ rule, label: label as LabelId, why }] : [],
    ),
    openQuestions: openQuestions.filter(isOurs),
  };
  const countOf = (one: { definitions: readonly unknown[]; edgeCases: readonly unknown[]; openQuestions: readonly unknown[] }): number =>
    one.definitions.length + one.edgeCases.length + one.openQuestions.length;
  return { draft, leftOut: countOf(read.value) - countOf(draft) };
}

function draftOf<Name extends z.ZodType<string>>(label: Name) {
  return z.strictObject({
    definitions: z.array(z.strictObject({ label, definition: z.string() })),
    edgeCases: z.array(z.strictObject({ rule: z.string(), label, why: z.string() })),
    openQuestions: z.array(z.string()),
  });
}

/** By the share of the most frequent answer, least first; more answers before fewer. */
function mostDisputed(disputed: readonly DisputedItem[], most: number): DisputedItem[] {
  const share = ({ answers }: DisputedItem): number => Math.max(0, ...tally(answers).values()) / Math.max(1, answers.length);
  return [...disputed].sort((a, b) => share(a) - share(b) || b.answers.length - a.answers.length).slice(0, most);
}

function tally(answers: DisputedItem['answers']): Map<string, number> {
  const counts = new Map<string, number>();
  for (const labels of answers) counts.set(named(labels), (counts.get(named(labels)) ?? 0) + 1);
  return counts;
}

function countsOf(answers: DisputedItem['answers']): string {
  return [...tally(answers)].map(([labels, count]) => `${count} × ${labels}`).join('; ');
}
