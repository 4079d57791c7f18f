import type { Item } from '../model/item.ts';
import type { LabelId } from '../model/ids.ts';
import type { Explanation } from '../model/vote.ts';
import type { Span } from './threads.ts';

/** Where something was found in the text that `Sample.text(part)` gives. */
export interface Found extends Span {
  readonly label?: LabelId;
}

export type Place = NonNullable<Explanation['matches']>[number];

/** Places in a text as places in the item's parts, in code points of the exact stored text. What reaches over several parts (they are joined by a line
 *  break) becomes a place in each. */
export function placesIn(item: Item, partName: string | undefined, found: readonly Found[]): Place[] {
  const places: Place[][] = found.map(() => []);
  let begin = 0;
  for (const name of partName === undefined ? Object.keys(item.parts) : [partName]) {
    const part = item.parts[name];
    if (part?.modality !== 'text') continue;
    const { length } = part.content;
    const inside = found.flatMap(({ start, end, label }, index) => {
      const from = Math.max(start - begin, 0);
      const to = Math.min(end - begin, length);
      return from < to || (start === end && from === to) ? [{ from, to, label, index }] : [];
    });
    const points = codePointsBefore(
      part.content,
      inside.flatMap(({ from, to }) => [from, to]),
    );
    for (const { from, to, label, index } of inside) {
      const place = { part: name, start: points(from), end: points(to) };
      places[index].push(label === undefined ? place : { ...place, label });
    }
    begin += length + 1;
  }
  return places.flat();
}

/** How many code points lie before each of some UTF-16 offsets, in one pass. A lone surrogate is one. */
export function codePointsBefore(text: string, offsets: readonly number[]): (offset: number) => number {
  const counts = new Map<number, number>();
  let at = 0;
  let points = 0;
  for (const offset of [...offsets].sort((a, b) => a - b)) {
    while (at < offset) {
      at += (text.codePointAt(at) as number) > 0xffff ? 2 : 1;
      points++;
    }
    counts.set(offset, points);
  }
  return (offset) => counts.get(offset) ?? 0;
}
