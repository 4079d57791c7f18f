import { z } from 'zod';
import { squaredLengths } from '../math/row-distances.ts';
import { duplicateShare, takeLargest } from './batch.ts';
import { beliefs, scored, tornBetween } from './beliefs.ts';
import { askLimit, candidatesOf } from './candidates.ts';
import type { Planner } from './planner.ts';

const options = z.strictObject({ maxAsks: askLimit, duplicates: duplicateShare }).prefault({});

/** Expected model change: the gradient of softmax regression at (x, c) is (p − e_c) ⊗ (x, 1), so that its expected length is
 *  Σ_c p_c ‖p − e_c‖ · √(‖x‖² + 1) with ‖p − e_c‖² = ‖p‖² − 2 p_c + 1: no gradient is formed. Without features all x are 0. O(n·k + non-zeros). */
const expectedGradientLength: Planner<z.output<typeof options>> = {
  name: 'expected-gradient-length',
  title: 'Expected model change',
  summary: 'Asks the items whose label would move a linear classifier most, on average over what the label may be.',
  paper: 'B. Settles, M. Craven & S. Ray (2007), Multiple-instance active learning, NeurIPS 20',
  needs: [],
  options,
  plan(situation, { maxAsks, duplicates }, random) {
    const { features, labels } = situation;
    const candidates = candidatesOf(situation, maxAsks, random);
    const squares = features && squaredLengths(features);
    const k = labels.length;
    const p = beliefs(situation);
    const utilities = scored(candidates, (item) => expectedResidual(p, item, k) * Math.sqrt((squares?.[item] ?? 0) + 1));
    const reasonOf = (place: number): string => `its label would teach most: ${tornBetween(situation, candidates.item[place])}`;
    return takeLargest(situation, { candidates, utilities, reasonOf }, duplicates);
  },
};

export default expectedGradientLength;

/** Σ_c p_c ‖p − e_c‖. */
function expectedResidual(p: Float64Array, row: number, k: number): number {
  let squares = 0;
  for (let at = row * k; at < (row + 1) * k; at++) squares += p[at] * p[at];
  let sum = 0;
  for (let at = row * k; at < (row + 1) * k; at++) sum += p[at] * Math.sqrt(Math.max(0, squares - 2 * p[at] + 1));
  return sum;
}
