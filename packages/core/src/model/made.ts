import type { ItemId } from './ids.ts';
import type { Item } from './item.ts';

export const madeKinds = ['paraphrase', 'variant', 'counterfactual', 'new'] as const;
export type MadeKind = (typeof madeKinds)[number];

/** The mark of an item that was made, not found: by a model or a program, from other items. */
export type Made = {
  readonly kind: MadeKind;
  /** What it was made from: one item, or several examples. */
  readonly parents: readonly ItemId[];
  /** Version of the prompt or program that made it. */
  readonly prompt: string;
  /** Who made it: a model's name. */
  readonly by: string;
};

/** The field that carries the mark. A field and not a property of its own: fields go through every store, file and thread as they are, so no
 *  way can be forgotten on which the mark would be lost and a made item pass for a found one. */
export const madeField = 'labelwright:made';

/** Marked, even where the mark is damaged: doubtful items count as made. */
export function isMade(item: Pick<Item, 'fields'>): boolean {
  return Object.hasOwn(item.fields, madeField) && item.fields[madeField] !== null && item.fields[madeField] !== '';
}

/** The mark; undefined where there is none or it cannot be read. Files without types carry it as text. */
export function madeOf(item: Pick<Item, 'fields'>): Made | undefined {
  if (!isMade(item)) return undefined;
  let mark: unknown = item.fields[madeField];
  try {
    if (typeof mark === 'string') mark = JSON.parse(mark);
  } catch {
    return undefined;
  }
  if (typeof mark !== 'object' || mark === null) return undefined;
  const { kind, parents, prompt, by } = mark as Record<string, unknown>;
  const known = madeKinds.find((one) => one === kind);
  if (known === undefined || !Array.isArray(parents) || typeof prompt !== 'string' || typeof by !== 'string') return undefined;
  return { kind: known, parents: parents.map(String) as ItemId[], prompt, by };
}

/** Rows of the items that were found: the only ones that audits, certificates, gold and test splits may draw from. */
export function foundRows(items: Iterable<Pick<Item, 'fields'>>): Int32Array {
  const rows: number[] = [];
  let row = 0;
  for (const item of items) {
    if (!isMade(item)) rows.push(row);
    row += 1;
  }
  return Int32Array.from(rows);
}
