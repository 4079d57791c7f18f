import { fitSvd, transformSvd } from '../features/svd.ts';
import type { Matrix } from '../math/matrix.ts';
import { type Neighbours, nearestNeighbours } from '../math/nearest-neighbours.ts';
import { createRandom } from '../math/random.ts';
import type { FewLabels, Way } from './few-labels.ts';
import { graphOf } from './neighbour-graph.ts';
import { spreadLabels } from './spread-labels.ts';

const mostNeighbours = 15;
/** The first is the usual one: with few answers they must reach far. */
const graphSettings = [
  { count: 7, alpha: 0.98 },
  { count: 10, alpha: 0.9 },
  { count: 15, alpha: 0.98 },
];

/** Labels spread from the answers, each label from a mass of 1 (or of its share). */
export function graphWays({ features, near = features, neighbours, answered, labels: k, weights, shares }: FewLabels): Way[] {
  const known = neighbours ?? neighboursOf(near);
  return graphSettings.map(({ count, alpha }): Way => {
    const graph = graphOf(known, answered.length, 7, count);
    return {
      method: 'graph',
      setting: count,
      tell(learned, wanted) {
        const mass = new Float64Array(k);
        for (const row of learned) mass[answered[row]] += weights?.[row] ?? 1;
        const seeds = new Float64Array(answered.length * k);
        for (const row of learned) seeds[row * k + answered[row]] = (weights?.[row] ?? 1) / mass[answered[row]];
        const spread = spreadLabels(graph, seeds, k, { alpha });
        const scores = new Float64Array(wanted.length * k);
        wanted.forEach((row, at) => {
          let total = 0;
          for (let c = 0; c < k; c++) total += spread[row * k + c] * (shares?.[c] ?? 1);
          for (let c = 0; c < k; c++) {
            const share = total > 0 ? (spread[row * k + c] * (shares?.[c] ?? 1)) / total : (shares?.[c] ?? 1 / k);
            scores[at * k + c] = Math.log(Math.max(share, 1e-6));
          }
        });
        return scores;
      },
    };
  });
}

/** They do not change with the answers: found once per matrix, which therefore must not be written to afterwards. */
const found = new WeakMap<Matrix, Neighbours>();

/** Of sparse rows in the directions in which they vary: texts that share no word have neighbours there, and they are found sooner. */
function neighboursOf(near: Matrix): Neighbours {
  let known = found.get(near);
  if (!known) {
    const rows = near.kind === 'dense' ? near : transformSvd(fitSvd(near, {}, createRandom(1)), near);
    known = nearestNeighbours(rows, { k: mostNeighbours, metric: 'euclid' });
    found.set(near, known);
  }
  return known;
}
