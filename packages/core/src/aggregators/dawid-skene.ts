import { z } from 'zod';
import { codeCounts, everyNthPattern, spreadOverItems, votePatterns, type VotePatterns } from '../math/vote-patterns.ts';
import type { Silence } from '../model/vote.ts';
import type { VoteTable } from '../model/vote-table.ts';
import type { Aggregator } from './aggregator.ts';
import { type Counts, type Dependence, type EmResult, runEm } from './em.ts';
import { estimateOf, uniformShares } from './estimate-of.ts';
import { peopleStep } from './people-step.ts';
import { labelersWith, silenceOf } from './silence.ts';

const options = z
  .strictObject({
    prior: z
      .number()
      .min(0.01)
      .max(10_000)
      .default(4)
      .describe('Votes per true label that the pooled confusion of all labelers counts for in each labeler’s own'),
    poolCap: z
      .number()
      .min(1)
      .default(50)
      .describe('Votes per true label beyond which a labeler’s say in the pooled confusion grows no more'),
    correlation: z
      .number()
      .min(0)
      .max(1)
      .default(0.02)
      .describe('Assumed correlation of the errors of any two labelers on an item; 0: independent, as in the paper'),
    anchor: z
      .number()
      .min(0)
      .max(1)
      .default(0)
      .describe('Weight of the smoothed majority vote in the geometric mean that every posterior is: steadies it where labelers are few'),
    maxRounds: z.int().min(1).max(10_000).default(100).describe('EM rounds at most'),
  })
  .prefault({});

export type DawidSkeneOptions = z.output<typeof options>;

/** Dawid–Skene: one confusion matrix per labeler, by EM from the majority vote, with hierarchical priors (MAP): a labeler with few votes is
 *  taken for the typical one. Assumes that labelers err nearly independently given the truth; the class shares are learned unless told.
 *  Silence is per labeler: that of `abstained` ones is one more answer, that of `unasked` ones says nothing.
 *  With few votes per labeler its k² numbers per labeler overfit in spite of the priors: prefer `one-coin` or `majority`. On skewed truth EM
 *  may drift to a solution that fits the votes and not the world; it warns where the one-coin model disagrees on more than 5 % of the
 *  items. For rules prefer `labeling-functions`. O(rounds · patterns · votes per pattern · k).
 *  A. P. Dawid & A. M. Skene (1979), J. R. Stat. Soc. C 28(1), doi:10.2307/2346806; V. C. Raykar et al. (2010), JMLR 11 (priors). */
export function fitDawidSkene(
  patterns: VotePatterns,
  silence: readonly Silence[],
  given: DawidSkeneOptions & { readonly oneCoin?: boolean },
  shares: Float64Array | undefined,
  copyWeights: Float64Array = new Float64Array(patterns.m).fill(1),
  dependence: Dependence = { correlation: given.correlation },
): EmResult {
  const { k, m } = patterns;
  const people = labelersWith('unasked', silence);
  const rules = labelersWith('abstained', silence);
  const prior = { strength: given.prior, poolCap: given.poolCap, oneCoin: given.oneCoin ?? false };
  return runEm(patterns, shares ?? uniformShares(k), {
    dependence,
    anchor: given.anchor,
    maxRounds: given.maxRounds,
    createMStep: (part) => {
      const said = codeCounts(part);
      return (counts) => {
        const votes = new Float64Array(m * k * k);
        const silent = new Float64Array(k);
        peopleStep(counts, people, copyWeights, prior, k, votes);
        for (const j of rules) silenceStep(counts, said, j, given.prior, part.n, k, copyWeights[j], votes, silent);
        return { shares: shares ?? learnedShares(rules.length > 0 ? counts.all : counts.voted), silent, votes };
      };
    },
  });
}

/** The K + 1 answers of a labeler whose silence is one: P(answer | y), smoothed by `strength` items that answer as all items do, three
 *  times as often rightly. */
function silenceStep(
  counts: Counts,
  said: Float64Array,
  j: number,
  strength: number,
  n: number,
  k: number,
  weight: number,
  votes: Float64Array,
  silent: Float64Array,
): void {
  for (let y = 0; y < k; y++) {
    const rate = (l: number): number => (((said[j * k + l] + 0.01) / (n + 1)) * (l === y ? 3 * k : k)) / (k + 2);
    let spoken = 0;
    let belief = 0;
    for (let l = 0; l < k; l++) {
      spoken += counts.votes[(j * k + l) * k + y];
      belief += rate(l);
    }
    const shrink = Math.min(1, 0.98 / belief);
    const total = counts.all[y] + strength;
    const quiet = Math.max(counts.all[y] - spoken, 0) + strength * (1 - belief * shrink);
    silent[y] += weight * Math.log(quiet / total);
    for (let l = 0; l < k; l++) {
      const at = (j * k + l) * k + y;
      votes[at] = Math.log((counts.votes[at] + strength * rate(l) * shrink) / quiet);
    }
  }
}

/** Posterior mean under a flat Dirichlet prior: no class ever dies out. */
function learnedShares(mass: Float64Array): Float64Array {
  const total = mass.reduce((sum, value) => sum + value, 0) + mass.length;
  return mass.map((value) => (value + 1) / total);
}

/** Share of items on which the one-coin model gives another label; on a part of a large table. */
export function oneCoinDisagreement(
  patterns: VotePatterns,
  silence: readonly Silence[],
  full: EmResult,
  given: DawidSkeneOptions,
  shares?: Float64Array,
): number {
  const step = Math.max(1, Math.floor(patterns.size / 20_000));
  const part = step > 1 ? everyNthPattern(patterns, step) : patterns;
  const oneCoin = fitDawidSkene(part, silence, { ...given, oneCoin: true }, shares);
  const { k } = patterns;
  let different = 0;
  let all = 0;
  for (let p = 0; p < part.size; p++) {
    const times = part.count ? part.count[p] : 1;
    if (part.offsets[p] === part.offsets[p + 1]) continue;
    all += times;
    if (topOf(oneCoin.posterior, p, k) !== topOf(full.posterior, p * step, k)) different += times;
  }
  return all > 0 ? different / all : 0;
}

function topOf(posterior: Float64Array, row: number, k: number): number {
  let top = 0;
  for (let y = 1; y < k; y++) if (posterior[row * k + y] > posterior[row * k + top] + 1e-9) top = y;
  return top;
}

/** Says where EM may have drifted: without shares and gold nothing else would show it. */
export function driftWarnings(
  patterns: VotePatterns,
  silence: readonly Silence[],
  full: EmResult,
  given: DawidSkeneOptions,
  shares: Float64Array | undefined,
): string[] {
  if (shares || patterns.gold || patterns.k < 2) return [];
  const share = oneCoinDisagreement(patterns, silence, full, given);
  if (share <= 0.05) return [];
  const percent = Math.round(100 * share);
  return [
    `full and one-coin confusions disagree on ${percent} % of the items: EM may have drifted; label some items as gold, or give the class shares`,
  ];
}

const dawidSkene: Aggregator<DawidSkeneOptions> = {
  name: 'dawid-skene',
  title: 'Dawid–Skene',
  summary: 'Learns who errs how, one confusion matrix per labeler; the standard for people with overlapping votes.',
  paper: 'A. P. Dawid & A. M. Skene (1979), J. R. Stat. Soc. C 28(1), doi:10.2307/2346806',
  options,
  aggregate(votes: VoteTable, given, context) {
    const patterns = votePatterns(votes, context.gold);
    const silence = silenceOf(votes);
    const result = fitDawidSkene(patterns, silence, given, context.shares);
    const warnings = driftWarnings(patterns, silence, result, given, context.shares);
    return estimateOf(votes, spreadOverItems(patterns, result.posterior), result.evidence.shares, result.evidence.votes, warnings);
  },
};

export default dawidSkene;
