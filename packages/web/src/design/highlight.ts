/** A piece of a text, and which of the places cover it. */
export interface Segment {
  readonly text: string;
  readonly places: readonly number[];
}

/** Cuts a text at the ends of places given in code points (as stored); pieces are in the browser's UTF-16. Places beyond the end are cut short,
 *  empty ones dropped. O(n + places · log places). */
export function segmentsOf(text: string, places: readonly { readonly start: number; readonly end: number }[]): Segment[] {
  const bounds = [...new Set(places.flatMap(({ start, end }) => (start < end ? [start, end] : [])))].sort((a, b) => a - b);
  const offsets = utf16Offsets(text, bounds);
  const byStart = [...places.keys()]
    .filter((place) => places[place].start < places[place].end)
    .sort((a, b) => places[a].start - places[b].start);
  const segments: Segment[] = [];
  let open: number[] = [];
  let opened = 0;
  let from = 0;
  for (const bound of [...bounds, Number.POSITIVE_INFINITY]) {
    const to = offsets.get(bound) ?? text.length;
    if (from < to) segments.push({ text: text.slice(from, to), places: open });
    from = to;
    open = open.filter((place) => places[place].end > bound);
    while (opened < byStart.length && places[byStart[opened]].start <= bound) open = [...open, byStart[opened++]].sort((a, b) => a - b);
  }
  return segments;
}

/** Code points → UTF-16 code units, for offsets in ascending order, in one pass. A lone surrogate is one code point. */
function utf16Offsets(text: string, points: readonly number[]): Map<number, number> {
  const offsets = new Map<number, number>();
  let unit = 0;
  let passed = 0;
  for (const point of points) {
    for (; passed < point && unit < text.length; passed++) unit += (text.codePointAt(unit) as number) > 0xffff ? 2 : 1;
    offsets.set(point, unit);
  }
  return offsets;
}
