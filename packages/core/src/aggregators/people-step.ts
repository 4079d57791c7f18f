import type { Counts } from './em.ts';

export interface PeoplePrior {
  /** Votes per true label that the pooled confusion counts for. */
  readonly strength: number;
  /** Votes per true label beyond which a labeler's say in the pooled confusion grows no more. */
  readonly poolCap: number;
  /** One accuracy per labeler in place of a confusion matrix. */
  readonly oneCoin?: boolean;
}

/** M-step for labelers whose silence means nothing: confusion rows P(said | true) with a hierarchical prior. The pooled confusion of all of
 *  them, in which nobody counts for more than `poolCap` votes a row – else one tireless spammer is everybody's prior –, stands for
 *  `strength` votes: C_j[y, l] = (N_j[y, l] + κ P[y, l]) / (N_j[y] + κ). Writes log C into `out` by `code · k + y`.
 *  @param weights m: copies of one labeler share a weight of 1 */
export function peopleStep(
  counts: Counts,
  labelers: readonly number[],
  weights: Float64Array,
  prior: PeoplePrior,
  k: number,
  out: Float64Array,
): void {
  const pooled = pool(counts, labelers, weights, prior, k);
  for (const j of labelers) {
    if (prior.oneCoin) writeOneCoin(counts, j, prior.strength, pooled, k, out);
    else writeConfusion(counts, j, prior.strength, pooled, k, out);
  }
}

/** k×k rows = true label. A pseudo-worker who is right ten times in 10 + (k − 1) keeps it proper where nobody voted. */
function pool(counts: Counts, labelers: readonly number[], weights: Float64Array, { poolCap }: PeoplePrior, k: number): Float64Array {
  const pooled = new Float64Array(k * k);
  for (let y = 0; y < k; y++) for (let l = 0; l < k; l++) pooled[y * k + l] = y === l ? 1 : 0.1;
  for (const j of labelers) {
    for (let y = 0; y < k; y++) {
      let votes = 0;
      for (let l = 0; l < k; l++) votes += counts.votes[(j * k + l) * k + y];
      const weight = weights[j] * (votes > poolCap ? poolCap / votes : 1);
      for (let l = 0; l < k; l++) pooled[y * k + l] += weight * counts.votes[(j * k + l) * k + y];
    }
  }
  for (let y = 0; y < k; y++) {
    let sum = 0;
    for (let l = 0; l < k; l++) sum += pooled[y * k + l];
    for (let l = 0; l < k; l++) pooled[y * k + l] /= sum;
  }
  return pooled;
}

function writeConfusion(counts: Counts, j: number, strength: number, pooled: Float64Array, k: number, out: Float64Array): void {
  for (let y = 0; y < k; y++) {
    let votes = strength;
    for (let l = 0; l < k; l++) votes += counts.votes[(j * k + l) * k + y];
    for (let l = 0; l < k; l++) {
      const at = (j * k + l) * k + y;
      out[at] = Math.log((counts.votes[at] + strength * pooled[y * k + l]) / votes);
    }
  }
}

function writeOneCoin(counts: Counts, j: number, strength: number, pooled: Float64Array, k: number, out: Float64Array): void {
  let right = 0;
  let votes = strength;
  for (let l = 0; l < k; l++) {
    right += (strength * pooled[l * k + l]) / k + counts.votes[(j * k + l) * k + l];
    for (let y = 0; y < k; y++) votes += counts.votes[(j * k + l) * k + y];
  }
  const accuracy = k === 1 ? 1 : right / votes;
  for (let l = 0; l < k; l++)
    for (let y = 0; y < k; y++) out[(j * k + l) * k + y] = Math.log(l === y ? accuracy : (1 - accuracy) / (k - 1));
}
