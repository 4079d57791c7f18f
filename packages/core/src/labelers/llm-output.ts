import { z } from 'zod';
import { failed } from '../model/answer.ts';
import type { LabelId } from '../model/ids.ts';
import type { Json } from '../model/json.ts';
import { labelIds, type Question } from '../model/schema.ts';
import type { LlmReply, LlmRequest } from './llm-exchange.ts';

/** Kinds of failure, the first words of a `failed` reason: what reports count by. */
export const llmFaults = ['refused', 'cut off', 'malformed', 'unknown label', 'missing', 'wrong order'] as const;
export type LlmFault = (typeof llmFaults)[number];

export function fault(kind: LlmFault, what: string): { readonly kind: 'failed'; readonly reason: string } {
  return failed(`${kind}: ${what}`) as { kind: 'failed'; reason: string };
}

/** undefined for reasons that are not of a reply (the network's, the budget's). */
export function faultKind(reason: string): LlmFault | undefined {
  return llmFaults.find((kind) => reason.startsWith(`${kind}: `));
}

export interface OutputShape {
  readonly reasoning: boolean;
  readonly stated: boolean;
  /** May the model have no opinion? */
  readonly abstain: boolean;
}

/** What a model says of one item, checked. */
export interface LlmOpinion {
  /** Indices of labels, ascending; undefined: it has no opinion. */
  readonly labels: readonly number[] | undefined;
  /** 0..1 where it stated one. */
  readonly stated: number | undefined;
  /** Which value of `label` or `labels` in the reply it was: 0, 1 … */
  readonly place: number;
}

export type OpinionOrFault = LlmOpinion | { readonly kind: 'failed'; readonly reason: string };

/** The choice that says "no opinion": a name that no label has. */
export function abstention(question: Question): string {
  const taken = new Set<string>(labelIds(question));
  let name = 'cannot tell';
  while (taken.has(name)) name = `${name}?`;
  return name;
}

/** The closed schema of a reply: one flat answer for one item, a list with ids for several. */
export function outputSchema(question: Question, count: number, shape: OutputShape): LlmRequest['outputSchema'] {
  const { one, several } = formsOf(question, shape);
  return count > 1 ? several.schema : one.schema;
}

interface Form {
  readonly entry: z.ZodObject;
  readonly schema: LlmRequest['outputSchema'];
}

interface Forms {
  readonly one: Form;
  readonly several: Form;
}

/** Made once per question and shape: making them costs more than all else of a request. */
const forms = new WeakMap<Question, Map<string, Forms>>();

function formsOf(question: Question, shape: OutputShape): Forms {
  const known = forms.get(question) ?? new Map<string, Forms>();
  forms.set(question, known);
  const key = `${shape.reasoning} ${shape.stated} ${shape.abstain}`;
  let made = known.get(key);
  if (!made) {
    const one = entryOf(question, false, shape);
    const several = entryOf(question, true, shape);
    made = {
      one: { entry: one, schema: jsonSchemaOf(one) },
      several: { entry: several, schema: jsonSchemaOf(z.strictObject({ answers: z.array(several) })) },
    };
    known.set(key, made);
  }
  return made;
}

function jsonSchemaOf(form: z.ZodType): LlmRequest['outputSchema'] {
  const { $schema: _, ...schema } = z.toJSONSchema(form) as { $schema: Json };
  return { name: 'labels', schema };
}

function entryOf(question: Question, withId: boolean, { reasoning, stated, abstain }: OutputShape): z.ZodObject {
  const label = z.enum([...labelIds(question), ...(abstain ? [abstention(question)] : [])]);
  return z.strictObject({
    ...(withId ? { id: z.string() } : {}),
    ...(reasoning ? { reasoning: z.string() } : {}),
    ...(question.multiple ? { labels: z.array(label) } : { label }),
    ...(stated ? { confidence: z.number() } : {}),
  });
}

/** One opinion or fault per id. Ids are checked: an item whose id is missing or there twice failed; ids in another order than asked are
 *  not trusted at all, since nothing tells whether the ids or the answers were mixed up. */
export function readOutput(reply: LlmReply, ids: readonly string[], question: Question, shape: OutputShape): OpinionOrFault[] {
  const all = (wrong: OpinionOrFault): OpinionOrFault[] => ids.map(() => wrong);
  if (reply.finish === 'refused') return all(fault('refused', 'the model would not answer'));
  if (reply.finish === 'length') return all(fault('cut off', 'the reply was longer than allowed'));
  const parsed = parseReply(reply.text);
  if (parsed === undefined) return all(fault('malformed', 'the reply is not JSON'));
  if (ids.length === 1) return [readEntry(parsed, 0, question, shape, false)];
  const outer = z.strictObject({ answers: z.array(z.unknown()) }).safeParse(parsed);
  if (!outer.success) return all(fault('malformed', 'the reply is not a list of answers'));
  return readBatch(outer.data.answers, ids, question, shape);
}

function readBatch(answers: readonly unknown[], ids: readonly string[], question: Question, shape: OutputShape): OpinionOrFault[] {
  const places = new Map<string, number[]>(ids.map((id) => [id, []]));
  for (const [place, answer] of answers.entries()) places.get(idOf(answer) ?? '')?.push(place);
  const order = ids.flatMap((id) => places.get(id) as number[]);
  const inOrder = order.every((place, i) => i === 0 || place > order[i - 1]);
  return ids.map((id) => {
    const found = places.get(id) as number[];
    if (found.length === 0) return fault('missing', 'the reply has no answer for this item');
    if (found.length > 1) return fault('malformed', `the reply has ${found.length} answers for this item`);
    if (!inOrder) return fault('wrong order', 'the answers came in another order than asked: it is not certain which item is meant');
    const place = answers.slice(0, found[0]).filter((answer) => hasValue(answer, question)).length;
    return readEntry(answers[found[0]], place, question, shape, true);
  });
}

function idOf(answer: unknown): string | undefined {
  const id = typeof answer === 'object' && answer !== null && Object.hasOwn(answer, 'id') ? (answer as { id: unknown }).id : undefined;
  return typeof id === 'string' ? id : undefined;
}

function hasValue(answer: unknown, question: Question): boolean {
  return typeof answer === 'object' && answer !== null && Object.hasOwn(answer, question.multiple ? 'labels' : 'label');
}

function readEntry(entry: unknown, place: number, question: Question, shape: OutputShape, withId: boolean): OpinionOrFault {
  const known = labelIds(question);
  const none = abstention(question);
  const { one, several } = formsOf(question, shape);
  const result = (withId ? several : one).entry.safeParse(entry);
  if (!result.success) return entryFault(entry, known, shape.abstain ? none : undefined, result.error);
  const said = (question.multiple ? result.data['labels'] : [result.data['label']]) as readonly (LabelId | string)[];
  const confidence = result.data['confidence'];
  const stated = typeof confidence === 'number' && confidence >= 0 && confidence <= 1 ? confidence : undefined;
  if (said.includes(none) && shape.abstain) {
    return said.length === 1 ? { labels: undefined, stated, place } : fault('malformed', 'it has labels and has none to give at once');
  }
  const labels = [...new Set(said.map((label) => known.indexOf(label as LabelId)))].sort((a, b) => a - b);
  return { labels, stated, place };
}

function entryFault(entry: unknown, known: readonly string[], none: string | undefined, error: z.ZodError): OpinionOrFault {
  const { label, labels } = (typeof entry === 'object' && entry !== null ? entry : {}) as { label?: unknown; labels?: unknown };
  const said = [label, ...(Array.isArray(labels) ? (labels as unknown[]) : [])];
  const unknown = said.find((name): name is string => typeof name === 'string' && name !== none && !known.includes(name));
  if (unknown !== undefined) return fault('unknown label', clipped(unknown));
  const [issue] = error.issues;
  return fault('malformed', `${issue.path.length > 0 ? `${issue.path.join('.')}: ` : ''}${clipped(issue.message)}`);
}

/** What a reply says may end up in logs and tables: short, one line. */
function clipped(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 80 ? `${line.slice(0, 80)}…` : line;
}

const longest = 1_000_000;

/** JSON, or JSON in a code fence (small models cannot help it); nothing else is guessed. */
export function parseReply(text: string): Json | undefined {
  if (text.length > longest) return undefined;
  const fenced = /^\s*```(?:json)?\s*\n([\s\S]*?)\n?\s*```\s*$/.exec(text);
  try {
    return JSON.parse(fenced ? fenced[1] : text) as Json;
  } catch {
    return undefined;
  }
}
