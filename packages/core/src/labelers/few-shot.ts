import { createTfIdf, fitTfIdf, transformTfIdf } from '../features/tf-idf.ts';
import { transpose } from '../math/sparse.ts';
import { type Item, textOf } from '../model/item.ts';
import { isMade } from '../model/made.ts';
import type { AnsweredItem } from './labeler.ts';

export interface ExamplePicker {
  /** Up to `count` examples for the items of one request, most similar first; never one of the items, never a made one (it could be a copy of one of them). The same every time. */
  readonly pick: (items: readonly Item[], count: number) => AnsweredItem[];
}

/** Examples for prompts out of what people answered: by cosine of tf-idf to the item (of several items: to the nearest), with every label
 *  among them where there is room, else no label in more than half, and no near-copies. Reading the pool once is O(terms of the pool);
 *  a pick is O(postings of the item's terms + pool · log pool).
 *  J. Liu et al. (2022), What Makes Good In-Context Examples for GPT-3?, arXiv:2101.06804.
 *  @param part the only part to compare; without it all text */
export function createExamplePicker(pool: readonly AnsweredItem[], part?: string): ExamplePicker {
  const texts = pool.map(({ item }) => textOf(item, part));
  const model = fitTfIdf(texts, { minDocuments: 1 });
  const rows = transformTfIdf(model, texts);
  const postings = transpose(rows);
  const reader = createTfIdf(model);
  const keys = pool.map(({ labels }) => [...labels].sort((a, b) => (a < b ? -1 : 1)).join('\n'));

  const cosines = (text: string): Float64Array => {
    const cosine = new Float64Array(pool.length);
    reader.read(text);
    for (let e = 0; e < reader.count(); e++) {
      const term = reader.indices[e];
      for (let at = postings.offsets[term]; at < postings.offsets[term + 1]; at++) {
        cosine[postings.indices[at]] += reader.values[e] * postings.values[at];
      }
    }
    return cosine;
  };

  return {
    pick(items, count) {
      const asked = new Set(items.map(({ id }) => id));
      const similarity = new Float64Array(pool.length);
      for (const item of items)
        for (const [i, cosine] of cosines(textOf(item, part)).entries()) similarity[i] = Math.max(similarity[i], cosine);
      const ranked = pool.map((_, i) => i).filter((i) => !asked.has(pool[i].item.id) && !isMade(pool[i].item));
      ranked.sort((a, b) => similarity[b] - similarity[a] || a - b);
      const toChosen = new Map<number, Float64Array>();
      const isNearCopy = (i: number, chosen: number): boolean => {
        const cosine = toChosen.get(chosen) ?? cosines(texts[chosen]);
        toChosen.set(chosen, cosine);
        return cosine[i] > 0.95 || texts[i] === texts[chosen];
      };
      const chosen = choose(ranked, count, keys, isNearCopy);
      return chosen.sort((a, b) => similarity[b] - similarity[a] || a - b).map((i) => pool[i]);
    },
  };
}

/** @param ranked places in the pool, best first */
function choose(
  ranked: readonly number[],
  count: number,
  keys: readonly string[],
  isNearCopy: (i: number, chosen: number) => boolean,
): number[] {
  const labels = new Set(ranked.map((i) => keys[i]));
  const chosen: number[] = [];
  const of = new Map<string, number>();
  const take = (i: number): void => {
    chosen.push(i);
    of.set(keys[i], (of.get(keys[i]) ?? 0) + 1);
  };
  const room = labels.size <= count;
  if (room) for (const i of ranked) if (!of.has(keys[i])) take(i);
  const most = room || labels.size === 1 ? count : Math.ceil(count / 2);
  for (const i of ranked) {
    if (chosen.length >= count) break;
    if (chosen.includes(i) || (of.get(keys[i]) ?? 0) >= most || chosen.some((one) => isNearCopy(i, one))) continue;
    take(i);
  }
  return chosen;
}
