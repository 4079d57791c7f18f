import { z } from 'zod';
import { codeCounts, spreadOverItems, votePatterns, type VotePatterns } from '../math/vote-patterns.ts';
import type { Aggregator } from './aggregator.ts';
import { leastShare } from './em.ts';
import { estimateOf, uniformShares } from './estimate-of.ts';
import { type PairCounts, pairCounts } from './pair-counts.ts';
import { silenceOf } from './silence.ts';

const options = z
  .strictObject({
    accuracy: z.number().gt(0).lt(1).default(0.8).describe('Precision that labelers are believed to have before their votes are looked at'),
    priorVotes: z.number().gt(0).max(1e6).default(20).describe('Pseudo-votes of that belief per labeler and label'),
    priorShare: z.number().min(0).max(1).default(0.02).describe('Further pseudo-votes, as a share of the number of items'),
    maxRounds: z.int().min(1).max(10_000).default(200).describe('Sweeps at most'),
  })
  .prefault({});

export type MetalOptions = z.output<typeof options>;

/** Matrix completion, as in Snorkel's label model: if labelers are independent given the truth, how often two of them say l and r together is
 *  Σ_y P(y) P(l | y) P(r | y), so that the off-diagonal blocks of the votes' second moments give away every P(said | y). Solved for precisions
 *  θ_q[y] = P(y | vote q), q one labeler's one label: n_qr Σ_y θ_q[y] θ_r[y] / P(y) ≈ observed / expected, each equation weighted by what its
 *  count can tell, with a belief in labelers better than chance; by least squares, all columns at once, in place of Snorkel's gradient steps, which
 *  hang on seed and learning rate. Then naive Bayes over the votes cast; silence tells how often rules fire together, and is no evidence on an
 *  item. Class shares are held (uniform unless told). Cheap where items are many; too sure where labelers are correlated.
 *  O(Σ votes per item² + rounds · pairs · k³).
 *  A. Ratner, B. Hancock, J. Dunnmon, F. Sala, S. Pandey & C. Ré (2019), AAAI, arXiv:1810.02840. */
const metal: Aggregator<MetalOptions> = {
  name: 'metal',
  title: 'Matrix completion',
  summary: 'Snorkel’s label model: accuracies from how often labelers say the same; for rules, on many items.',
  paper: 'A. Ratner, B. Hancock, J. Dunnmon, F. Sala, S. Pandey & C. Ré (2019), AAAI, arXiv:1810.02840',
  options,
  aggregate(votes, given, { gold, shares = uniformShares(votes.labels.length) }) {
    const patterns = votePatterns(votes, gold);
    const floored = shares.map((share) => Math.max(share, leastShare));
    const precision = completeMoments(patterns, pairCounts(patterns, silenceOf(votes)), floored, given);
    const evidence = precision.map((value, at) => Math.log(Math.max(value, leastShare) / floored[at % patterns.k]));
    const posterior = naiveBayes(patterns, shares, evidence);
    const said = codeCounts(patterns);
    const firing = evidence.map((value, at) => value + Math.log(said[Math.floor(at / patterns.k)]));
    return estimateOf(votes, spreadOverItems(patterns, posterior), shares, firing);
  },
};

export default metal;

/** Where a precision moved by less, it stays. */
const tolerance = 1e-9;
const leastPrecision = 1e-4;

/** m·k·k by `code · k + y`: θ. Every sweep solves k equations per column with all others as they were, and goes half of the way: the order of
 *  labelers does not matter. */
export function completeMoments(patterns: VotePatterns, pairs: PairCounts, shares: Float64Array, given: MetalOptions): Float64Array {
  const { m, k } = patterns;
  const said = codeCounts(patterns);
  const belief = believedPrecisions(m, k, shares, given.accuracy);
  const strength = given.priorVotes + given.priorShare * patterns.n;
  let precision = belief.slice();
  const normal = new Float64Array(k * k);
  const right = new Float64Array(k);
  for (let round = 0; round < given.maxRounds; round++) {
    const next = precision.slice();
    let moved = 0;
    for (let q = 0; q < m * k; q++) {
      if (said[q] === 0) continue;
      gatherEquations(q, k, said, pairs, precision, shares, normal, right);
      for (let y = 0; y < k; y++) {
        normal[y * k + y] += strength;
        right[y] += strength * belief[q * k + y];
      }
      const solved = toSimplex(solve(normal, right, k));
      for (let y = 0; y < k; y++) {
        next[q * k + y] = (precision[q * k + y] + solved[y]) / 2;
        moved = Math.max(moved, Math.abs(next[q * k + y] - precision[q * k + y]));
      }
    }
    precision = next;
    if (moved < tolerance) break;
  }
  return precision;
}

function believedPrecisions(m: number, k: number, shares: Float64Array, accuracy: number): Float64Array {
  const out = new Float64Array(m * k * k);
  const odds = k > 1 ? (accuracy * (k - 1)) / (1 - accuracy) : 1;
  for (let q = 0; q < m * k; q++) {
    let sum = 0;
    for (let y = 0; y < k; y++) sum += out[q * k + y] = shares[y] * (y === q % k ? odds : 1);
    for (let y = 0; y < k; y++) out[q * k + y] /= sum;
  }
  return out;
}

/** The weighted normal equations of one column: one equation for every label of every partner, and one that its precisions sum to 1. */
function gatherEquations(
  q: number,
  k: number,
  said: Float64Array,
  { partners, said: together, common, could }: PairCounts,
  precision: Float64Array,
  shares: Float64Array,
  normal: Float64Array,
  right: Float64Array,
): void {
  const a = Math.floor(q / k);
  const mostLift = 1 / shares.reduce((least, share) => Math.min(least, share), 1);
  normal.fill(said[q]);
  right.fill(said[q]);
  for (const b of partners[a]) {
    const items = common(a, b);
    for (let r = 0; r < k; r++) {
      const other = b * k + r;
      const expected = (items * said[q] * said[other]) / (could[a] * could[b]);
      if (!(expected > 0)) continue;
      // More than this the truth cannot explain: the rest is correlation.
      const lift = Math.min(together(a, b, q % k, r) / expected, mostLift);
      for (let y = 0; y < k; y++) {
        const slope = precision[other * k + y] / shares[y];
        right[y] += expected * lift * slope;
        for (let z = 0; z < k; z++) normal[y * k + z] += (expected * slope * precision[other * k + z]) / shares[z];
      }
    }
  }
}

/** Gaussian elimination with the largest pivot; the matrix is positive definite by the belief in it. Overwrites both. */
function solve(matrix: Float64Array, right: Float64Array, k: number): Float64Array {
  const x = right.slice();
  for (let column = 0; column < k; column++) {
    let pivot = column;
    for (let row = column + 1; row < k; row++) if (Math.abs(matrix[row * k + column]) > Math.abs(matrix[pivot * k + column])) pivot = row;
    if (pivot !== column) {
      for (let c = column; c < k; c++) [matrix[column * k + c], matrix[pivot * k + c]] = [matrix[pivot * k + c], matrix[column * k + c]];
      [x[column], x[pivot]] = [x[pivot], x[column]];
    }
    for (let row = column + 1; row < k; row++) {
      const factor = matrix[row * k + column] / matrix[column * k + column];
      for (let c = column; c < k; c++) matrix[row * k + c] -= factor * matrix[column * k + c];
      x[row] -= factor * x[column];
    }
  }
  for (let row = k - 1; row >= 0; row--) {
    for (let c = row + 1; c < k; c++) x[row] -= matrix[row * k + c] * x[c];
    x[row] /= matrix[row * k + row];
  }
  return x;
}

/** Clipped and scaled to sum to 1. */
function toSimplex(values: Float64Array): Float64Array {
  const clipped = values.map((value) => Math.min(1, Math.max(leastPrecision, value)));
  const sum = clipped.reduce((total, value) => total + value, 0);
  return clipped.map((value) => value / sum);
}

/** P×k: P(y) ∝ share · Π_votes exp(evidence). */
export function naiveBayes({ k, size, offsets, codes, gold }: VotePatterns, shares: Float64Array, evidence: Float64Array): Float64Array {
  const posterior = new Float64Array(size * k);
  const row = new Float64Array(k);
  const logShares = shares.map((share) => Math.log(Math.max(share, leastShare)));
  for (let p = 0; p < size; p++) {
    if (gold && gold[p] >= 0) {
      posterior[p * k + gold[p]] = 1;
      continue;
    }
    if (offsets[p] === offsets[p + 1]) {
      posterior.set(shares, p * k);
      continue;
    }
    row.set(logShares);
    for (let e = offsets[p]; e < offsets[p + 1]; e++) for (let y = 0; y < k; y++) row[y] += evidence[codes[e] * k + y];
    let top = -Infinity;
    for (let y = 0; y < k; y++) if (row[y] > top) top = row[y];
    let sum = 0;
    for (let y = 0; y < k; y++) sum += row[y] = Math.exp(row[y] - top);
    for (let y = 0; y < k; y++) posterior[p * k + y] = row[y] / sum;
  }
  return posterior;
}
