import { z } from 'zod';
import { digamma, logGamma } from '../math/special-functions.ts';
import { codeCounts, everyNthPattern, spreadOverItems, votePatterns, type VotePatterns } from '../math/vote-patterns.ts';
import { votesAgainst } from './agreement-evidence.ts';
import type { Aggregator } from './aggregator.ts';
import { leastShare } from './em.ts';
import { estimateOf, uniformShares } from './estimate-of.ts';

const options = z
  .strictObject({
    subtypes: z.int().min(1).max(50).default(10).describe('Kinds of items per label at most; those that are not needed stay empty'),
    spread: z.number().gt(0).max(1000).default(0.1).describe('Dirichlet prior on the shares of the subtypes: the less, the fewer are used'),
    right: z.number().gt(0).max(10_000).default(4).describe('Prior votes on the true label, per labeler and subtype'),
    wrong: z.number().gt(0).max(10_000).default(1).describe('Prior votes on each other label'),
    starts: z.int().min(1).max(100).default(5).describe('Random starts, of which the one that explains the votes best is kept'),
    maxRounds: z.int().min(1).max(10_000).default(200).describe('Variational rounds at most, per start'),
  })
  .prefault({});

export type EbccOptions = z.output<typeof options>;

/** Enhanced Bayesian classifier combination: every label has subtypes, and every labeler a row of its confusion for each, so that labelers who
 *  stumble over the same items are correlated through them. Variational Bayes, the best evidence bound of several random starts. For people,
 *  above all where truth is skewed and `dawid-skene` drifts; silence says nothing here. O(starts · rounds · patterns · votes per pattern · k ·
 *  subtypes): some fifty times `ibcc`.
 *  Y. Li, B. I. P. Rubinstein & T. Cohn (2019), ICML, PMLR 97:3886–3895. */
const ebcc: Aggregator<EbccOptions> = {
  name: 'ebcc',
  title: 'Correlated Bayesian classifier combination',
  summary: 'Bayesian combination with kinds of items that labelers stumble over together; slow and good for people.',
  paper: 'Y. Li, B. I. P. Rubinstein & T. Cohn (2019), ICML, PMLR 97:3886–3895',
  options,
  aggregate(votes, given, { gold, shares, random }) {
    const patterns = votePatterns(votes, gold);
    const part = studied(patterns);
    const keys = startingKeys(part);
    const start = (): SubtypeCounts => randomStart(part, keys, random.integer(2 ** 31), given.subtypes);
    let best = fit(part, start(), given, shares);
    for (let other = 1; other < given.starts; other++) {
      const next = fit(part, start(), given, shares);
      if (next.bound > best.bound + 1e-9 * Math.abs(best.bound)) best = next;
    }
    if (part !== patterns) best = fit(patterns, best.counts, { ...given, maxRounds: finishingRounds }, shares);
    return estimateOf(votes, spreadOverItems(patterns, best.posterior), best.shares, logConfusions(patterns, best.posterior, given));
  },
};

export default ebcc;

interface Fit {
  /** P×k. */
  readonly posterior: Float64Array;
  readonly shares: Float64Array;
  /** Lower bound of log P(votes), up to a constant. */
  readonly bound: number;
  /** What it was fitted to last. */
  readonly counts: SubtypeCounts;
}

/** Tables of more patterns are worked out on a part, where that has enough votes per labeler, and finished in a few rounds over all. */
const mostPatterns = 20_000;
const enoughVotes = 200;
const finishingRounds = 3;

function studied(patterns: VotePatterns): VotePatterns {
  const step = Math.floor(patterns.size / mostPatterns);
  return step < 2 || patterns.codes.length / step < enoughVotes * patterns.m * patterns.k ? patterns : everyNthPattern(patterns, step);
}

/** Stops where the posterior moved by less, mean over the patterns of Σ_y |Δ|. */
const tolerance = 1e-5;

function fit(patterns: VotePatterns, start: SubtypeCounts, given: EbccOptions, told: Float64Array | undefined): Fit {
  const { m, k, size } = patterns;
  const width = k * given.subtypes;
  const posterior = new Float64Array(size * k);
  let counts = start;
  const belief: Belief = { prior: new Float64Array(width), votes: new Float64Array(m * k * width), shares: uniformShares(k) };
  for (let round = 1; ; round++) {
    update(patterns, counts, given, told, belief);
    const pass = eStep(patterns, belief, width, posterior);
    if (pass.moved > tolerance && round < given.maxRounds) {
      counts = pass.counts;
      continue;
    }
    for (let p = 0; p < size; p++) if (isEmpty(patterns, p)) posterior.set(belief.shares, p * k);
    const bound = pass.logEvidence - divergence(patterns, counts, given, told !== undefined);
    return { posterior, shares: belief.shares, bound, counts };
  }
}

/** Expected counts: of items by (label, subtype), and of votes by `code · width + label · subtypes + subtype`. */
interface SubtypeCounts {
  readonly items: Float64Array;
  readonly votes: Float64Array;
}

interface Belief {
  /** k·M: E[log share of the label] + E[log share of the subtype in it]. */
  readonly prior: Float64Array;
  /** Like the counts: E[log P(said | label, subtype)]. */
  readonly votes: Float64Array;
  shares: Float64Array;
}

/** The variational M-step. */
function update({ k, m }: VotePatterns, counts: SubtypeCounts, given: EbccOptions, told: Float64Array | undefined, belief: Belief): void {
  const { subtypes, spread, right, wrong } = given;
  const width = k * subtypes;
  const mass = labelMass(counts.items, k, subtypes);
  const all = digamma(mass.reduce((sum, value) => sum + value + 1, 0));
  const logShares = told ? told.map((share) => Math.log(Math.max(share, leastShare))) : mass.map((value) => digamma(value + 1) - all);
  for (let y = 0; y < k; y++) {
    const within = digamma(mass[y] + spread);
    for (let g = 0; g < subtypes; g++) {
      belief.prior[y * subtypes + g] = logShares[y] + digamma(counts.items[y * subtypes + g] + spread / subtypes) - within;
    }
  }
  for (let j = 0; j < m; j++) {
    for (let at = 0; at < width; at++) {
      let total = right + (k - 1) * wrong;
      for (let l = 0; l < k; l++) total += counts.votes[(j * k + l) * width + at];
      const norm = digamma(total);
      const y = Math.floor(at / subtypes);
      for (let l = 0; l < k; l++) {
        const cell = (j * k + l) * width + at;
        belief.votes[cell] = digamma(counts.votes[cell] + (l === y ? right : wrong)) - norm;
      }
    }
  }
  const scale = logShares.reduce((sum, value) => sum + Math.exp(value), 0);
  belief.shares = told ?? logShares.map((value) => Math.exp(value) / scale);
}

/** The posterior over (label, subtype) of every pattern, counted as it comes; `logEvidence` is Σ log of its normalisers. */
function eStep(patterns: VotePatterns, { prior, votes }: Belief, width: number, posterior: Float64Array) {
  const { m, k, size, offsets, codes, count, gold } = patterns;
  const subtypes = width / k;
  const counts: SubtypeCounts = { items: new Float64Array(width), votes: new Float64Array(m * k * width) };
  const row = new Float64Array(width);
  let moved = 0;
  let logEvidence = 0;
  let items = 0;
  for (let p = 0; p < size; p++) {
    if (isEmpty(patterns, p)) continue;
    const times = count ? count[p] : 1;
    items += times;
    row.set(prior);
    for (let e = offsets[p]; e < offsets[p + 1]; e++) {
      for (let at = 0, from = codes[e] * width; at < width; at++, from++) row[at] += votes[from];
    }
    const known = gold ? gold[p] : -1;
    const first = known < 0 ? 0 : known * subtypes;
    const last = known < 0 ? width : first + subtypes;
    let top = -Infinity;
    for (let at = first; at < last; at++) if (row[at] > top) top = row[at];
    let sum = 0;
    for (let at = 0; at < width; at++) sum += row[at] = at >= first && at < last ? Math.exp(row[at] - top) : 0;
    logEvidence += times * (top + Math.log(sum));
    for (let y = 0, at = 0; y < k; y++) {
      let mass = 0;
      for (let g = 0; g < subtypes; g++, at++) {
        mass += row[at] /= sum;
        row[at] *= times;
        counts.items[at] += row[at];
      }
      moved += times * Math.abs(mass - posterior[p * k + y]);
      posterior[p * k + y] = mass;
    }
    for (let e = offsets[p]; e < offsets[p + 1]; e++) {
      for (let at = 0, to = codes[e] * width; at < width; at++, to++) counts.votes[to] += row[at];
    }
  }
  normalizeRows(posterior, k);
  return { counts, logEvidence, moved: items > 0 ? moved / items : 0 };
}

/** Sums of subtypes are 1 but for rounding. */
function normalizeRows(posterior: Float64Array, k: number): void {
  for (let first = 0; first < posterior.length; first += k) {
    let sum = 0;
    for (let y = 0; y < k; y++) sum += posterior[first + y];
    if (sum > 0) for (let y = 0; y < k; y++) posterior[first + y] /= sum;
  }
}

/** The start: the majority vote, with each label's mass dealt at random to its subtypes. What is dealt hangs on the votes alone – who agrees
 *  with the label, known by how much he voted and agreed – and not on names or places, so that permuting changes nothing. */
function randomStart(patterns: VotePatterns, keys: Float64Array, seed: number, subtypes: number): SubtypeCounts {
  const { m, k, size, offsets, codes, count, gold } = patterns;
  const width = k * subtypes;
  const counts: SubtypeCounts = { items: new Float64Array(width), votes: new Float64Array(m * k * width) };
  const row = new Float64Array(width);
  for (let p = 0; p < size; p++) {
    if (isEmpty(patterns, p)) continue;
    const votes = offsets[p + 1] - offsets[p];
    const known = gold ? gold[p] : -1;
    for (let y = 0; y < k; y++) {
      let own = 0;
      for (let e = offsets[p]; e < offsets[p + 1]; e++) if (codes[e] % k === y) own++;
      const mass = (count ? count[p] : 1) * (known >= 0 ? Number(known === y) : own / votes);
      let sum = 0;
      for (let g = 0; g < subtypes; g++) sum += row[y * subtypes + g] = -Math.log(uniformOf(keys[p * k + y], seed + g));
      for (let g = 0; g < subtypes; g++) row[y * subtypes + g] *= mass / sum;
    }
    for (let at = 0; at < width; at++) counts.items[at] += row[at];
    for (let e = offsets[p]; e < offsets[p + 1]; e++) for (let at = 0; at < width; at++) counts.votes[codes[e] * width + at] += row[at];
  }
  return counts;
}

/** P×k integers: what the votes of a pattern look like from a label. */
function startingKeys(patterns: VotePatterns): Float64Array {
  const { m, k, size, offsets, codes, count } = patterns;
  const said = codeCounts(patterns);
  const agreed = new Float64Array(m);
  for (let p = 0; p < size; p++) {
    for (let e = offsets[p]; e < offsets[p + 1]; e++) {
      for (let f = offsets[p]; f < offsets[p + 1]; f++) {
        if (codes[e] % k === codes[f] % k) agreed[Math.floor(codes[e] / k)] += count ? count[p] : 1;
      }
    }
  }
  const labelers = agreed.map((times, j) =>
    hashOf(
      times,
      said.subarray(j * k, j * k + k).reduce((sum, value) => sum + value, 0),
    ),
  );
  const keys = new Float64Array(size * k);
  for (let p = 0; p < size; p++) {
    for (let e = offsets[p]; e < offsets[p + 1]; e++) {
      const labeler = labelers[Math.floor(codes[e] / k)];
      for (let y = 0; y < k; y++) keys[p * k + y] += hashOf(labeler, Number(codes[e] % k === y));
    }
  }
  return keys;
}

function hashOf(a: number, b: number): number {
  let hash = Math.imul(a % 0x7fffffff, 0x85ebca6b) ^ Math.imul((b % 0x7fffffff) + 0x9e3779b9, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function uniformOf(key: number, seed: number): number {
  return (hashOf(key, seed) + 0.5) / 2 ** 32;
}

function isEmpty({ offsets, gold }: VotePatterns, p: number): boolean {
  return offsets[p] === offsets[p + 1] && !(gold && gold[p] >= 0);
}

function labelMass(items: Float64Array, k: number, subtypes: number): Float64Array {
  const mass = new Float64Array(k);
  for (let at = 0; at < items.length; at++) mass[Math.floor(at / subtypes)] += items[at];
  return mass;
}

/** Σ KL(q ‖ prior) of all Dirichlets, which the E-step's normalisers leave out of the bound. The counts are those that `q` was made from. */
function divergence({ m, k }: VotePatterns, counts: SubtypeCounts, given: EbccOptions, sharesTold: boolean): number {
  const { subtypes, spread, right, wrong } = given;
  const width = k * subtypes;
  const mass = labelMass(counts.items, k, subtypes);
  let sum = sharesTold ? 0 : dirichletDivergence(mass, () => 1);
  for (let y = 0; y < k; y++) sum += dirichletDivergence(counts.items.subarray(y * subtypes, (y + 1) * subtypes), () => spread / subtypes);
  const said = new Float64Array(k);
  for (let j = 0; j < m; j++) {
    for (let at = 0; at < width; at++) {
      for (let l = 0; l < k; l++) said[l] = counts.votes[(j * k + l) * width + at];
      const y = Math.floor(at / subtypes);
      sum += dirichletDivergence(said, (l) => (l === y ? right : wrong));
    }
  }
  return sum;
}

/** KL(Dir(prior + counts) ‖ Dir(prior)); 0 where nothing was counted. */
function dirichletDivergence(counts: Float64Array, prior: (index: number) => number): number {
  let before = 0;
  let after = 0;
  for (let c = 0; c < counts.length; c++) {
    before += prior(c);
    after += prior(c) + counts[c];
  }
  if (after - before < 1e-12) return 0;
  const norm = digamma(after);
  let sum = logGamma(after) - logGamma(before);
  for (let c = 0; c < counts.length; c++) {
    const own = prior(c);
    sum += logGamma(own) - logGamma(own + counts[c]) + counts[c] * (digamma(own + counts[c]) - norm);
  }
  return sum;
}

/** One confusion per labeler, its subtypes taken together. */
function logConfusions(patterns: VotePatterns, posterior: Float64Array, { right, wrong }: EbccOptions): Float64Array {
  const { k } = patterns;
  return votesAgainst(patterns, posterior).map((votes, at) => Math.log(votes + (Math.floor(at / k) % k === at % k ? right : wrong)));
}
