import { z } from 'zod';
import { addRow, squaredDistance, squaredLengths } from '../math/row-distances.ts';
import type { Matrix } from '../math/matrix.ts';
import type { Random } from '../math/random.ts';
import { multiply, pickRows } from '../math/sparse.ts';
import { duplicateShare, takeLargest } from './batch.ts';
import { beliefs, needFeatures, topTwo, tornBetween } from './beliefs.ts';
import { askLimit, candidatesOf } from './candidates.ts';
import type { Planner } from './planner.ts';

const options = z.strictObject({ maxAsks: askLimit, duplicates: duplicateShare }).prefault({});

/** k-means++ seeds among the gradients g = (p − e_ŷ) ⊗ x that each item would have if its most probable label were right: long gradients are unsure
 *  items, distant ones differ. g is never formed: ⟨g_i, g_j⟩ = ⟨a_i, a_j⟩⟨x_i, x_j⟩. O(B·n·(k + d)). */
const badge: Planner<z.output<typeof options>> = {
  name: 'badge',
  title: 'BADGE',
  summary:
    'Asks unsure items that differ from one another, drawn by the gradients that they would have. For dense embeddings of deep networks.',
  paper: 'J. T. Ash, C. Zhang, A. Krishnamurthy, J. Langford & A. Agarwal (2020), ICLR, arXiv 1906.03671',
  needs: ['features'],
  options,
  plan(situation, { maxAsks, duplicates }, random) {
    const features = needFeatures('badge', situation);
    const candidates = candidatesOf(situation, maxAsks, random);
    const rows = pickRows(features, candidates.item);
    const gradients: Gradients = { rows, residuals: residualsOf(beliefs(situation), candidates.item, situation.labels.length) };
    const { order, lengths } = drawSeeds(gradients, Math.min(situation.batchSize, candidates.item.length), random);
    // Drawn ones come first, in the order of drawing, then the longest gradients.
    let longest = 0;
    for (const length of lengths) longest = Math.max(longest, length);
    const utilities = lengths.map((length) => length / Math.max(longest, 1e-30));
    order.forEach((place, at) => {
      utilities[place] = 2 + order.length - at;
    });
    const reasonOf = (place: number): string => `unlike the others of this batch: ${tornBetween(situation, candidates.item[place])}`;
    return takeLargest(situation, { candidates, utilities, reasonOf }, duplicates, order);
  },
};

export default badge;

interface Gradients {
  readonly rows: Matrix;
  /** One row of k each: p − e_ŷ. */
  readonly residuals: Matrix;
}

function residualsOf(probabilities: Float64Array, items: Int32Array, k: number): Matrix {
  const values = new Float32Array(items.length * k);
  items.forEach((item, at) => {
    values.set(probabilities.subarray(item * k, (item + 1) * k), at * k);
    if (k > 0) values[at * k + topTwo(probabilities, item, k).first] -= 1;
  });
  return { kind: 'dense', rows: items.length, columns: k, values };
}

/** The longest gradient first, then by squared distance to the nearest seed; stops where all that is left is a seed's copy. */
function drawSeeds({ rows, residuals }: Gradients, wanted: number, random: Random): { order: number[]; lengths: Float64Array } {
  const n = rows.rows;
  const ofRows = squaredLengths(rows);
  const ofResiduals = squaredLengths(residuals);
  const lengths = Float64Array.from(ofRows, (square, at) => square * ofResiduals[at]);
  const distances = lengths.slice();
  const order: number[] = [];
  const [x, a] = [new Float64Array(n), new Float64Array(n)];
  while (order.length < wanted) {
    const place = order.length === 0 ? largestOf(lengths) : drawn(distances, random);
    if (place < 0) break;
    order.push(place);
    productsWith(rows, place, x);
    productsWith(residuals, place, a);
    for (let at = 0; at < n; at++) distances[at] = Math.min(distances[at], squaredDistance(lengths[at], lengths[place], x[at] * a[at]));
    distances[place] = 0;
  }
  return { order, lengths };
}

function productsWith(matrix: Matrix, row: number, out: Float64Array): void {
  const point = new Float32Array(matrix.columns);
  addRow(matrix, row, 1, point, 0);
  multiply(matrix, point, 1, out);
}

function largestOf(values: Float64Array): number {
  let best = -1;
  for (let at = 0; at < values.length; at++) if (values[at] > 0 && (best < 0 || values[at] > values[best])) best = at;
  return best;
}

/** A place by its share of the mass; -1 where there is none. */
function drawn(mass: Float64Array, random: Random): number {
  let total = 0;
  for (const value of mass) total += value;
  let wanted = random.next() * total;
  let last = -1;
  for (let at = 0; at < mass.length; at++) {
    if (!(mass[at] > 0)) continue;
    last = at;
    wanted -= mass[at];
    if (wanted < 0) break;
  }
  return last;
}
