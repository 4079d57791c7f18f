import { z } from 'zod';
import { candidatesOf, askLimit } from './candidates.ts';
import { duplicateShare } from './batch.ts';
import { planDiversified } from './diversified-margin.ts';
import { outlierShare } from './outliers.ts';
import type { Planner, Situation } from './planner.ts';
import { planTypical } from './typiclust.ts';

const options = z
  .strictObject({
    labelsPerClass: z
      .int()
      .min(0)
      .max(1000)
      .default(3)
      .describe('Typical items are asked until there are so many answers per label on average'),
    preselect: z
      .int()
      .min(1)
      .max(1000)
      .default(10)
      .describe('How many times the batch the smallest margins are from which the batch is spread'),
    neighbours: z.int().min(1).max(1000).default(20).describe('Nearest items of the same cluster that tell how typical an item is'),
    maxClusters: z.int().min(1).max(5000).default(500).describe('Most clusters from which typical items come'),
    maxAsks: askLimit,
    duplicates: duplicateShare,
    outliers: outlierShare,
  })
  .prefault({});

export type HybridOptions = z.output<typeof options>;

/** TypiClust while a classifier has seen next to nothing, then diversified margin. On average: a rare label may not turn up among typical items at all,
 *  and unsure ones find it sooner. */
const hybrid: Planner<HybridOptions> = {
  name: 'hybrid',
  title: 'Typical first, then unsure (default)',
  summary:
    'The first labels from typical items of large clusters, then unsure items that differ from one another. The default: good from the first label on.',
  paper: 'G. Hacohen et al. (2022), arXiv 2202.02794, then F. Zhdanov (2019), arXiv 1901.05954',
  needs: [],
  options,
  plan(situation, given, random) {
    const candidates = candidatesOf(situation, given.maxAsks, random);
    return isCold(situation, given.labelsPerClass)
      ? planTypical(situation, candidates, given, random)
      : planDiversified(situation, candidates, given, random);
  },
};

export default hybrid;

function isCold({ features, answered, labels }: Situation, labelsPerClass: number): boolean {
  if (!features) return false;
  let known = 0;
  for (const label of answered) if (label >= 0) known += 1;
  return known < labelsPerClass * labels.length;
}
