import { everyNthPattern, type VotePatterns } from '../math/vote-patterns.ts';

/** What is known of the labelers after an M-step, ready for an E-step. */
export interface Evidence {
  /** k class shares that the posterior starts from. */
  readonly shares: Float64Array;
  /** k: Σ log P(silent | y) over the labelers whose silence is evidence. */
  readonly silent: Float64Array;
  /** m·k·k by `code · k + y`: log P(vote | y), less log P(silent | y) where that labeler's silence is evidence. */
  readonly votes: Float64Array;
  /** k class shares that the likelihoods were fitted with, where the posterior starts from others. */
  readonly fittedShares?: Float64Array;
}

/** Expected counts from an E-step. */
export interface Counts {
  /** m·k·k by `code · k + y`: items where that vote was cast and the truth is y. */
  readonly votes: Float64Array;
  /** k: items with at least one vote (or gold) of true label y; with `silent`, all items. */
  readonly voted: Float64Array;
  readonly all: Float64Array;
}

export interface Dependence {
  /** Assumed correlation between any two votes on an item: d votes weigh as d / (1 + ρ (d − 1)). */
  readonly correlation: number;
  /** Makes a weight per vote, in the order of the patterns' codes: replaces the common correlation. */
  readonly createWeights?: (patterns: VotePatterns) => Float32Array;
}

export type MStep = (counts: Counts) => Evidence;

export interface EmSettings {
  /** Makes the M-step for a table, or for the part of it that EM warms up on. */
  readonly createMStep: (patterns: VotePatterns) => MStep;
  readonly dependence: Dependence;
  /** Every posterior is the geometric mean of the model's (1 − anchor) and the smoothed majority's (anchor). */
  readonly anchor?: number;
  /** Weight of the class shares in the smoothed majority vote, in votes. */
  readonly smoothing?: number;
  readonly maxRounds?: number;
}

export interface EmResult {
  /** P×k over the patterns. */
  readonly posterior: Float64Array;
  readonly counts: Counts;
  readonly evidence: Evidence;
  readonly rounds: number;
}

/** Patterns beyond which EM first converges on a part of them. */
const warmUpSize = 40_000;
/** Stops where the posterior moved by less, mean over the items of Σ_y |Δ|. */
const tolerance = 1e-4;
/** The rounds after a warm-up correct what the part could not tell; the posterior is then as near to the fixed point as the labels need. */
const finishTolerance = 5e-3;

/** Items of fewer votes than this share the logarithms of their vote counts. */
const mostRemembered = 32;
/** A share of 0 is taken for this: logs stay finite. */
export const leastShare = 1e-12;

/** EM from the smoothed majority vote, with the E-step of one pattern and its share of the M-step's counts fused: the votes are walked once
 *  a round. A table of many patterns first converges on every s-th of them, where those still hold enough votes per labeler, and ends with
 *  rounds over all. Gold patterns are clamped. O(rounds · votes · k). */
export function runEm(patterns: VotePatterns, shares: Float64Array, settings: EmSettings): EmResult {
  const posterior = new Float64Array(patterns.size * patterns.k);
  const counts = emptyCounts(patterns);
  const weights = settings.dependence.createWeights?.(patterns);
  const warm = warmUp(patterns, shares, settings);
  const limit = warm ? finishTolerance : tolerance;
  const mStep = settings.createMStep(patterns);
  let evidence = warm;
  if (!evidence) {
    majorityPass(patterns, shares, settings, weights, posterior, counts);
    evidence = mStep(counts);
  }
  const maxRounds = settings.maxRounds ?? 100;
  let rounds = 0;
  for (;;) {
    const moved = pass(patterns, evidence, settings, weights, posterior, counts);
    rounds++;
    if (rounds >= maxRounds || (moved <= limit && (rounds > 1 || !warm))) return { posterior, counts, evidence, rounds };
    evidence = mStep(counts);
  }
}

/** Evidence learned from a part, or nothing where the table is small or labelers have too few votes in the part. */
function warmUp(patterns: VotePatterns, shares: Float64Array, settings: EmSettings): Evidence | undefined {
  const step = Math.floor(patterns.size / warmUpSize);
  const parameters = patterns.m * patterns.k * (patterns.k - 1);
  if (step < 2 || patterns.codes.length / step < 50 * parameters) return undefined;
  return runEm(everyNthPattern(patterns, step), shares, settings).evidence;
}

function emptyCounts({ m, k }: VotePatterns): Counts {
  return { votes: new Float64Array(m * k * k), voted: new Float64Array(k), all: new Float64Array(k) };
}

/** E-step and counting in one walk. Returns Σ_y |Δ posterior|, the mean over the items. */
function pass(
  patterns: VotePatterns,
  evidence: Evidence,
  settings: EmSettings,
  weights: Float32Array | undefined,
  posterior: Float64Array,
  counts: Counts,
): number {
  const { size, k, offsets, codes, count, gold, n } = patterns;
  const { votes: countOf, voted, all } = counts;
  countOf.fill(0);
  voted.fill(0);
  all.fill(0);
  const eStep = createEStep(patterns, evidence, settings, weights);
  const row = new Float64Array(k);
  let moved = 0;
  for (let p = 0; p < size; p++) {
    const start = offsets[p];
    const end = offsets[p + 1];
    const times = count ? count[p] : 1;
    const known = gold ? gold[p] : -1;
    if (known < 0) eStep(start, end, row);
    else {
      row.fill(0);
      row[known] = 1;
    }
    for (let y = 0, at = p * k; y < k; y++, at++) {
      const mass = row[y];
      const change = mass - posterior[at];
      moved += times * (change < 0 ? -change : change);
      posterior[at] = mass;
      row[y] = mass * times;
      all[y] += row[y];
    }
    if (end > start || known >= 0) for (let y = 0; y < k; y++) voted[y] += row[y];
    for (let e = start; e < end; e++) {
      const from = codes[e] * k;
      for (let y = 0; y < k; y++) countOf[from + y] += row[y];
    }
  }
  return n > 0 ? moved / n : 0;
}

/** Writes the posterior of the votes in `[start, end)` into `row`. */
function createEStep(
  { k, codes }: VotePatterns,
  evidence: Evidence,
  settings: EmSettings,
  weights: Float32Array | undefined,
): (start: number, end: number, row: Float64Array) => void {
  const { votes: table } = evidence;
  const { correlation } = settings.dependence;
  const anchor = settings.anchor ?? 0;
  const logShares = evidence.shares.map((share) => Math.log(Math.max(share, leastShare)));
  const prior = logShares.map((share, y) => share + evidence.silent[y]);
  const anchorTo = anchor > 0 ? createAnchor(codes, evidence.shares, settings, weights) : undefined;
  return (start, end, row) => {
    row.fill(0);
    for (let e = start; e < end; e++) {
      const from = codes[e] * k;
      if (weights) for (let y = 0; y < k; y++) row[y] += weights[e] * table[from + y];
      else for (let y = 0; y < k; y++) row[y] += table[from + y];
    }
    const damping = weights || end - start <= 1 ? 1 : 1 / (1 + correlation * (end - start - 1));
    for (let y = 0; y < k; y++) row[y] = prior[y] + damping * row[y];
    if (anchorTo) anchorTo(start, end, damping, row);
    let top = -Infinity;
    for (let y = 0; y < k; y++) if (row[y] > top) top = row[y];
    let sum = 0;
    for (let y = 0; y < k; y++) sum += row[y] = Math.exp(row[y] - top);
    const scale = 1 / sum;
    for (let y = 0; y < k; y++) row[y] *= scale;
  };
}

/** Moves the model's log posterior in `row` towards that of the smoothed majority vote. Without weights, an item's votes count alike: few
 *  different logarithms, which are remembered. */
function createAnchor(
  codes: VotePatterns['codes'],
  shares: Float64Array,
  { anchor = 0, smoothing = 0.5 }: EmSettings,
  weights: Float32Array | undefined,
): (start: number, end: number, damping: number, row: Float64Array) => void {
  const k = shares.length;
  const said = new Float64Array(k);
  const base = shares.map((share) => smoothing * Math.max(share, leastShare));
  const remembered = new Float64Array(mostRemembered * mostRemembered * k).fill(Number.NaN);
  return (start, end, damping, row) => {
    said.fill(0);
    for (let e = start; e < end; e++) said[codes[e] % k] += weights ? weights[e] : 1;
    const votes = end - start;
    for (let y = 0; y < k; y++) {
      let majority: number;
      if (!weights && votes < mostRemembered) {
        const at = (votes * mostRemembered + said[y]) * k + y;
        if (Number.isNaN(remembered[at])) remembered[at] = Math.log(base[y] + damping * said[y]);
        majority = remembered[at];
      } else majority = Math.log(base[y] + damping * said[y]);
      row[y] = (1 - anchor) * row[y] + anchor * majority;
    }
  };
}

/** The start: the smoothed majority vote as posterior, and its counts. */
function majorityPass(
  patterns: VotePatterns,
  shares: Float64Array,
  settings: EmSettings,
  weights: Float32Array | undefined,
  posterior: Float64Array,
  counts: Counts,
): void {
  const { m, k } = patterns;
  const evidence: Evidence = { shares, silent: new Float64Array(k), votes: new Float64Array(m * k * k) };
  pass(patterns, evidence, { ...settings, anchor: 1 }, weights, posterior, counts);
}

/** log P(votes) per item under the evidence, votes being independent given the truth: how well a fit explains what was said.
 *  @param weights m, what the votes of each labeler count for */
export function meanLogLikelihood(patterns: VotePatterns, evidence: Evidence, weights: Float64Array): number {
  const { size, k, offsets, codes, count, n } = patterns;
  const { shares, fittedShares, silent, votes } = evidence;
  const prior = (fittedShares ?? shares).map((share, y) => Math.log(Math.max(share, leastShare)) + silent[y]);
  const row = new Float64Array(k);
  let sum = 0;
  for (let p = 0; p < size; p++) {
    row.set(prior);
    for (let e = offsets[p]; e < offsets[p + 1]; e++) {
      const weight = weights[Math.floor(codes[e] / k)];
      for (let y = 0; y < k; y++) row[y] += weight * votes[codes[e] * k + y];
    }
    const top = row.reduce((most, value) => Math.max(most, value), -Infinity);
    let total = 0;
    for (let y = 0; y < k; y++) total += Math.exp(row[y] - top);
    sum += (count ? count[p] : 1) * (top + Math.log(total));
  }
  return n > 0 ? sum / n : 0;
}
