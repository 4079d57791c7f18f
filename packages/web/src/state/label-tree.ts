import type { SchemaJson } from '@labelwright/contract/schema';

export type Question = SchemaJson['questions'][number];
export type Label = Question['labels'][number];

/** A label as a row of the palette. */
export interface LabelRow {
  readonly label: Label;
  /** Where it stands in the question: it gives the colour. */
  readonly position: number;
  readonly depth: number;
  readonly hasChildren: boolean;
}

/** All labels, each under its parent, in the order of the schema. */
export function labelRows({ labels }: Question): LabelRow[] {
  const below = new Map<string | undefined, number[]>();
  for (const [position, { parent }] of labels.entries()) below.set(parent, [...(below.get(parent) ?? []), position]);
  const walk = (parent: string | undefined, depth: number): LabelRow[] =>
    (below.get(parent) ?? []).flatMap((position) => {
      const label = labels[position];
      return [{ label, position, depth, hasChildren: below.has(label.id) }, ...walk(label.id, depth + 1)];
    });
  return walk(undefined, 0);
}

/** Rows on the screen: those whose parents are all open or, while somebody looks for a name, those that match with all above them. */
export function visibleRows(rows: readonly LabelRow[], open: ReadonlySet<string>, sought: string): LabelRow[] {
  const byId = new Map(rows.map((row) => [row.label.id, row]));
  const above = (row: LabelRow): LabelRow[] => {
    const parent = row.label.parent === undefined ? undefined : byId.get(row.label.parent);
    return parent ? [...above(parent), parent] : [];
  };
  const wanted = fold(sought.trim());
  if (wanted === '') return rows.filter((row) => above(row).every(({ label }) => open.has(label.id)));
  const found = new Set(rows.filter(({ label }) => matches(label, wanted)).flatMap((row) => [...above(row), row]));
  return rows.filter((row) => found.has(row));
}

/** The best match of what was typed: a name that begins so before one that merely holds it. */
export function bestMatch(rows: readonly LabelRow[], sought: string): LabelRow | undefined {
  const wanted = fold(sought.trim());
  if (wanted === '') return undefined;
  return rows.find(({ label }) => names(label).some((name) => name.startsWith(wanted))) ?? rows.find(({ label }) => matches(label, wanted));
}

/** Which key chooses which label: its own, else 1–9 for the first nine of a level. In a tree the digits walk down: `branch` is the label whose
 *  children they are for. */
export function labelKeys(rows: readonly LabelRow[], branch: string | undefined): Map<string, string> {
  const keys = new Map<string, string>();
  const level = rows.filter(({ label }) => label.parent === branch).slice(0, 9);
  for (const [index, { label }] of level.entries()) keys.set(String(index + 1), label.id);
  for (const { label } of rows) if (label.hotkey !== undefined && label.hotkey !== ' ') keys.set(label.hotkey.toLowerCase(), label.id);
  return keys;
}

/** What is chosen after a label is picked: in its stead, or with multiple labels, as well or no longer. */
export function picked(chosen: readonly string[], label: string, isMultiple: boolean): readonly string[] {
  if (!isMultiple) return [label];
  return chosen.includes(label) ? chosen.filter((other) => other !== label) : [...chosen, label];
}

function matches(label: Label, wanted: string): boolean {
  return names(label).some((name) => name.includes(wanted));
}

function names({ id, title }: Label): string[] {
  return [title ?? id, id].map(fold);
}

/** Without capitals and accents, so that `cafe` finds `Café`. */
function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/** One label of a few, without a tree: each can have a button and a digit of its own. */
export function isPlain({ labels, multiple }: Question): boolean {
  return !multiple && labels.length <= 9 && labels.every(({ parent }) => parent === undefined);
}
