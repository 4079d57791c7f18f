import type { SchemaJson } from '@labelwright/contract/schema';
import { labelColor } from '@labelwright/core/model/palette';

type Question = SchemaJson['questions'][number];
type Label = Question['labels'][number];
type LabelChange = { readonly [Key in Exclude<keyof Label, 'id'>]?: Label[Key] | undefined };

/** A question that begins with yes or no: both can be renamed, and others added. */
export function addQuestion(questions: readonly Question[], title: string): Question[] {
  const id = freeQuestionId(
    title,
    questions.map((question) => question.id),
  );
  return [...questions, { kind: 'choice', id, title: title.trim(), labels: [{ id: 'yes' }, { id: 'no' }], multiple: false }];
}

/** What a question is known as, once and for all: its title in short, and a number where another is known as that. */
export function freeQuestionId(title: string, taken: readonly string[]): string {
  const short = title
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .slice(0, 40)
    .replaceAll(/^-+|-+$/g, '');
  const stem = short === '' ? 'question' : short;
  let number = 1;
  while (taken.includes(number === 1 ? stem : `${stem}-${number}`)) number += 1;
  return number === 1 ? stem : `${stem}-${number}`;
}

export function moveQuestion(questions: readonly Question[], id: string, step: -1 | 1): Question[] {
  const from = questions.findIndex((question) => question.id === id);
  const to = from + step;
  const moved = [...questions];
  if (from < 0 || to < 0 || to >= moved.length) return moved;
  [moved[from], moved[to]] = [moved[to], moved[from]];
  return moved;
}

export function removeQuestion(questions: readonly Question[], id: string): Question[] {
  return questions.filter((question) => question.id !== id);
}

/** Puts a removed question back to where it was. */
export function restoreQuestion(questions: readonly Question[], before: readonly Question[], id: string): Question[] {
  const at = before.findIndex((question) => question.id === id);
  if (at < 0 || questions.some((question) => question.id === id)) return [...questions];
  return questions.toSpliced(at, 0, before[at]);
}

/** Nothing and the empty text take a property away. */
export function changeLabel(question: Question, id: string, change: LabelChange): Question {
  return { ...question, labels: question.labels.map((label) => (label.id === id ? cleaned({ ...label, ...change }) : label)) };
}

export function addLabel(question: Question, id: string): Question {
  return { ...question, labels: [...question.labels, { id }] };
}

/** The labels below it move to the top. */
export function removeLabel(question: Question, id: string): Question {
  const labels = withFixedColors(question.labels)
    .filter((label) => label.id !== id)
    .map((label) => (label.parent === id ? cleaned({ ...label, parent: undefined }) : label));
  return { ...question, labels };
}

/** Puts a removed label back to where it was, with what stood below it; colours that only stood in for a changed place go again. */
export function restoreLabel(question: Question, before: Question, id: string): Question {
  const at = before.labels.findIndex((label) => label.id === id);
  if (at < 0 || question.labels.some((label) => label.id === id)) return question;
  const wasBelow = new Set(before.labels.filter(({ parent }) => parent === id).map((label) => label.id));
  const labels = question.labels
    .toSpliced(at, 0, before.labels[at])
    .map((label) => (wasBelow.has(label.id) && label.parent === undefined ? { ...label, parent: id } : label))
    .map((label, position) => {
      const hadNone = before.labels[position]?.id === label.id && before.labels[position].color === undefined;
      return hadNone && label.color === labelColor(undefined, position) ? cleaned({ ...label, color: undefined }) : label;
    });
  return { ...question, labels };
}

export function moveLabel(question: Question, id: string, step: -1 | 1): Question {
  const from = question.labels.findIndex((label) => label.id === id);
  const to = from + step;
  if (from < 0 || to < 0 || to >= question.labels.length) return question;
  const labels = withFixedColors(question.labels);
  [labels[from], labels[to]] = [labels[to], labels[from]];
  return { ...question, labels };
}

/** What keeps a question from being used, in words for the one who types. */
export function schemaProblem({ labels, title }: Question): string | undefined {
  if (title.trim() === '') return 'A question needs words';
  const byId = new Map(labels.map((label) => [label.id, label]));
  for (const label of labels) {
    const twin = label.hotkey && labels.find((other) => other !== label && other.hotkey?.toLowerCase() === label.hotkey?.toLowerCase());
    if (twin) return `${nameOf(twin)} and ${nameOf(label)} have the same key ${label.hotkey}`;
    const seen = new Set<string>();
    for (let at: Label | undefined = label; at; at = at.parent === undefined ? undefined : byId.get(at.parent)) {
      if (seen.has(at.id)) return `${nameOf(label)} is below itself`;
      seen.add(at.id);
    }
  }
  return undefined;
}

/** Why a label of that name cannot be added. */
export function newLabelProblem({ labels }: Question, id: string): string | undefined {
  if (id.length > 200) return 'at most 200 characters';
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  if (/[\u0000-\u001f\u007f]/.test(id)) return 'no control characters';
  return labels.some((label) => label.id === id) ? 'there is such a label' : undefined;
}

export function nameOf({ id, title }: Label): string {
  return title ?? id;
}

/** Without a colour of its own, a label has that of its place; before places change, each keeps the one that people know it by. */
function withFixedColors(labels: readonly Label[]): Label[] {
  return labels.map((label, position) => ({ ...label, color: label.color ?? labelColor(undefined, position) }));
}

function cleaned(label: Label): Label {
  return Object.fromEntries(Object.entries(label).filter(([, value]) => value !== undefined && value !== '')) as Label;
}
