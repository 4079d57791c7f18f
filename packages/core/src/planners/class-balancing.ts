import { z } from 'zod';
import { duplicateShare, takeLargest } from './batch.ts';
import { beliefs, marginOf, scored } from './beliefs.ts';
import { askLimit, candidatesOf } from './candidates.ts';
import type { Planner } from './planner.ts';

const options = z
  .strictObject({
    seek: z
      .enum(['unsure', 'sure'])
      .default('unsure')
      .describe('Unsure: of the items that may be of the rare label, those that teach something. Sure: those most probably of it'),
    maxAsks: askLimit,
    duplicates: duplicateShare,
  })
  .prefault({});

/** Turn by turn: the label that the answers (and the expected answers of this batch) have least of gets the open item that is most probably of it,
 *  times 1 − margin where unsure ones are sought: sure ones teach little (on digits they never got there). O(B·n). */
const classBalancing: Planner<z.output<typeof options>> = {
  name: 'class-balancing',
  title: 'Rare labels first',
  summary:
    'Asks the items that are most probably of the labels with the fewest answers: finds examples of rare labels. Not for measuring shares.',
  paper: 'U. Aggarwal, A. Popescu & C. Hudelot (2020), WACV, doi:10.1109/WACV45572.2020.9093475',
  needs: [],
  options,
  plan(situation, { seek, maxAsks, duplicates }, random) {
    const { labels, answered, batchSize } = situation;
    const k = labels.length;
    const p = beliefs(situation);
    const candidates = candidatesOf(situation, maxAsks, random);
    const items = candidates.item;
    const worth = scored(candidates, (item) => (seek === 'sure' ? 1 : 1 - marginOf(p, item, k)));
    const expected = new Float64Array(k);
    for (const label of answered) if (label >= 0) expected[label] += 1;
    const left = new Uint8Array(candidates.item.length).fill(1);
    const wantedFor = new Map<number, number>();
    const order: number[] = [];
    const wanted = k > 0 ? Math.min(2 * batchSize, left.length) : 0;
    while (order.length < wanted) {
      const rare = leastOf(expected);
      const place = mostOf(left, (at) => p[items[at] * k + rare] * worth[at]);
      left[place] = 0;
      order.push(place);
      wantedFor.set(place, rare);
      for (let c = 0; c < k; c++) expected[c] += p[items[place] * k + c];
    }
    const utilities = new Float64Array(left.length);
    order.forEach((place, at) => {
      utilities[place] = order.length - at;
    });
    const reasonOf = (place: number): string => {
      const label = wantedFor.get(place);
      if (label === undefined) return 'nothing else is left';
      return `'${labels[label]}' ${p[items[place] * k + label].toFixed(2)}, a label with few answers`;
    };
    return takeLargest(situation, { candidates, utilities, reasonOf }, duplicates, order);
  },
};

export default classBalancing;

function leastOf(values: Float64Array): number {
  let least = 0;
  for (let c = 1; c < values.length; c++) if (values[c] < values[least]) least = c;
  return least;
}

function mostOf(left: Uint8Array, utility: (place: number) => number): number {
  let best = -1;
  let most = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < left.length; at++) {
    if (left[at] === 0) continue;
    const here = utility(at);
    if (here > most) [best, most] = [at, here];
  }
  return best;
}
