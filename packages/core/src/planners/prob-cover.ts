import { z } from 'zod';
import { kMeans } from '../math/k-means.ts';
import { squaredDistancesBetween } from '../math/row-distances.ts';
import { pickRows } from '../math/sparse.ts';
import { quantile } from '../math/statistics.ts';
import { takeLargest } from './batch.ts';
import { needFeatures } from './beliefs.ts';
import { answeredItems, askLimit, candidatesOf } from './candidates.ts';
import type { Planner } from './planner.ts';

const options = z
  .strictObject({
    purity: z.number().gt(0).max(1).default(0.95).describe('Share of the balls that must lie within one cluster: sets their radius'),
    maxItems: z
      .int()
      .min(2)
      .max(10_000)
      .default(2500)
      .describe('Items that are looked at, drawn by chance: time and memory grow with the square'),
    maxAsks: askLimit,
  })
  .prefault({});

/** Greedy cover of the items by balls around those asked; the radius is the largest at which 95 % of the balls hold one k-means cluster only (as many
 *  clusters as labels). O(maxItems² · d). */
const probCover: Planner<z.output<typeof options>> = {
  name: 'prob-cover',
  title: 'Probability cover',
  summary: 'Asks the items around which most others lie that no labelled item stands for yet. For few labels on good dense embeddings.',
  paper: 'O. Yehuda, A. Dekel, G. Hacohen & D. Weinshall (2022), NeurIPS, arXiv 2205.11320',
  needs: ['features'],
  options,
  plan(situation, { purity, maxItems, maxAsks }, random) {
    const features = needFeatures('prob-cover', situation);
    const candidates = candidatesOf(situation, maxAsks, random);
    if (candidates.item.length === 0) return [];
    const known = answeredItems(situation, random).subarray(0, Math.floor(maxItems / 2));
    const open = candidates.item.subarray(0, maxItems - known.length);
    const rows = pickRows(features, [...open, ...known]);
    const squared = squaredDistancesBetween(rows, rows);
    const { clusterOf } = kMeans(rows, Math.max(1, situation.labels.length), {}, random);
    const radius = pureRadius(squared, clusterOf, purity);
    const { order, covers } = coverGreedily(squared, rows.rows, open.length, radius, situation.batchSize);
    const utilities = new Float64Array(candidates.item.length);
    order.forEach((place, at) => {
      utilities[place] = covers[at];
    });
    const reasonOf = (place: number): string => `stands for ${utilities[place]} of ${rows.rows} items that no other stands for`;
    return takeLargest(situation, { candidates, utilities, reasonOf }, 0, order);
  },
};

export default probCover;

/** The squared radius at which so many of the balls hold rows of one cluster only: a quantile of the distances to the nearest row of another. Without
 *  another cluster, the mean distance. */
function pureRadius(squared: Float64Array, clusterOf: Int32Array, purity: number): number {
  const n = clusterOf.length;
  const nearest = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  let sum = 0;
  for (let i = 0, at = 0; i < n; i++) {
    for (let j = 0; j < n; j++, at++) {
      sum += squared[at];
      if (clusterOf[i] !== clusterOf[j] && squared[at] < nearest[i]) nearest[i] = squared[at];
    }
  }
  const foreign = nearest.filter((distance) => distance < Number.POSITIVE_INFINITY).sort();
  // A hair less than the distance to the foreign row, which is then outside.
  return foreign.length === 0 ? sum / (n * n) : (1 - 1e-9) * quantile(foreign, 1 - purity);
}

/** Rows from `openCount` on are answered: their balls are covered from the start. */
function coverGreedily(
  squared: Float64Array,
  n: number,
  openCount: number,
  radius: number,
  wanted: number,
): { order: number[]; covers: number[] } {
  const left = new Uint8Array(n).fill(1);
  const gains = new Int32Array(openCount);
  const cover = (row: number): void => {
    for (let j = 0; j < n; j++) {
      if (left[j] === 0 || squared[row * n + j] > radius) continue;
      left[j] = 0;
      for (let i = 0; i < openCount; i++) if (squared[j * n + i] <= radius) gains[i] -= 1;
    }
  };
  for (let i = 0; i < openCount; i++) for (let j = 0; j < n; j++) if (squared[i * n + j] <= radius) gains[i] += 1;
  for (let row = openCount; row < n; row++) cover(row);
  const order: number[] = [];
  const covers: number[] = [];
  while (order.length < Math.min(wanted, openCount)) {
    let best = -1;
    for (let i = 0; i < openCount; i++) if (gains[i] > 0 && (best < 0 || gains[i] > gains[best])) best = i;
    if (best < 0) break;
    order.push(best);
    covers.push(gains[best]);
    cover(best);
  }
  return { order, covers };
}
