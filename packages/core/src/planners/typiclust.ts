import { z } from 'zod';
import { fitSvd, transformSvd } from '../features/svd.ts';
import { kMeans, miniBatchKMeans } from '../math/k-means.ts';
import type { Matrix } from '../math/matrix.ts';
import type { Random } from '../math/random.ts';
import { squaredDistancesBetween } from '../math/row-distances.ts';
import { pickRows } from '../math/sparse.ts';
import { duplicateShare, takeLargest } from './batch.ts';
import { needFeatures } from './beliefs.ts';
import { answeredItems, askLimit, type Candidates, candidatesOf } from './candidates.ts';
import { meanOfNearest } from './outliers.ts';
import type { Assignment, Planner, Situation } from './planner.ts';

const options = z
  .strictObject({
    neighbours: z
      .int()
      .min(1)
      .max(1000)
      .default(20)
      .describe('Nearest items of the same cluster to which the mean distance tells how typical an item is'),
    maxClusters: z.int().min(1).max(5000).default(500).describe('There are as many clusters as labels so far and wanted, up to this'),
    maxAsks: askLimit,
    duplicates: duplicateShare,
  })
  .prefault({});

export type TypiclustOptions = z.output<typeof options>;

/** Clusters of all items, one for each label so far and each one wanted; the largest clusters with the fewest labels are asked first, each by its most
 *  typical item. Density within the cluster: density over all items costs 80 % more labels on digits. O(iterations · n · d · (labels + B)). */
const typiclust: Planner<TypiclustOptions> = {
  name: 'typiclust',
  title: 'Typical items of large clusters',
  summary:
    'Asks typical items of clusters that have no label yet, looking at the features only: for the first labels, when no classifier can be trusted.',
  paper: 'G. Hacohen, A. Dekel & D. Weinshall (2022), ICML, arXiv 2202.02794',
  needs: ['features'],
  options,
  plan: (situation, given, random) => planTypical(situation, candidatesOf(situation, given.maxAsks, random), given, random),
};

export default typiclust;

export function planTypical(
  situation: Situation,
  candidates: Candidates,
  { neighbours, maxClusters, duplicates }: Omit<TypiclustOptions, 'maxAsks'>,
  random: Random,
): Assignment[] {
  const features = needFeatures('typiclust', situation);
  if (candidates.item.length === 0 || situation.batchSize === 0) return [];
  const answered = answeredItems(situation, random);
  const space = spaceOf(features, candidates.item, random);
  const clusters = clustersOf(space, candidates, answered, Math.min(maxClusters, answered.length + situation.batchSize), random);
  const order = pickInTurns(clusters, candidates, space, neighbours, Math.min(candidates.item.length, 2 * situation.batchSize + 10));
  const utilities = new Float64Array(candidates.item.length);
  order.forEach((place, at) => {
    utilities[place] = 1 - at / order.length;
  });
  const sizeOf = new Map(clusters.flatMap(({ places, size }) => places.map((place) => [place, size])));
  const reasonOf = (place: number): string => `typical of ${sizeOf.get(place) ?? 1} items that are alike`;
  return takeLargest(situation, { candidates, utilities, reasonOf }, duplicates, order);
}

function spaceOf(features: Matrix, open: Int32Array, random: Random): Matrix {
  if (features.kind === 'dense' || features.columns <= manyColumns) return features;
  const learned = pickRows(features, open.subarray(0, enoughForDirections));
  return transformSvd(fitSvd(learned, { components: directions, passes: 2 }, random), features);
}

interface Cluster {
  /** Candidates in it, as places. */
  readonly places: readonly number[];
  /** All items in it, answered ones included. */
  readonly size: number;
  labels: number;
}

/** Of more rows, mini-batches tell enough. */
const fewEnough = 3000;
/** One start in seven leaves a class without a cluster (digits, 13 clusters); the best of three hardly ever. */
const cheapEnough = 10_000;
/** Sparse rows (texts) seldom share a word, and all seem equally far apart: there, directions in which they vary together are what is clustered. */
const manyColumns = 200;
const directions = 50;
const enoughForDirections = 5000;

function clustersOf(space: Matrix, candidates: Candidates, answered: Int32Array, count: number, random: Random): Cluster[] {
  const open = new Set(candidates.item);
  const others = answered.filter((item) => !open.has(item));
  const isAnswered = new Set(answered);
  const items = Int32Array.from([...candidates.item, ...others]);
  const rows = pickRows(space, items);
  const cluster = items.length <= fewEnough ? kMeans : miniBatchKMeans;
  const starts = Array.from({ length: items.length <= cheapEnough ? 3 : 1 }, () =>
    cluster(rows, Math.max(1, count), { maxIterations: 50 }, random),
  );
  const { clusterOf, centres } = starts.reduce((best, other) => (other.inertia < best.inertia ? other : best));
  const clusters = Array.from({ length: centres.rows }, () => ({ places: [] as number[], size: 0, labels: 0 }));
  clusterOf.forEach((c, at) => {
    clusters[c].size += 1;
    if (isAnswered.has(items[at])) clusters[c].labels += 1;
    if (at < candidates.item.length) clusters[c].places.push(at);
  });
  return clusters.filter(({ places }) => places.length > 0);
}

/** Clusters of fewer items are taken last: they are chance, or odd items. */
const smallest = 5;

function pickInTurns(clusters: readonly Cluster[], candidates: Candidates, space: Matrix, neighbours: number, wanted: number): number[] {
  const waiting = new Map<Cluster, number[]>();
  const picked: number[] = [];
  const before = (a: Cluster, b: Cluster): number =>
    Number(a.size < smallest) - Number(b.size < smallest) || a.labels - b.labels || b.size - a.size;
  const left = [...clusters].sort(before);
  while (picked.length < wanted && left.length > 0) {
    const cluster = left[0];
    let queue = waiting.get(cluster);
    if (!queue) {
      queue = typicalFirst(cluster, candidates, space, neighbours);
      waiting.set(cluster, queue);
    }
    picked.push(queue.shift() as number);
    cluster.labels += 1;
    left.shift();
    if (queue.length === 0) continue;
    const at = left.findIndex((other) => before(cluster, other) < 0);
    left.splice(at < 0 ? left.length : at, 0, cluster);
  }
  return picked;
}

/** Of a cluster larger than this, so many tell what is typical. */
const enough = 400;

/** The places of a cluster, the smallest mean distance to their neighbours in it first. */
function typicalFirst({ places }: Cluster, candidates: Candidates, space: Matrix, neighbours: number): number[] {
  const looked = places.slice(0, enough);
  const rows = pickRows(
    space,
    looked.map((place) => candidates.item[place]),
  );
  const squared = squaredDistancesBetween(rows, rows);
  const count = Math.max(1, Math.min(neighbours, Math.floor(looked.length / 2)));
  const distances = looked.map((_, row) => meanOfNearest(squared.subarray(row * looked.length, (row + 1) * looked.length), count, 1));
  const order = looked.map((_, at) => at).sort((a, b) => distances[a] - distances[b] || a - b);
  return [...order.map((at) => looked[at]), ...places.slice(enough)];
}
