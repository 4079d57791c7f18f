import { z } from 'zod';
import { spreadOverItems, votePatterns, type VotePatterns } from '../math/vote-patterns.ts';
import type { Aggregator } from './aggregator.ts';
import { estimateOf, uniformShares } from './estimate-of.ts';
import { agreementEvidence } from './agreement-evidence.ts';

const options = z
  .strictObject({
    smoothing: z
      .number()
      .min(0)
      .max(100)
      .default(0.5)
      .describe('Weight of the class shares, in votes: one vote against none then gives (1 + 0.5 share) / 1.5, not certainty'),
  })
  .prefault({});

export type MajorityOptions = z.output<typeof options>;

/** Majority vote as a smoothed posterior: P(y) ∝ s · share[y] + votes for y. Ties are broken by the class shares, where they are known.
 *  Every vote counts alike, silence for nothing. O(votes).
 *  @param weights m labeler weights; 1 each where absent */
export function majorityPosterior(patterns: VotePatterns, shares: Float64Array, smoothing: number, weights?: Float64Array): Float64Array {
  const { k, size, offsets, codes, gold } = patterns;
  const posterior = new Float64Array(size * k);
  for (let p = 0; p < size; p++) {
    const at = p * k;
    if (gold && gold[p] >= 0) {
      posterior[at + gold[p]] = 1;
      continue;
    }
    let total = 0;
    for (let e = offsets[p]; e < offsets[p + 1]; e++) {
      const weight = weights ? weights[Math.floor(codes[e] / k)] : 1;
      posterior[at + (codes[e] % k)] += weight;
      total += weight;
    }
    const prior = total > 0 ? smoothing : 1;
    for (let y = 0; y < k; y++) posterior[at + y] = (posterior[at + y] + prior * shares[y]) / (total + prior);
  }
  return posterior;
}

const majority: Aggregator<MajorityOptions> = {
  name: 'majority',
  title: 'Majority vote',
  summary: 'Counts votes, all labelers alike; hard to beat with few or equally skilled labelers, and never far off.',
  options,
  aggregate(votes, { smoothing }, { gold, shares = uniformShares(votes.labels.length) }) {
    const patterns = votePatterns(votes, gold);
    const posterior = majorityPosterior(patterns, shares, smoothing);
    return estimateOf(votes, spreadOverItems(patterns, posterior), shares, agreementEvidence(patterns, posterior));
  },
};

export default majority;
