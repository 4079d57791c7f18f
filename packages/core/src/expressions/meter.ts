/** How much work the loops of all expressions of one item may do together. A unit is about a microsecond at most: a step of a loop whose body
 *  is short, or 64 characters of text looked at inside a loop. */
export const unitsPerItem = 1_000_000;

/** Expressions always end, but `all`, `exists`, `map` … nest: three loops over 10,000 words would take hours. So loops pay: its length times the
 *  weight of its body for a loop when it starts, its size for each text or list that a body reads. Outside of loops work is linear in the
 *  expression (at most 1,000 characters) and the item, and costs nothing. Counting, unlike a clock, gives the same answer everywhere. */
export class Meter {
  left = unitsPerItem;

  /** @throws the shared `exhausted`: making a stack trace each time would cost more than the work saved */
  spend(units: number): void {
    this.left -= units;
    if (this.left < 0) throw exhausted;
  }
}

export const exhausted = new Error(`its loops do too much work on this item (more than ${unitsPerItem.toLocaleString('en-US')} steps)`);

/** What it costs to look through a value once. */
export function sizeOf(value: unknown): number {
  if (typeof value === 'string') return 1 + (value.length >> 6);
  return Array.isArray(value) ? 1 + (value.length >> 4) : 1;
}
