import { z } from 'zod';
import { kMeans, medoids } from '../math/k-means.ts';
import type { Random } from '../math/random.ts';
import { withoutEmptyColumns } from '../math/row-distances.ts';
import { pickRows } from '../math/sparse.ts';
import { duplicateShare, takeLargest } from './batch.ts';
import { beliefs, marginOf, scored, tornBetween } from './beliefs.ts';
import { askLimit, type Candidates, candidatesOf, largest } from './candidates.ts';
import { outlierShare, outlierTest } from './outliers.ts';
import type { Assignment, Planner, Situation } from './planner.ts';

const options = z
  .strictObject({
    preselect: z
      .int()
      .min(1)
      .max(1000)
      .default(10)
      .describe('How many times the batch the smallest margins are from which the batch is spread'),
    maxAsks: askLimit,
    duplicates: duplicateShare,
    outliers: outlierShare,
  })
  .prefault({});

export type DiversifiedMarginOptions = z.output<typeof options>;

/** The 10·B smallest margins, k-means with B clusters weighted by 1 − margin, and of each cluster the item nearest to its centre: a batch of unsure
 *  items that are not all unsure of the same thing. O(n + B²·d). Without features it is plain margin. */
const diversifiedMargin: Planner<DiversifiedMarginOptions> = {
  name: 'diversified-margin',
  title: 'Diversified margin',
  summary:
    'Asks unsure items that differ from one another: the smallest margins, spread by k-means. The best batch once a classifier has begun to learn.',
  paper: 'F. Zhdanov (2019), Diverse mini-batch active learning, arXiv 1901.05954',
  needs: [],
  options,
  plan: (situation, given, random) => planDiversified(situation, candidatesOf(situation, given.maxAsks, random), given, random),
};

export default diversifiedMargin;

export function planDiversified(
  situation: Situation,
  candidates: Candidates,
  { preselect, duplicates, outliers }: Omit<DiversifiedMarginOptions, 'maxAsks'>,
  random: Random,
): Assignment[] {
  const { features, batchSize, labels } = situation;
  const utilities = scored(candidates, (item) => 1 - marginOf(beliefs(situation), item, labels.length));
  const reasonOf = (place: number): string => tornBetween(situation, candidates.item[place]);
  if (!features || batchSize < 2 || candidates.item.length <= batchSize)
    return takeLargest(situation, { candidates, utilities, reasonOf }, duplicates);

  const unsure = largest(utilities, preselect * batchSize);
  const itemsOf = (places: ArrayLike<number>): number[] => Array.from(places, (place) => candidates.item[place]);
  const isOdd = outlierTest(features, candidates.item, outliers)(itemsOf(unsure));
  const usual = unsure.filter((_, at) => !isOdd[at]);
  const places = usual.length >= batchSize ? usual : unsure;
  const weights = Float64Array.from(places, (place) => utilities[place]);
  const clusters = kMeans(withoutEmptyColumns(pickRows(features, itemsOf(places))), batchSize, { weights }, random);
  const spread = Array.from(medoids(clusters), (at) => places[at] ?? -1).filter((place) => place >= 0);
  // Clusters may be fewer than wanted, and copies of one another: the rest comes by margin.
  return takeLargest(situation, { candidates, utilities, reasonOf }, duplicates, spread);
}
