import { z } from 'zod';
import { createOverlapIndex, jaccard, termsOf } from '../features/text-overlap.ts';
import { hashText } from '../math/random.ts';
import { CoreError } from '../model/errors.ts';
import { itemId, type LabelId } from '../model/ids.ts';
import { type Item, textOf } from '../model/item.ts';
import { isMade, type Made, type MadeKind, madeField } from '../model/made.ts';
import type { Question } from '../model/schema.ts';
import { named } from './improve-prompt.ts';
import type { AnsweredItem } from './labeler.ts';
import type { LlmReply, LlmRequest } from './llm-exchange.ts';
import { describeLabels } from './llm-template.ts';
import { readText, textRequest } from './llm-text-task.ts';

/** What to make. */
export interface Making {
  readonly kind: MadeKind;
  /** Paraphrase, variant, counterfactual: one item. New: examples of the label, several if there are. */
  readonly parents: readonly AnsweredItem[];
  readonly question: Question;
  /** The text part that is written anew; other parts are kept as they are. */
  readonly part: string;
  /** Made items wanted, at most 20 a request. */
  readonly count: number;
  /** What made items should be labeled: counterfactual and new. The others keep the label of their parent. */
  readonly label?: LabelId;
  /** Variant: "Scottish English", "a tired customer on a phone". */
  readonly style?: string;
}

export interface MadeItem {
  readonly item: Item;
  /** What it should be labeled: a wish, not a vote. Others have to verify it. */
  readonly intended: readonly LabelId[];
}

export interface MadeItems {
  readonly made: readonly MadeItem[];
  readonly dropped: readonly { readonly text: string; readonly reason: MakingFault }[];
  /** Of the whole reply, where nothing could be read. */
  readonly failed?: string;
}

export const makingFaults = ['blank', 'too long', 'same as its parent', 'near-duplicate', 'not a minimal edit'] as const;
export type MakingFault = (typeof makingFaults)[number];

const texts = z.strictObject({ texts: z.array(z.string()) });

/** @throws CoreError 'bad-making' where parents, label or style do not fit the kind, or a parent was made itself (copies of copies drift) */
export function makingRequest(making: Making): LlmRequest {
  check(making);
  const { question, parents, count } = making;
  return textRequest({
    system: [
      'You write items for a data set that trains a classifier. They must read as if found, not made: vary length, vocabulary and structure, and keep facts of the world right.',
      `The question: ${question.title}\nThe labels:\n${describeLabels(question)}`,
      wishOf(making),
    ].join('\n\n'),
    items: parents.map(({ item, labels }) => ({ item: partOnly(item, making.part), note: `Label: ${named(labels)}.` })),
    closing: `Write ${count} ${count === 1 ? 'text' : 'texts'}.`,
    name: 'texts',
    reply: texts,
    maxOutputTokens: 300 + count * 600,
    temperature: 1,
  });
}

/** Made items out of a reply: marked, with ids of their own, without blanks and near-duplicates (of their parents, of `existing`, of each other).
 *  Paraphrases may share at most `maxSimilarity` with anything; counterfactuals must stay near their parent, and only siblings are compared.
 *  @param by the model's name   @param existing texts of the data set */
export function readMade(
  reply: LlmReply,
  making: Making,
  {
    by,
    existing = [],
    maxSimilarity = 0.8,
  }: { readonly by: string; readonly existing?: Iterable<string>; readonly maxSimilarity?: number },
): MadeItems {
  const read = readText(reply, texts);
  if ('failed' in read) return { made: [], dropped: [], failed: read.failed };
  const { kind, parents, part } = making;
  const parentTexts = parents.map(({ item }) => textOf(item, part));
  const index = createOverlapIndex();
  if (kind !== 'counterfactual') for (const text of [...parentTexts, ...existing]) index.add(termsOf(text));
  const made: MadeItem[] = [];
  const dropped: { text: string; reason: MakingFault }[] = [];
  const mark: Made = { kind, parents: parents.map(({ item }) => item.id), prompt: promptVersion(makingRequest(making)), by };
  for (const raw of read.value.texts.slice(0, making.count)) {
    const text = raw.trim();
    const terms = termsOf(text);
    const reason = faultOf(text, terms, parentTexts, kind) ?? (index.nearest(terms) > maxSimilarity ? 'near-duplicate' : undefined);
    if (reason !== undefined) {
      dropped.push({ text, reason });
      continue;
    }
    index.add(terms);
    made.push({ item: madeItem(text, making, mark), intended: intendedOf(making) });
  }
  return { made, dropped };
}

/** A made item is used only where labelers other than the one that made it say what was intended, all who have an opinion and at least one. */
export function isVerified({ intended }: MadeItem, opinions: readonly (readonly LabelId[] | undefined)[]): boolean {
  const said = opinions.filter((labels) => labels !== undefined);
  return said.length > 0 && said.every((labels) => labels.length === intended.length && intended.every((label) => labels.includes(label)));
}

/** Eight hexadecimal digits that change with every word of the prompt but not with the items. */
function promptVersion({ system }: LlmRequest): string {
  return (hashText(system) >>> 0).toString(16).padStart(8, '0');
}

function madeItem(text: string, { parents, part, kind }: Making, mark: Made): Item {
  const seed = `${mark.kind}\n${mark.parents.join('\n')}\n${text}`;
  const code = [hashText(seed), hashText(`again ${seed}`)].map((hash) => (hash >>> 0).toString(16).padStart(8, '0')).join('');
  // Fields of the parent are facts about the parent: a made item has none, or the classifier would learn from them twice.
  const parts = kind === 'new' ? {} : parents[0].item.parts;
  return {
    id: itemId(`made-${code}`),
    parts: { ...parts, [part]: { modality: 'text', content: text } },
    fields: { [part]: text, [madeField]: mark },
  };
}

function intendedOf({ kind, label, parents }: Making): readonly LabelId[] {
  return (kind === 'counterfactual' || kind === 'new') && label !== undefined ? [label] : parents[0].labels;
}

function faultOf(text: string, terms: ReadonlySet<string>, parents: readonly string[], kind: MadeKind): MakingFault | undefined {
  if (terms.size === 0) return 'blank';
  const longest = Math.max(...parents.map((parent) => parent.length), 50);
  if (text.length > 4 * longest) return 'too long';
  const similarities = parents.map((parent) => jaccard(termsOf(parent), terms));
  if (similarities.some((similarity) => similarity === 1)) return 'same as its parent';
  return kind === 'counterfactual' && Math.max(...similarities) < 0.2 ? 'not a minimal edit' : undefined;
}

function wishOf({ kind, label, style }: Making): string {
  const wanted = label === undefined ? '' : JSON.stringify(label);
  switch (kind) {
    case 'paraphrase':
      return 'Say what the item says in other words, so that the same label holds.';
    case 'variant':
      return `Write the item as it would stand in this style or dialect, so that the same label holds: ${style ?? ''}`;
    case 'counterfactual':
      return `Change as few words of the item as possible so that the label ${wanted} holds instead. Keep all else as it is, letter by letter.`;
    case 'new':
      return `Write new items for which the label ${wanted} holds, unlike the examples in subject and wording.`;
    default:
      return kind satisfies never;
  }
}

function check({ kind, parents, count, label, style, question, part }: Making): void {
  const fail = (message: string): never => {
    throw new CoreError('bad-making', `llm-augment: ${message}`);
  };
  if (!(Number.isInteger(count) && count >= 1 && count <= 20)) fail(`count must be 1..20, got ${count}`);
  if (kind === 'new' ? parents.length === 0 : parents.length !== 1) {
    fail(`a ${kind} item needs ${kind === 'new' ? 'examples' : 'one parent'}, got ${parents.length}`);
  }
  const made = parents.find(({ item }) => isMade(item));
  if (made) fail(`item '${made.item.id}' was made itself`);
  const mute = parents.find(({ item }) => textOf(item, part).trim() === '');
  if (mute) fail(`item '${mute.item.id}' has no text in part '${part}'`);
  if (kind === 'variant' && (style === undefined || style.trim() === '')) fail('a variant needs a style');
  if (kind !== 'counterfactual' && kind !== 'new') return;
  if (label === undefined) fail(`a ${kind} item needs a label`);
  if (!question.labels.some(({ id }) => id === label)) fail(`there is no label '${label ?? ''}'`);
  if (kind === 'counterfactual' && parents[0].labels.some((one) => one === label)) fail(`the item has the label '${label ?? ''}' already`);
}

function partOnly(item: Item, part: string): Item {
  return { ...item, parts: { [part]: item.parts[part] } };
}
