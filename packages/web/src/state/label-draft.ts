import type { SchemaJson } from '@labelwright/contract/schema';

type Question = SchemaJson['questions'][number];

/** A label while it is edited: `key` stays when its name changes. */
export interface LabelDraft {
  readonly key: string;
  readonly name: string;
  readonly color?: string;
  readonly hotkey?: string;
  /** `key` of the label above it. */
  readonly parent?: string;
  readonly description?: string;
}

let made = 0;

export function newLabel(name = '', more: Partial<LabelDraft> = {}): LabelDraft {
  made += 1;
  return { ...more, key: `label-${made}`, name };
}

/** What keeps the labels from being used, in words for the one who types them. */
export function labelProblems(labels: readonly LabelDraft[]): ReadonlyMap<string, string> {
  const problems = new Map<string, string>();
  const named = labels.filter(({ name }) => name.trim() !== '');
  for (const { key, name, hotkey } of named) {
    if (named.some((other) => other.key !== key && other.name.trim() === name.trim())) problems.set(key, 'another label has this name');
    else if (hotkey && named.some((other) => other.key !== key && other.hotkey === hotkey))
      problems.set(key, `another label has the key ${hotkey}`);
    else if (isUnderItself(key, labels)) problems.set(key, 'this label is below itself');
  }
  return problems;
}

function isUnderItself(key: string, labels: readonly LabelDraft[]): boolean {
  const parentOf = new Map(labels.map((label) => [label.key, label.parent]));
  const seen = new Set<string>();
  for (let at: string | undefined = parentOf.get(key); at !== undefined; at = parentOf.get(at)) {
    if (at === key || seen.has(at)) return true;
    seen.add(at);
  }
  return false;
}

/** The same labels, none below another. */
export function atTop(labels: readonly LabelDraft[]): LabelDraft[] {
  return labels.map((label) => {
    const { parent, ...rest } = label;
    return parent === undefined ? label : rest;
  });
}

/** Labels without a name are rows that nobody filled in: left out. */
export function writtenLabels(labels: readonly LabelDraft[]): Question['labels'] {
  const nameOf = new Map(labels.map(({ key, name }) => [key, name.trim()]));
  return labels
    .filter(({ name }) => name.trim() !== '')
    .map(({ name, color, hotkey, parent, description }) => ({
      id: name.trim(),
      ...(color && { color }),
      ...(hotkey && { hotkey }),
      ...(parent && nameOf.get(parent) && { parent: nameOf.get(parent) as string }),
      ...(description && { description }),
    }));
}

export function draftsOf(labels: Question['labels']): LabelDraft[] {
  const drafts = labels.map(({ id, color, hotkey, description }) =>
    newLabel(id, { ...(color && { color }), ...(hotkey && { hotkey }), ...(description && { description }) }),
  );
  return drafts.map((draft, index) => {
    const parent = drafts.find(({ name }) => name === labels[index].parent)?.key;
    return parent ? { ...draft, parent } : draft;
  });
}
