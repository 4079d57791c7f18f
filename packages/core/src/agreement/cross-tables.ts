import type { Ratings } from './ratings.ts';
import { type Units, UnitsBuilder } from './units.ts';

/** How many items each two labelers share: `overlaps[a·m + b]` for a < b. */
export function pairOverlaps(ratings: Ratings): Map<number, number> {
  const m = ratings.labelers.length;
  const { offsets, labeler, times } = ratings;
  const overlaps = new Map<number, number>();
  for (let p = 0; p < times.length; p++) {
    for (let f = offsets[p] + 1; f < offsets[p + 1]; f++) {
      for (let e = offsets[p]; e < f; e++) {
        const pair = labeler[e] * m + labeler[f];
        overlaps.set(pair, (overlaps.get(pair) ?? 0) + times[p]);
      }
    }
  }
  return overlaps;
}

/** The k×k cross tables of the asked pairs (`a·m + b`), each as units of one cell. One pass over the votes. */
export function pairTables(ratings: Ratings, pairs: readonly number[]): Units[] {
  const m = ratings.labelers.length;
  const k = ratings.labels.length;
  const { offsets, labeler, label, times } = ratings;
  const tables = new Map(pairs.map((pair) => [pair, new Map<number, number>()]));
  for (let p = 0; p < times.length; p++) {
    for (let f = offsets[p] + 1; f < offsets[p + 1]; f++) {
      for (let e = offsets[p]; e < f; e++) {
        const cells = tables.get(labeler[e] * m + labeler[f]);
        if (!cells) continue;
        const cell = label[e] * k + label[f];
        cells.set(cell, (cells.get(cell) ?? 0) + times[p]);
      }
    }
  }
  return pairs.map((pair) => {
    const builder = new UnitsBuilder();
    // In the order of the cells: the interval must not depend on which item came first.
    for (const [cell, count] of [...(tables.get(pair) ?? [])].sort(([a], [b]) => a - b)) {
      builder.add(cell, 1);
      builder.end(count);
    }
    return builder.build(k * k);
  });
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
