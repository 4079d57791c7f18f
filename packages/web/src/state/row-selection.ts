/** What is selected in a table of more rows than the browser has: some, by the items' positions, or all that match the filter. */
export interface RowSelection {
  readonly kind: 'some' | 'all';
  /** Positions of items in the project. */
  readonly ordinals: ReadonlySet<number>;
  /** The row from which Shift extends. */
  readonly anchor: number | null;
}

export const nothingSelected: RowSelection = { kind: 'some', ordinals: new Set(), anchor: null };
export const everythingSelected: RowSelection = { kind: 'all', ordinals: new Set(), anchor: null };
/** What the server takes by position at once. */
export const mostSelected = 10_000;

export function isSelected({ kind, ordinals }: RowSelection, ordinal: number): boolean {
  return kind === 'all' || ordinals.has(ordinal);
}

export function countSelected({ kind, ordinals }: RowSelection, total: number): number {
  return kind === 'all' ? total : ordinals.size;
}

/** One more, or one less. Out of all that match nothing can be taken away: then only this one is selected. */
export function toggled({ kind, ordinals }: RowSelection, ordinal: number, row: number): RowSelection {
  if (kind === 'all') return { kind: 'some', ordinals: new Set([ordinal]), anchor: row };
  const next = new Set(ordinals);
  if (!next.delete(ordinal)) next.add(ordinal);
  return { kind: 'some', ordinals: next, anchor: row };
}

/** The rows from the anchor to this one, both included: which rows, in order. */
export function rangeTo({ anchor }: RowSelection, row: number): { readonly from: number; readonly to: number } {
  const from = anchor ?? row;
  return { from: Math.min(from, row), to: Math.max(from, row) };
}

/** @returns undefined where it would be more than the server takes */
export function extended(selection: RowSelection, ordinals: readonly number[]): RowSelection | undefined {
  const next = new Set(selection.kind === 'all' ? [] : selection.ordinals);
  for (const ordinal of ordinals) next.add(ordinal);
  return next.size > mostSelected ? undefined : { kind: 'some', ordinals: next, anchor: selection.anchor };
}
