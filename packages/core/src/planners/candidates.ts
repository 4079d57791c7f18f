import { z } from 'zod';
import type { Random } from '../math/random.ts';
import { hashText } from '../math/random.ts';
import type { Situation } from './planner.ts';

/** Items that can be asked, and of whom. Their order is by a hash of the item ids and the seed: ties, seeds and samples that go by it do not depend
 *  on the order in which the items came. */
export interface Candidates {
  /** Indices into the situation's items. */
  readonly item: Int32Array;
  /** The first labeler that has not answered the item, as an index into the situation's labelers. */
  readonly labeler: Int32Array;
}

/** What keeps one hard item from being asked for ever. */
export const askLimit = z
  .int()
  .min(1)
  .max(100)
  .default(2)
  .describe('Answers by people or other labelers that an item gets at most: unlearnable items look uncertain for ever');

/** Open items with somebody left to ask and fewer than `maxAsks` answers. O(n log n). */
export function candidatesOf(situation: Situation, maxAsks: number, random: Random): Candidates {
  const { items, open, labelers } = situation;
  const has = answeredPairs(situation);
  const asks = askCounts(situation);
  const free: number[] = [];
  for (let i = 0; i < items.length && labelers.length > 0; i++) if (open[i] !== 0 && asks[i] < maxAsks) free.push(i);
  const item: number[] = [];
  const labeler: number[] = [];
  for (const i of byHash(situation, free, random)) {
    const first = asks[i] === 0 ? 0 : labelers.findIndex((_, j) => !has(i, j));
    if (first < 0) continue;
    item.push(i);
    labeler.push(first);
  }
  return { item: Int32Array.from(item), labeler: Int32Array.from(labeler) };
}

/** Whether labeler j has answered item i. */
export function answeredPairs({ asked, labelers: { length: m } }: Situation): (item: number, labeler: number) => boolean {
  const pairs = new Set<number>();
  if (asked) for (let r = 0; r < asked.item.length; r++) if (asked.labeler[r] >= 0) pairs.add(asked.item[r] * m + asked.labeler[r]);
  return (item, labeler) => pairs.has(item * m + labeler);
}

/** n: how many have answered each item. */
export function askCounts({ asked, items }: Situation): Int32Array {
  const counts = new Int32Array(items.length);
  if (asked) for (const item of asked.item) counts[item]++;
  return counts;
}

/** The items named, in an order of chance that hangs on their ids, not on their places. */
export function byHash({ items }: Pick<Situation, 'items'>, wanted: ArrayLike<number>, random: Random): Int32Array {
  const salt = random.integer(2 ** 32);
  const keys = new Float64Array(wanted.length);
  for (let at = 0; at < wanted.length; at++) {
    let hash = Math.imul(hashText(items[wanted[at]]) ^ salt, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
    // The place below the hash: one native sort of numbers does it, for up to two million items.
    keys[at] = ((hash ^ (hash >>> 16)) >>> 0) * 2 ** 21 + at;
  }
  keys.sort();
  const order = new Int32Array(wanted.length);
  for (let at = 0; at < order.length; at++) order[at] = wanted[keys[at] % 2 ** 21];
  return order;
}

/** Rows whose features are known beside the candidates: those answered. In the order of `byHash`. */
export function answeredItems(situation: Situation, random: Random): Int32Array {
  const rows: number[] = [];
  for (let i = 0; i < situation.items.length; i++) if (situation.answered[i] >= 0) rows.push(i);
  return byHash(situation, rows, random);
}

/** The places of the `count` largest values, largest first; equal ones in their order. O(n), but for the sorting of what is kept. */
export function largest(values: Float64Array, count: number): Int32Array {
  const wanted = Math.min(count, values.length);
  if (wanted <= 0) return new Int32Array(0);
  const sorted = values.slice().sort();
  const least = sorted[values.length - wanted];
  const above: number[] = [];
  const equal: number[] = [];
  for (let at = 0; at < values.length; at++) {
    if (values[at] > least) above.push(at);
    else if (values[at] === least && equal.length < wanted) equal.push(at);
  }
  above.sort((a, b) => values[b] - values[a] || a - b);
  return Int32Array.from([...above, ...equal.slice(0, wanted - above.length)]);
}
