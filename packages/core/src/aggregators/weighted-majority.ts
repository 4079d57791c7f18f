import { z } from 'zod';
import { spreadOverItems, votePatterns, type VotePatterns } from '../math/vote-patterns.ts';
import { agreementEvidence, votesAgainst } from './agreement-evidence.ts';
import type { Aggregator } from './aggregator.ts';
import { estimateOf, uniformShares } from './estimate-of.ts';
import { majorityPosterior } from './majority.ts';

const options = z
  .strictObject({
    smoothing: z.number().min(0).max(100).default(0.5).describe('Weight of the class shares, in votes'),
    rounds: z.int().min(1).max(100).default(1).describe('How often weights and labels are worked out in turn'),
  })
  .prefault({});

export type WeightedMajorityOptions = z.output<typeof options>;

const weightedMajority: Aggregator<WeightedMajorityOptions> = {
  name: 'weighted-majority',
  title: 'Weighted majority vote',
  summary: 'Votes weigh by how often their labeler agrees with the majority (or with gold); one number per labeler.',
  paper: 'Wawa: worker agreement with aggregate, Appen; Y. Zheng et al. (2017), VLDB 10(5), doi:10.14778/3055540.3055547',
  options,
  aggregate(votes, { smoothing, rounds }, { gold, shares = uniformShares(votes.labels.length) }) {
    const patterns = votePatterns(votes, gold);
    let posterior = majorityPosterior(patterns, shares, smoothing);
    for (let round = 0; round < rounds; round++)
      posterior = majorityPosterior(patterns, shares, smoothing, agreementWeights(patterns, posterior));
    return estimateOf(votes, spreadOverItems(patterns, posterior), shares, agreementEvidence(patterns, posterior));
  },
};

export default weightedMajority;

/** m: how much more often than by chance a labeler agrees with the posterior, (agreement − 1/k) / (1 − 1/k), at least 0.01: nobody is
 *  silenced. Two votes at 3 in 4 are added, so that one lucky vote is not perfection. */
export function agreementWeights(patterns: VotePatterns, posterior: Float64Array): Float64Array {
  const { m, k } = patterns;
  const sums = votesAgainst(patterns, posterior);
  const weights = new Float64Array(m).fill(1);
  if (k === 1) return weights;
  for (let j = 0; j < m; j++) {
    let agreeing = 1.5;
    let all = 2;
    for (let l = 0; l < k; l++) {
      agreeing += sums[(j * k + l) * k + l];
      for (let y = 0; y < k; y++) all += sums[(j * k + l) * k + y];
    }
    weights[j] = Math.max(0.01, (agreeing / all - 1 / k) / (1 - 1 / k));
  }
  return weights;
}
