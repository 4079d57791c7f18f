import type { Ratings } from './ratings.ts';
import { type Units, UnitsBuilder } from './units.ts';

/** How many items each two labelers share, where they share any: pair `a·m + b` with a < b → items. */
export function pairOverlaps(ratings: Ratings): Map<number, number> {
  const m = ratings.labelers.length;
  const { offsets, labeler, times } = ratings;
  const counts = counter(m * m);
  for (let p = 0; p < times.length; p++) {
    for (let f = offsets[p] + 1; f < offsets[p + 1]; f++) {
      for (let e = offsets[p]; e < f; e++) counts.add(labeler[e] * m + labeler[f], times[p]);
    }
  }
  return new Map(counts.entries());
}

/** The k×k cross tables of the asked pairs (`a·m + b`), each as units of one cell. One pass over the votes. */
export function pairTables(ratings: Ratings, pairs: readonly number[]): Units[] {
  const m = ratings.labelers.length;
  const k = ratings.labels.length;
  const { offsets, labeler, label, times } = ratings;
  const place = counter(m * m);
  pairs.forEach((pair, at) => place.add(pair, at + 1));
  const counts = counter(pairs.length * k * k);
  for (let p = 0; p < times.length; p++) {
    for (let f = offsets[p] + 1; f < offsets[p + 1]; f++) {
      for (let e = offsets[p]; e < f; e++) {
        const at = place.get(labeler[e] * m + labeler[f]) - 1;
        if (at >= 0) counts.add((at * k + label[e]) * k + label[f], times[p]);
      }
    }
  }
  const builders = pairs.map(() => new UnitsBuilder());
  for (const [cell, count] of counts.entries()) {
    const builder = builders[Math.floor(cell / (k * k))];
    builder.add(cell % (k * k), 1);
    builder.end(count);
  }
  return builders.map((builder) => builder.build(k * k));
}

interface Counter {
  readonly add: (key: number, count: number) => void;
  readonly get: (key: number) => number;
  /** Non-zero counts by ascending key: what follows must not depend on which item came first. */
  readonly entries: () => [number, number][];
}

/** Counts by key 0..size−1: an array where that is small, else a map. */
function counter(size: number): Counter {
  if (size <= 4_000_000) {
    const counts = new Float64Array(size);
    const add = (key: number, count: number): void => {
      counts[key] += count;
    };
    const entries = (): [number, number][] => [...counts.keys()].filter((key) => counts[key] > 0).map((key) => [key, counts[key]]);
    return { add, get: (key) => counts[key], entries };
  }
  const counts = new Map<number, number>();
  const get = (key: number): number => counts.get(key) ?? 0;
  return { add: (key, count) => counts.set(key, get(key) + count), get, entries: () => [...counts].sort(([a], [b]) => a - b) };
}

/** One labeler against a vote drawn at random from the others, item by item. */
export function restTable(ratings: Ratings, one: number): Units {
  const k = ratings.labels.length;
  const { offsets, labeler, label, times } = ratings;
  const builder = new UnitsBuilder();
  for (let p = 0; p < times.length; p++) {
    const votes = offsets[p + 1] - offsets[p];
    let own = offsets[p];
    while (own < offsets[p + 1] && labeler[own] !== one) own++;
    if (votes < 2 || own === offsets[p + 1]) continue;
    for (let e = offsets[p]; e < offsets[p + 1]; e++) if (e !== own) builder.add(label[own] * k + label[e], 1 / (votes - 1));
    builder.end(times[p]);
  }
  return builder.build(k * k);
}
