import { z } from 'zod';
import { spreadOverItems, votePatterns, type VotePatterns } from '../math/vote-patterns.ts';
import { agreementEvidence } from './agreement-evidence.ts';
import type { Aggregator } from './aggregator.ts';
import { leastShare } from './em.ts';
import { estimateOf, uniformShares } from './estimate-of.ts';

const options = z
  .strictObject({
    maxRounds: z.int().min(1).max(10_000).default(200).describe('EM rounds at most'),
    tolerance: z.number().gt(0).max(0.1).default(1e-5).describe('Stops where the posterior moves by less, mean over the items'),
  })
  .prefault({});

export type GladOptions = z.output<typeof options>;

/** GLAD: every labeler has a skill α_j, every item an ease β_i = exp(b_i): P(right) = σ(α_j β_i), wrong labels alike. Shows *hard items*
 *  (`difficulty` of the estimate): those that a labeler of average skill gets wrong. Class shares are held, uniform unless told; silence says
 *  nothing. EM from equal skill and ease under the priors α, b ~ N(1, 1); in place of gradient ascent one Newton step for each b_i and each
 *  α_j a round, which climbs to the same point. O(rounds · votes · k).
 *  J. Whitehill, P. Ruvolo, T. Wu, J. Bergsma & J. Movellan (2009), NeurIPS 22. */
const glad: Aggregator<GladOptions> = {
  name: 'glad',
  title: 'GLAD',
  summary: 'Skill of labelers and ease of items together; take it to find the items that are hard.',
  paper: 'J. Whitehill, P. Ruvolo, T. Wu, J. Bergsma & J. Movellan (2009), NeurIPS 22',
  options,
  aggregate(votes, given, { gold, shares = uniformShares(votes.labels.length) }) {
    const patterns = votePatterns(votes, gold);
    const { posterior, skill, logEase } = fitGlad(patterns, shares, given);
    const estimate = estimateOf(votes, spreadOverItems(patterns, posterior), shares, agreementEvidence(patterns, posterior));
    const typical = skill.reduce((sum, value) => sum + value, 0) / Math.max(1, skill.length);
    const { patternOf } = patterns;
    const difficulty = Float64Array.from(votes.items, (_, i) => 1 - sigmoid(typical * Math.exp(logEase[patternOf ? patternOf[i] : i])));
    return { ...estimate, difficulty };
  },
};

export default glad;

export interface GladFit {
  /** P×k over the patterns. */
  readonly posterior: Float64Array;
  /** m: α. Below 0: says the opposite. */
  readonly skill: Float64Array;
  /** P: b. */
  readonly logEase: Float64Array;
}

export function fitGlad(patterns: VotePatterns, shares: Float64Array, { maxRounds, tolerance }: GladOptions): GladFit {
  const { m, k, size, offsets, codes, count, gold, n } = patterns;
  const logShares = shares.map((share) => Math.log(Math.max(share, leastShare)));
  const posterior = new Float64Array(size * k);
  const logEase = new Float64Array(size).fill(1);
  const skill = new Float64Array(m).fill(1);
  const slope = new Float64Array(m);
  const bend = new Float64Array(m);
  const row = new Float64Array(k);
  for (let round = 0; round < maxRounds; round++) {
    let moved = 0;
    slope.fill(0);
    bend.fill(0);
    for (let p = 0; p < size; p++) {
      const times = count ? count[p] : 1;
      if (gold && gold[p] >= 0) row.fill(0)[gold[p]] = 1;
      else if (offsets[p] === offsets[p + 1]) row.set(shares);
      else eStep(patterns, p, logShares, skill, Math.exp(logEase[p]), row);
      for (let y = 0; y < k; y++) {
        moved += times * Math.abs(row[y] - posterior[p * k + y]);
        posterior[p * k + y] = row[y];
      }
      logEase[p] += easeStep(patterns, p, skill, logEase[p], row);
      const ease = Math.exp(logEase[p]);
      for (let e = offsets[p]; e < offsets[p + 1]; e++) {
        const j = Math.floor(codes[e] / k);
        const right = sigmoid(skill[j] * ease);
        slope[j] += times * (row[codes[e] % k] - right) * ease;
        bend[j] += times * right * (1 - right) * ease * ease;
      }
    }
    for (let j = 0; j < m; j++) skill[j] += (slope[j] - (skill[j] - 1)) / (bend[j] + 1);
    if (round > 0 && moved <= tolerance * n) break;
  }
  return { posterior, skill, logEase };
}

/** A vote that is right with probability σ(x) speaks for its label with log σ(x) − log((1 − σ(x)) / (k − 1)) = x + log(k − 1). */
function eStep(
  { k, offsets, codes }: VotePatterns,
  p: number,
  prior: Float64Array,
  skill: Float64Array,
  ease: number,
  row: Float64Array,
): void {
  const most = Math.log(Math.max(1, k - 1));
  row.set(prior);
  for (let e = offsets[p]; e < offsets[p + 1]; e++) row[codes[e] % k] += skill[Math.floor(codes[e] / k)] * ease + most;
  let top = -Infinity;
  for (let y = 0; y < k; y++) if (row[y] > top) top = row[y];
  let sum = 0;
  for (let y = 0; y < k; y++) sum += row[y] = Math.exp(row[y] - top);
  for (let y = 0; y < k; y++) row[y] /= sum;
}

/** Newton's step of b under N(1, 1), with the expected curvature, which is never the wrong way round; one at most. */
function easeStep({ k, offsets, codes }: VotePatterns, p: number, skill: Float64Array, logEase: number, row: Float64Array): number {
  const ease = Math.exp(logEase);
  let slope = 1 - logEase;
  let bend = 1;
  for (let e = offsets[p]; e < offsets[p + 1]; e++) {
    const x = skill[Math.floor(codes[e] / k)] * ease;
    const right = sigmoid(x);
    slope += (row[codes[e] % k] - right) * x;
    bend += right * (1 - right) * x * x;
  }
  return Math.max(-1, Math.min(1, slope / bend));
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
