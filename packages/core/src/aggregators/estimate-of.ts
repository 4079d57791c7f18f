import type { Estimate } from '../model/estimate.ts';
import type { LabelerId } from '../model/ids.ts';
import type { VoteTable } from '../model/vote-table.ts';

/** @param posterior n×k   @param evidence m·k·k by `code · k + y`: log P(said | y), any scale per (labeler, y) */
export function estimateOf(
  votes: VoteTable,
  posterior: Float64Array,
  shares: Float64Array,
  evidence: Float64Array,
  warnings: readonly string[] = [],
): Estimate {
  const confusion = new Map<LabelerId, Float64Array>();
  votes.labelers.forEach((labeler, j) => confusion.set(labeler, confusionOf(evidence, j, votes.labels.length)));
  return { items: votes.items, labels: votes.labels, posterior, shares, confusion, warnings };
}

/** k×k, rows = true label, columns = said, given that it voted. Uniform for a labeler that never votes. */
function confusionOf(evidence: Float64Array, j: number, k: number): Float64Array {
  const out = new Float64Array(k * k);
  for (let y = 0; y < k; y++) {
    let top = -Infinity;
    for (let l = 0; l < k; l++) top = Math.max(top, evidence[(j * k + l) * k + y]);
    let sum = 0;
    for (let l = 0; l < k; l++) {
      const value = top === -Infinity ? 1 : Math.exp(evidence[(j * k + l) * k + y] - top);
      out[y * k + l] = value;
      sum += value;
    }
    for (let l = 0; l < k; l++) out[y * k + l] /= sum;
  }
  return out;
}

export function uniformShares(k: number): Float64Array {
  return new Float64Array(k).fill(1 / k);
}
