/** What is on the screen, by key. */
export type Records<Item extends Keyed> = ReadonlyMap<string, Item>;
export interface Keyed {
  readonly key: string;
}

/** A change and, read backwards, its undo. */
export interface Diff<Item extends Keyed> {
  /** Only what the person did is undone by the person. */
  readonly origin: 'person' | 'server';
  readonly added: readonly Item[];
  readonly updated: readonly (readonly [from: Item, to: Item])[];
  readonly removed: readonly Item[];
}

/** From what there is to what there shall be, key by key; undefined takes a record away. */
export function diffTo<Item extends Keyed>(
  records: Records<Item>,
  wanted: Readonly<Record<string, Item | undefined>>,
  origin: Diff<Item>['origin'],
): Diff<Item> {
  const added: Item[] = [];
  const updated: [Item, Item][] = [];
  const removed: Item[] = [];
  for (const [key, to] of Object.entries(wanted)) {
    const from = records.get(key);
    if (from && to) updated.push([from, to]);
    else if (to) added.push(to);
    else if (from) removed.push(from);
  }
  return { origin, added, updated, removed };
}

export function apply<Item extends Keyed>(records: Records<Item>, { added, updated, removed }: Diff<Item>): Records<Item> {
  const next = new Map(records);
  for (const { key } of removed) next.delete(key);
  for (const [, to] of updated) next.set(to.key, to);
  for (const item of added) next.set(item.key, item);
  return next;
}

export function inverse<Item extends Keyed>({ origin, added, updated, removed }: Diff<Item>): Diff<Item> {
  return { origin, added: removed, updated: updated.map(([from, to]) => [to, from] as const), removed: added };
}

/** What was done and can be undone, what was undone and can be done again; both newest last, without limit. */
export interface UndoHistory<Item extends Keyed> {
  readonly done: readonly Diff<Item>[];
  readonly undone: readonly Diff<Item>[];
}

export const noHistory = { done: [], undone: [] } as const;

/** Whoever does something new gives up what was undone. */
export function remember<Item extends Keyed>(history: UndoHistory<Item>, diff: Diff<Item>): UndoHistory<Item> {
  return { done: [...history.done, diff], undone: [] };
}

/** @returns the change that takes back the last one, and the history after it; undefined where there is none */
export function undo<Item extends Keyed>({
  done,
  undone,
}: UndoHistory<Item>): { diff: Diff<Item>; history: UndoHistory<Item> } | undefined {
  const last = done.at(-1);
  return last && { diff: inverse(last), history: { done: done.slice(0, -1), undone: [...undone, last] } };
}

export function redo<Item extends Keyed>({
  done,
  undone,
}: UndoHistory<Item>): { diff: Diff<Item>; history: UndoHistory<Item> } | undefined {
  const last = undone.at(-1);
  return last && { diff: last, history: { done: [...done, last], undone: undone.slice(0, -1) } };
}
