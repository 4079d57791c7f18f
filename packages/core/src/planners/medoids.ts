import { z } from 'zod';
import { kMeans, medoids as medoidsOf, miniBatchKMeans } from '../math/k-means.ts';
import type { Random } from '../math/random.ts';
import { pickRows } from '../math/sparse.ts';
import { duplicateShare, takeLargest } from './batch.ts';
import { needFeatures } from './beliefs.ts';
import { askLimit, byHash, candidatesOf } from './candidates.ts';
import type { Planner, Situation } from './planner.ts';

const options = z
  .strictObject({
    clusters: z.int().min(1).max(5000).optional().describe('How many clusters. Without it five per label'),
    checks: z.int().min(0).max(100).default(2).describe('Further items of a cluster, drawn at random, that tell how pure it is'),
    maxAsks: askLimit,
    duplicates: duplicateShare,
  })
  .prefault({});

export type MedoidsOptions = z.output<typeof options>;

/** Cluster labeling: the middle item of each cluster first, the largest cluster first of all, then a few more of each at random, so that the labeler
 *  `clusters` can tell which clusters are pure enough to be spread. The same clusters in every round of a seed. O(iterations · n · d · clusters). */
const medoids: Planner<MedoidsOptions> = {
  name: 'medoids',
  title: 'Middles of clusters',
  summary: 'Asks the middle item of each cluster, then a few more of each: to label whole clusters with a handful of answers.',
  paper: 'L. Kaufman & P. J. Rousseeuw (1990), Finding Groups in Data, chapter 2, doi:10.1002/9780470316801',
  needs: ['features'],
  options,
  plan: (situation, { clusters, checks, maxAsks, duplicates }, random) => {
    const features = needFeatures('medoids', situation);
    const candidates = candidatesOf(situation, maxAsks, random.fork('candidates'));
    if (candidates.item.length === 0) return [];
    const items = byHash(situation, Int32Array.from(situation.items.keys()), random.fork('items'));
    const cluster = items.length <= fewEnough ? kMeans : miniBatchKMeans;
    const found = cluster(
      pickRows(features, items),
      clusters ?? clustersPerLabel * Math.max(1, situation.labels.length),
      {},
      random.fork('clusters'),
    );
    const turns = turnsOf(situation, items, found.clusterOf, medoidsOf(found), checks, random.fork('checks'));
    const utilities = Float64Array.from(candidates.item, (item) => turns.utility[item]);
    const reasonOf = (place: number): string => {
      const item = candidates.item[place];
      const size = turns.size[turns.cluster[item]];
      return turns.isMedoid(item)
        ? `the middle of ${size} items that are alike`
        : `one of ${size} items that are alike: are they one label?`;
    };
    return takeLargest(situation, { candidates, utilities, reasonOf }, duplicates);
  },
};

export default medoids;

const clustersPerLabel = 5;
/** Of more rows, mini-batches tell enough. */
const fewEnough = 20_000;

interface Turns {
  /** n: 3 and more for middles, 2 and more for checks, else below 1; the larger cluster first within each. */
  readonly utility: Float64Array;
  readonly cluster: Int32Array;
  readonly size: Int32Array;
  readonly isMedoid: (item: number) => boolean;
}

function turnsOf(
  situation: Situation,
  items: Int32Array,
  clusterOf: Int32Array,
  middles: Int32Array,
  checks: number,
  random: Random,
): Turns {
  const n = items.length;
  const cluster = new Int32Array(n);
  const size = new Int32Array(middles.length);
  const known = new Int32Array(middles.length);
  clusterOf.forEach((c, at) => {
    cluster[items[at]] = c;
    size[c] += 1;
    if (situation.answered[items[at]] >= 0) known[c] += 1;
  });
  const medoid = new Set(Array.from(middles, (at) => (at < 0 ? -1 : items[at])));
  const utility = new Float64Array(n);
  const checked = new Int32Array(middles.length);
  for (const item of byHash(situation, items, random)) {
    const c = cluster[item];
    const share = size[c] / (n + 1);
    if (medoid.has(item)) utility[item] = 3 + share;
    else if (situation.answered[item] < 0 && Math.max(0, known[c] - 1) + checked[c] < checks) {
      checked[c] += 1;
      utility[item] = 2 + share;
    } else utility[item] = share / (1 + known[c]);
  }
  return { utility, cluster, size, isMedoid: (item) => medoid.has(item) };
}
