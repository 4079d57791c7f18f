import { z } from 'zod';
import type { Matrix } from '../math/matrix.ts';
import { addRow, rowProduct, squaredLengths } from '../math/row-distances.ts';
import { duplicateShare, takeLargest } from './batch.ts';
import { beliefs, entropyOf, needFeatures, scored, tornBetween } from './beliefs.ts';
import { askLimit, candidatesOf } from './candidates.ts';
import type { Planner } from './planner.ts';

const options = z
  .strictObject({
    density: z.number().min(0).max(10).default(1).describe('Power of the density (mean cosine to the open items); 0 is plain entropy'),
    maxAsks: askLimit,
    duplicates: duplicateShare,
  })
  .prefault({});

/** Entropy × (mean cosine to all that is open)^β. The mean cosine is one product with the mean of the rows of length 1. O(n·k + non-zeros). */
const densityWeighted: Planner<z.output<typeof options>> = {
  name: 'density-weighted',
  title: 'Density-weighted entropy',
  summary: 'Asks uncertain items that are like many others. Behind margin on all sets that we tried: for data full of odd items.',
  paper: 'B. Settles & M. Craven (2008), EMNLP, aclanthology D08-1112',
  needs: ['features'],
  options,
  plan(situation, { density, maxAsks, duplicates }, random) {
    const features = needFeatures('density-weighted', situation);
    const candidates = candidatesOf(situation, maxAsks, random);
    const k = situation.labels.length;
    const cosine = meanCosines(features, candidates.item);
    const utilities = scored(candidates, (item) => entropyOf(beliefs(situation), item, k) * cosine(item) ** density);
    const reasonOf = (place: number): string => `one of many: ${tornBetween(situation, candidates.item[place])}`;
    return takeLargest(situation, { candidates, utilities, reasonOf }, duplicates);
  },
};

export default densityWeighted;

/** The mean cosine of an item to the items named, at least 0. */
function meanCosines(features: Matrix, items: Int32Array): (item: number) => number {
  const lengths = squaredLengths(features).map((square) => Math.max(Math.sqrt(square), 1e-30));
  const mean = new Float64Array(features.columns);
  for (const item of items) addRow(features, item, 1 / (lengths[item] * items.length), mean, 0);
  return (item) => Math.max(0, rowProduct(features, item, mean) / lengths[item]);
}
