import { z } from 'zod';
import { codeCounts, spreadOverItems, votePatterns, type VotePatterns } from '../math/vote-patterns.ts';
import { agreementEvidence } from './agreement-evidence.ts';
import type { Aggregator } from './aggregator.ts';
import { leastShare } from './em.ts';
import { estimateOf, uniformShares } from './estimate-of.ts';
import { type PairCounts, pairCounts } from './pair-counts.ts';
import { silenceOf } from './silence.ts';

const options = z
  .strictObject({
    accuracy: z.number().gt(0).lt(1).default(0.7).describe('Precision that a labeler is taken to have where no triplet tells'),
    priorVotes: z.number().min(0).max(1e6).default(10).describe('Pseudo-votes of that belief per labeler and label'),
  })
  .prefault({});

export type TripletsOptions = z.output<typeof options>;

/** Accuracies in closed form from triplets, as in FlyingSquid: of three labelers that are independent given a yes-or-no truth,
 *  cov(i, j) = d_i d_j Var(y), hence |d_i| = √|cov(i, j) cov(i, l) / cov(j, l)| / sd(y); the median over all j, l. No iterations: an online
 *  monitor of who is how good. Votes are taken as "said c" and "said another" and centred, so that labelers may miss more than they make
 *  up; the sign is that of a labeler better than chance. One label against the rest each, so with more than two labels it is rough. Class
 *  shares are held (uniform unless told); silence is no evidence on an item. Wins with few, dense, independent labelers.
 *  O(Σ votes per item² + k · labelers · partners²).
 *  D. Y. Fu, M. F. Chen, F. Sala, S. M. Hooper, K. Fatahalian & C. Ré (2020), ICML, arXiv:2002.11955. */
const triplets: Aggregator<TripletsOptions> = {
  name: 'triplets',
  title: 'Triplets',
  summary: 'Accuracies in closed form from threes of labelers; for few, dense and independent ones, two labels best.',
  paper: 'D. Y. Fu, M. F. Chen, F. Sala, S. M. Hooper, K. Fatahalian & C. Ré (2020), ICML, arXiv:2002.11955',
  options,
  aggregate(votes, given, { gold, shares = uniformShares(votes.labels.length) }) {
    const patterns = votePatterns(votes, gold);
    const pairs = pairCounts(patterns, silenceOf(votes));
    const odds = shares.map((_, c) => Math.min(1 - leastShare, Math.max(leastShare, shares[c])));
    const evidence = Array.from(odds, (share, c) => evidenceFor(patterns, pairs, c, share, given));
    const posterior = oneAgainstTheRest(patterns, shares, odds, evidence);
    return estimateOf(votes, spreadOverItems(patterns, posterior), shares, agreementEvidence(patterns, posterior));
  },
};

export default triplets;

/** A labeler's partners are looked at up to so many, those with most items in common. */
const mostPartners = 100;
const mostPrecise = 0.999;

/** m × 2: log odds that label `c` holds, beyond its share, after "said another" and after "said c". */
function evidenceFor(
  patterns: VotePatterns,
  pairs: PairCounts,
  c: number,
  share: number,
  { accuracy, priorVotes }: TripletsOptions,
): Float64Array {
  const { m, k } = patterns;
  const said = codeCounts(patterns);
  const spread = share * (1 - share);
  const own = [1, 0].map((isC) => {
    const times = Float64Array.from({ length: m }, (_, j) => {
      let sum = 0;
      for (let l = 0; l < k; l++) if ((l === c) === (isC === 0)) sum += said[j * k + l];
      return sum;
    });
    return { isC: isC === 0, times, moments: momentsOf(pairs, times, k, (l) => (l === c) === (isC === 0)) };
  });
  const evidence = new Float64Array(m * 2);
  for (const { isC, times, moments } of own) {
    const prior = isC ? share : 1 - share;
    const odds = (accuracy / (1 - accuracy)) * Math.max(1, k - 1);
    const believed = (prior * odds) / (prior * odds + 1 - prior);
    for (let j = 0; j < m; j++) {
      if (times[j] === 0) continue;
      const rate = times[j] / pairs.could[j];
      const strength = strengthOf(j, pairs, moments);
      // P(said | y) = rate + (1 − P(y)) d, d = strength / sd(y); its precision by Bayes.
      const measured = strength === undefined ? believed : prior * (1 + ((1 - prior) * strength) / (Math.sqrt(spread) * rate));
      const trusted = (times[j] * Math.min(1, measured) + priorVotes * believed) / (times[j] + priorVotes);
      const precision = Math.min(mostPrecise, Math.max(1 - mostPrecise, trusted));
      const logOdds = Math.log(precision / (1 - precision)) - Math.log(prior / (1 - prior));
      evidence[j * 2 + (isC ? 1 : 0)] = isC ? logOdds : -logOdds;
    }
  }
  return evidence;
}

interface Moments {
  readonly covariance: (a: number, b: number) => number;
  /** Standard error of a covariance of nothing. */
  readonly noise: (a: number, b: number) => number;
}

function momentsOf({ said, common, could }: PairCounts, times: Float64Array, k: number, holds: (label: number) => boolean): Moments {
  const labels = Array.from({ length: k }, (_, l) => l).filter(holds);
  const rate = (j: number): number => times[j] / could[j];
  return {
    covariance: (a, b) => {
      let together = 0;
      for (const l of labels) for (const r of labels) together += said(a, b, l, r);
      return together / common(a, b) - rate(a) * rate(b);
    },
    noise: (a, b) => Math.sqrt((rate(a) * (1 - rate(a)) * rate(b) * (1 - rate(b))) / common(a, b)),
  };
}

/** |d_i| · sd(y): the median over triplets whose third side is more than noise; undefined where there is none. */
function strengthOf(i: number, { partners, common }: PairCounts, { covariance, noise }: Moments): number | undefined {
  const near = nearest(partners[i], (j) => common(i, j));
  const sides = near.map((j) => Math.abs(covariance(i, j)));
  const values: number[] = [];
  for (let x = 0; x < near.length; x++) {
    for (let y = x + 1; y < near.length; y++) {
      if (!(common(near[x], near[y]) > 0)) continue;
      const third = Math.abs(covariance(near[x], near[y]));
      if (third > noise(near[x], near[y])) values.push(Math.sqrt((sides[x] * sides[y]) / third));
    }
  }
  if (values.length === 0) return undefined;
  values.sort((a, b) => a - b);
  const middle = values.length >> 1;
  return values.length % 2 === 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

/** Ties at the end are all kept: which of them comes first must not matter. */
function nearest(list: readonly number[], items: (labeler: number) => number): readonly number[] {
  if (list.length <= mostPartners) return list;
  const least = list.map(items).sort((a, b) => b - a)[mostPartners - 1];
  return list.filter((j) => items(j) >= least);
}

/** Each label's P(it holds) against all others, scaled to sum to 1. */
function oneAgainstTheRest(
  { k, size, offsets, codes, gold }: VotePatterns,
  shares: Float64Array,
  floored: Float64Array,
  evidence: readonly Float64Array[],
): Float64Array {
  const posterior = new Float64Array(size * k);
  const prior = floored.map((share) => Math.log(share / (1 - share)));
  for (let p = 0; p < size; p++) {
    if (gold && gold[p] >= 0) {
      posterior[p * k + gold[p]] = 1;
      continue;
    }
    if (k === 1 || offsets[p] === offsets[p + 1]) {
      posterior.set(shares, p * k);
      continue;
    }
    let sum = 0;
    for (let c = 0; c < k; c++) {
      let logOdds = prior[c];
      for (let e = offsets[p]; e < offsets[p + 1]; e++) logOdds += evidence[c][Math.floor(codes[e] / k) * 2 + Number(codes[e] % k === c)];
      sum += posterior[p * k + c] = 1 / (1 + Math.exp(-logOdds));
    }
    for (let c = 0; c < k; c++) posterior[p * k + c] = sum > 0 ? posterior[p * k + c] / sum : shares[c];
  }
  return posterior;
}
