import { nearestNeighbours } from '../math/nearest-neighbours.ts';
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
  const known = neighbours ?? nearestNeighbours(near, { k: mostNeighbours, metric: 'euclid' });
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
