import { createTfIdf, fitTfIdf, transformTfIdf } from '../features/tf-idf.ts';
import type { SparseMatrix } from '../math/matrix.ts';
import { transpose } from '../math/sparse.ts';
import { type Item, textOf } from '../model/item.ts';
import { isMade } from '../model/made.ts';
import type { AnsweredItem } from './labeler.ts';

export interface ExamplePicker {
  /** Up to `count` examples for the items of one request, most similar first; never one of the items. The same every time. */
  readonly pick: (items: readonly Item[], count: number) => AnsweredItem[];
}

/** Examples for prompts out of what people answered: by cosine of tf-idf to the item (of several items: to the nearest), with every label
 *  among them where there is room, else no label in more than half; no near-copies, and no made items (one could be a copy of the item asked
 *  about). Reading the pool once is O(terms of the pool); a pick is O(postings of the item's terms + pool).
 *  J. Liu et al. (2022), What Makes Good In-Context Examples for GPT-3?, arXiv:2101.06804.
 *  @param part the only part to compare; without it all text */
export function createExamplePicker(given: readonly AnsweredItem[], part?: string): ExamplePicker {
  const pool = given.filter(({ item }) => !isMade(item));
  const texts = pool.map(({ item }) => textOf(item, part));
  const model = fitTfIdf(texts, { minDocuments: 1 });
  const rows = transformTfIdf(model, texts);
  const postings = transpose(rows);
  const reader = createTfIdf(model);
  const placeOf = new Map(pool.map(({ item }, i) => [item.id, i]));
  const { groups, groupOf } = groupsOf(pool);
  const isNearCopy = (a: number, b: number): boolean => texts[a] === texts[b] || cosineOf(rows, a, b) > 0.95;

  /** Cosine to the nearest of the items; −1 for the items themselves. */
  const similarities = (items: readonly Item[]): Float64Array => {
    const nearest = new Float64Array(pool.length);
    const cosine = new Float64Array(pool.length);
    for (const item of items) {
      cosine.fill(0);
      reader.read(textOf(item, part));
      for (let e = 0; e < reader.count(); e++) {
        const term = reader.indices[e];
        const value = reader.values[e];
        for (let at = postings.offsets[term]; at < postings.offsets[term + 1]; at++)
          cosine[postings.indices[at]] += value * postings.values[at];
      }
      for (let i = 0; i < cosine.length; i++) if (cosine[i] > nearest[i]) nearest[i] = cosine[i];
    }
    for (const { id } of items) {
      const own = placeOf.get(id);
      if (own !== undefined) nearest[own] = -1;
    }
    return nearest;
  };

  return {
    pick(items, count) {
      const similarity = similarities(items);
      const first = firstOfGroups(similarity, groupOf, groups);
      const take = (ranked: readonly number[]): number[] => choose({ ranked, first, groupOf, count, isNearCopy });
      const head = rankedHead(similarity, 4 * count + 32);
      let chosen = take(head);
      if (chosen.length < count && head.length < pool.length) chosen = take(rankedHead(similarity, pool.length));
      return chosen.sort((a, b) => similarity[b] - similarity[a] || a - b).map((i) => pool[i]);
    },
  };
}

/** Examples with the same set of labels are a group. */
function groupsOf(pool: readonly AnsweredItem[]): { groups: number; groupOf: Int32Array } {
  const known = new Map<string, number>();
  const groupOf = Int32Array.from(pool, ({ labels }) => {
    const key = JSON.stringify([...labels].sort((a, b) => (a < b ? -1 : 1)));
    const group = known.get(key) ?? known.size;
    known.set(key, group);
    return group;
  });
  return { groups: known.size, groupOf };
}

/** The most similar of each group that has one, in the order of the pool where equal. */
function firstOfGroups(similarity: Float64Array, groupOf: Int32Array, groups: number): number[] {
  const first = new Int32Array(groups).fill(-1);
  for (let i = 0; i < similarity.length; i++) {
    const best = first[groupOf[i]];
    if (similarity[i] >= 0 && (best < 0 || similarity[i] > similarity[best])) first[groupOf[i]] = i;
  }
  return Array.from(first).filter((i) => i >= 0);
}

/** The `size` most similar at least (more where equal), best first. Sorting numbers alone to find the edge is several times faster than
 *  sorting all places by them. */
function rankedHead(similarity: Float64Array, size: number): number[] {
  const sorted = size < similarity.length ? similarity.slice().sort() : undefined;
  const edge = sorted ? Math.max(0, sorted[sorted.length - size]) : 0;
  const head: number[] = [];
  for (let i = 0; i < similarity.length; i++) if (similarity[i] >= edge) head.push(i);
  return head.sort((a, b) => similarity[b] - similarity[a] || a - b);
}

interface Choice {
  /** Places in the pool, best first. */
  readonly ranked: readonly number[];
  /** The best of each group. */
  readonly first: readonly number[];
  readonly groupOf: Int32Array;
  readonly count: number;
  readonly isNearCopy: (a: number, b: number) => boolean;
}

function choose({ ranked, first, groupOf, count, isNearCopy }: Choice): number[] {
  const room = first.length <= count;
  const chosen = room ? [...first] : [];
  const of = new Map<number, number>(chosen.map((i) => [groupOf[i], 1]));
  const most = room || first.length === 1 ? count : Math.ceil(count / 2);
  for (const i of ranked) {
    if (chosen.length >= count) break;
    const taken = of.get(groupOf[i]) ?? 0;
    if (taken >= most || chosen.includes(i) || chosen.some((one) => isNearCopy(one, i))) continue;
    chosen.push(i);
    of.set(groupOf[i], taken + 1);
  }
  return chosen;
}

/** Rows have length 1: their product is the cosine. */
function cosineOf({ offsets, indices, values }: SparseMatrix, a: number, b: number): number {
  let product = 0;
  for (let i = offsets[a], j = offsets[b]; i < offsets[a + 1] && j < offsets[b + 1]; ) {
    if (indices[i] === indices[j]) product += values[i++] * values[j++];
    else if (indices[i] < indices[j]) i++;
    else j++;
  }
  return product;
}
