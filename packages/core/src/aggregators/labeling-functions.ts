import { z } from 'zod';
import { everyNthPattern, spreadOverItems, votePatterns, type VotePatterns } from '../math/vote-patterns.ts';
import type { Silence } from '../model/vote.ts';
import type { Aggregator } from './aggregator.ts';
import { type EmResult, type EmSettings, type Evidence, meanLogLikelihood, runEm } from './em.ts';
import { estimateOf, uniformShares } from './estimate-of.ts';
import { peopleStep } from './people-step.ts';
import { copiesAlone, describeRedundancy, findCopies, findRedundancy, type Redundancy, silenceWeights, voteWeights } from './redundancy.ts';
import { createRuleStep } from './rule-step.ts';
import { labelersWith, silenceOf } from './silence.ts';

const options = z
  .strictObject({
    accuracy: z.number().gt(0).lt(1).default(0.8).describe('Precision that rules are believed to have before their votes are looked at'),
    priorVotes: z.number().min(0.1).default(20).describe('Pseudo-votes of that belief per rule and label'),
    priorShare: z.number().min(0).max(1).default(0.02).describe('Further pseudo-votes, as a share of the number of items'),
    anchor: z
      .number()
      .min(0)
      .max(1)
      .default(0.5)
      .describe('Weight of the smoothed majority vote in the geometric mean that every posterior is'),
    smoothing: z.number().min(0.01).max(100).default(0.5).describe('Weight of the class shares in the majority vote, in votes'),
    correlation: z
      .number()
      .min(0)
      .max(1)
      .default(0.2)
      .describe('Correlation assumed between any two votes on an item; found ones replace it'),
    maxRounds: z.int().min(1).max(10_000).default(50).describe('EM rounds at most'),
  })
  .prefault({});

export type LabelingFunctionsOptions = z.output<typeof options>;

export interface LabelingFunctionsFit {
  readonly result: EmResult;
  readonly redundancy: Redundancy;
}

/** How far class shares are balanced (`createRuleStep`) where they are not known: what the votes are likeliest under is taken. */
const balances = [0, 0.5, 1];
/** Patterns on which balance and correlations are worked out. */
const studySize = 20_000;

/** A label model for rules: MAP-EM on the precision of each rule and label, with abstentions as evidence (`createRuleStep`), anchored to the
 *  majority vote, with correlated rules counted less. Class shares are held – told, or uniform –, for letting EM learn them from one-sided
 *  rules finds shares that fit the rules and not the world. Labelers whose silence says nothing (people) get confusions, as in `dawid-skene`.
 *
 *  A first fit shows under which balance the votes are likeliest and which labelers go together beyond what the truth explains; the second
 *  counts such votes less. O(rounds · votes · k + Σ votes per item²). */
export function fitLabelingFunctions(
  patterns: VotePatterns,
  silence: readonly Silence[],
  given: LabelingFunctionsOptions,
  shares: Float64Array | undefined,
): LabelingFunctionsFit {
  const copies = findCopies(patterns, silence);
  const alone = copiesAlone(patterns.m, copies);
  const start = shares ?? uniformShares(patterns.k);
  const step = Math.max(1, Math.floor(patterns.size / studySize));
  const part = step > 1 ? everyNthPattern(patterns, step) : patterns;
  const fits = (shares || !silence.includes('abstained') ? [0] : balances).map((balance) => {
    const fit = runEm(part, start, settingsOf(silence, given, shares, balance, alone));
    return { balance, fit, likelihood: meanLogLikelihood(part, fit.evidence, alone.copyWeights) };
  });
  const { balance, fit } = fits.reduce((best, other) => (other.likelihood > best.likelihood ? other : best));
  const redundancy = findRedundancy(part, fit.posterior, silence, copies);
  if (step === 1 && redundancy.pairs.length === alone.pairs.length) return { result: fit, redundancy };
  return { result: runEm(patterns, start, settingsOf(silence, given, shares, balance, redundancy)), redundancy };
}

function settingsOf(
  silence: readonly Silence[],
  given: LabelingFunctionsOptions,
  shares: Float64Array | undefined,
  balance: number,
  redundancy: Redundancy,
): EmSettings {
  const people = labelersWith('unasked', silence);
  const setting = {
    labelers: labelersWith('abstained', silence),
    prior: { accuracy: given.accuracy, votes: given.priorVotes, share: given.priorShare },
    copyWeights: redundancy.copyWeights,
    silenceWeights: silenceWeights(redundancy),
    balance,
    ...(shares ? { shares } : {}),
  };
  const { correlation } = given;
  return {
    anchor: given.anchor,
    smoothing: given.smoothing,
    maxRounds: given.maxRounds,
    dependence: {
      correlation,
      ...(redundancy.pairs.length > 0 ? { createWeights: (part: VotePatterns) => voteWeights(part, redundancy, correlation) } : {}),
    },
    createMStep: (part) => {
      const { k, m } = part;
      const ruleStep = createRuleStep(part, setting);
      return (counts): Evidence => {
        const votes = new Float64Array(m * k * k);
        const silent = new Float64Array(k);
        peopleStep(counts, people, redundancy.copyWeights, { strength: 4, poolCap: 50 }, k, votes);
        const fittedShares = ruleStep(counts, votes, silent);
        return { shares: shares ?? uniformShares(k), silent, votes, fittedShares };
      };
    },
  };
}

const labelingFunctions: Aggregator<LabelingFunctionsOptions> = {
  name: 'labeling-functions',
  title: 'Labeling functions',
  summary: 'For rules: precision per rule and label, silence as evidence, class shares held, correlated rules counted less.',
  paper: 'A. Ratner et al. (2016), NeurIPS, arXiv:1605.07723 (the setting); V. C. Raykar et al. (2010), JMLR 11 (MAP-EM)',
  options,
  aggregate(votes, given, { gold, shares }) {
    const patterns = votePatterns(votes, gold);
    const { result, redundancy } = fitLabelingFunctions(patterns, silenceOf(votes), given, shares);
    const warnings = describeRedundancy(redundancy, votes.labelers);
    return estimateOf(votes, spreadOverItems(patterns, result.posterior), result.evidence.shares, result.evidence.votes, warnings);
  },
};

export default labelingFunctions;
