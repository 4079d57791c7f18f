import { z } from 'zod';
import { nearestCentres } from '../math/k-means.ts';
import type { Matrix } from '../math/matrix.ts';
import { meanRow, squaredDistancesTo, squaredLengths, addRow } from '../math/row-distances.ts';
import { pickRows } from '../math/sparse.ts';
import { takeBatch } from './batch.ts';
import { needFeatures } from './beliefs.ts';
import { answeredItems, askLimit, candidatesOf } from './candidates.ts';
import { outlierShare, outlierTest } from './outliers.ts';
import type { Planner } from './planner.ts';

const options = z.strictObject({ maxAsks: askLimit, outliers: outlierShare }).prefault({});

/** k-centre greedy: always the open item farthest from all that is answered or taken, at most twice as far from the last one as the best choice
 *  would leave it. Odd items are farthest of all: they are passed over. O(n·d·(labels + B)).
 *  T. F. Gonzalez (1985), Theor. Comput. Sci. 38, doi:10.1016/0304-3975(85)90224-5. */
const coreSet: Planner<z.output<typeof options>> = {
  name: 'core-set',
  title: 'Core-set (k-centre)',
  summary:
    'Asks items far from all that have a label, so that none is far from one. For dense embeddings; on sparse text all distances are alike.',
  paper: 'O. Sener & S. Savarese (2018), ICLR, arXiv 1708.00489',
  needs: ['features'],
  options,
  plan(situation, { maxAsks, outliers }, random) {
    const features = needFeatures('core-set', situation);
    const candidates = candidatesOf(situation, maxAsks, random);
    const count = candidates.item.length;
    if (count === 0 || situation.batchSize === 0) return [];
    const rows = pickRows(features, candidates.item);
    const isOdd = outlierTest(features, candidates.item, outliers);
    const distances = distancesToKnown(rows, features, answeredItems(situation, random));
    const squares = squaredLengths(rows);
    const fresh = new Float64Array(count);
    const utilities = new Float64Array(count);
    const order: number[] = [];
    const odd: number[] = [];
    const left = new Uint8Array(count).fill(1);
    // Odd items are few; the bound is for data of which the sample says little.
    const mostOdd = Math.ceil(outliers * count) + situation.batchSize;
    while (order.length < situation.batchSize && order.length + odd.length < count) {
      const place = farthest(distances, left);
      left[place] = 0;
      utilities[place] = Math.sqrt(distances[place]);
      if (odd.length < mostOdd && order.length > 0 && isOdd([candidates.item[place]])[0]) {
        odd.push(place);
        continue;
      }
      order.push(place);
      squaredDistancesTo(rows, squares, place, fresh);
      for (let at = 0; at < count; at++) if (fresh[at] < distances[at]) distances[at] = fresh[at];
    }
    for (const place of odd) utilities[place] = 0;
    const rest = Array.from(left.keys()).filter((place) => left[place] === 1);
    const reasonOf = (place: number): string => `${utilities[place].toFixed(2)} away from the nearest item with a label`;
    return takeBatch(situation, { candidates, order: [...order, ...rest, ...odd], utilities, reasonOf }, 0);
  },
};

export default coreSet;

const block = 256;

/** Squared distance of each row to the nearest answered item; where nothing is answered, nearness to the middle, so that the first is a central one. */
function distancesToKnown(rows: Matrix, features: Matrix, answered: Int32Array): Float64Array {
  const distances = new Float64Array(rows.rows).fill(Number.POSITIVE_INFINITY);
  for (let first = 0; first < answered.length; first += block) {
    const some = answered.subarray(first, first + block);
    const values = new Float32Array(some.length * features.columns);
    some.forEach((item, at) => addRow(features, item, 1, values, at * features.columns));
    const { squaredDistances } = nearestCentres(rows, { kind: 'dense', rows: some.length, columns: features.columns, values });
    for (let row = 0; row < rows.rows; row++) distances[row] = Math.min(distances[row], squaredDistances[row]);
  }
  if (answered.length > 0) return distances;
  const middle = nearestCentres(rows, {
    kind: 'dense',
    rows: 1,
    columns: rows.columns,
    values: Float32Array.from(meanRow(rows)),
  }).squaredDistances;
  let most = 0;
  for (const distance of middle) most = Math.max(most, distance);
  // Above every real distance: they count for the first choice only.
  return middle.map((distance) => 4 * most + 1 - distance);
}

function farthest(distances: Float64Array, left: Uint8Array): number {
  let best = -1;
  for (let at = 0; at < distances.length; at++) if (left[at] === 1 && (best < 0 || distances[at] > distances[best])) best = at;
  return best;
}
