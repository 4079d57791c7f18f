import { z } from 'zod';
import { CoreError } from '../model/errors.ts';
import type { Estimate } from '../model/estimate.ts';
import type { Gold, VoteTable } from '../model/vote-table.ts';
import type { AggregationContext, Aggregator } from './aggregator.ts';
import { estimateOf } from './estimate-of.ts';
import { splitByConfidence } from './confidence-bins.ts';
import { applyExpertStack } from './expert-stack.ts';
import { chooseByGold, fitVotes, goldShares } from './gold-choice.ts';
import { silenceOf } from './silence.ts';
import { applyTopCalibration } from './top-calibration.ts';
import {
  byConfidence,
  dawidSkeneModel,
  labelingFunctionsModel,
  unsharedLabelingFunctionsModel,
  type VoteFit,
  type VoteModel,
  voteModels,
} from './vote-models.ts';

const options = z
  .strictObject({
    fewestGold: z
      .int()
      .min(5)
      .max(1_000_000)
      .default(20)
      .describe('Gold labels from which on methods are chosen, shares and calibration fitted by them'),
    calibration: z
      .number()
      .min(0)
      .max(1)
      .default(0.2)
      .describe('Without gold: how much surer than right many agreeing votes are taken to be, as a correlation of any two votes'),
  })
  .prefault({});

export type AutoOptions = z.output<typeof options>;

/** Chooses for the user, by evidence where there is some.
 *
 *  With gold (20 rows or more): it is clamped; class shares, and a calibration of the result, are fitted to it; the vote-only models, and the
 *  best of them with the items' features beside it, compete by cross-validated log loss (`chooseByGold`).
 *
 *  Without: `labeling-functions` where at least half of the votes come from labelers whose silence is evidence (class shares held, so that
 *  one-sided rules cannot invent them; half of every posterior is the majority vote), else `dawid-skene` with hierarchical priors (anchored to
 *  the majority vote where there are fewer than 10 labelers), with a confusion for sure votes and one for unsure ones where a labeler's confidences
 *  show in how others agree with it. Copies count as one labeler. Features are not used without gold: on some sets
 *  they hurt, and nothing but gold shows on which. */
const auto: Aggregator<AutoOptions> = {
  name: 'auto',
  title: 'Automatic',
  summary:
    'Chosen by cross-validation on gold, where there is some; else a default that is safe with few, one-sided or correlated labelers.',
  options,
  aggregate(votes, given, context) {
    const { gold, features } = context;
    if (features && features.rows !== votes.items.length) {
      throw new CoreError(
        'bad-features',
        `auto: features must have a row for each of the ${votes.items.length} items, got ${features.rows}`,
      );
    }
    if (!gold || gold.item.length < given.fewestGold || votes.labels.length < 2) return withoutChoice(votes, given, context);
    return byGold(votes, gold, context);
  },
};

export default auto;

function withoutChoice(votes: VoteTable, given: AutoOptions, { gold, shares }: AggregationContext): Estimate {
  const model = defaultModel(votes);
  const fit = fitVotes(votes, gold, shares, model === dawidSkeneModel ? byConfidence(model, 'where proven') : model);
  // Rules are anchored to the majority, which keeps them humble; confusions multiply up with every vote.
  const posterior = model === dawidSkeneModel ? tempered(votes, fit, given.calibration, gold) : fit.posterior;
  return { ...estimateOf(votes, posterior, fit.shares, fit.evidence, fit.warnings), method: model.name, methods: [] };
}

function defaultModel(votes: VoteTable): VoteModel {
  const silence = silenceOf(votes);
  let ofRules = 0;
  for (const j of votes.labeler) if (silence[j] === 'abstained') ofRules++;
  return ofRules > 0 && ofRules * 2 >= votes.labeler.length ? labelingFunctionsModel : dawidSkeneModel;
}

/** P(y) ∝ P(y)^(1 / (1 + ρ (d − 1))) for an item with d votes, copies once: the labels stay, the certainty does not. */
function tempered(votes: VoteTable, { posterior, copyWeights }: VoteFit, correlation: number, gold: Gold | undefined): Float64Array {
  const n = votes.items.length;
  const k = votes.labels.length;
  const counts = new Float64Array(n);
  for (let r = 0; r < votes.item.length; r++) counts[votes.item[r]] += copyWeights[votes.labeler[r]];
  if (gold) for (const i of gold.item) counts[i] = 0;
  const out = posterior.slice();
  for (let i = 0; i < n; i++) {
    if (counts[i] <= 1) continue;
    const power = 1 / (1 + correlation * (counts[i] - 1));
    let sum = 0;
    for (let y = 0; y < k; y++) sum += out[i * k + y] = out[i * k + y] ** power;
    for (let y = 0; y < k; y++) out[i * k + y] /= sum;
  }
  return out;
}

function byGold(votes: VoteTable, gold: Gold, { shares, features }: AggregationContext): Estimate {
  const k = votes.labels.length;
  const model = defaultModel(votes);
  const parted = splitByConfidence(votes, false) ? [byConfidence(dawidSkeneModel, 'always')] : [];
  const usual = model === labelingFunctionsModel && !shares ? unsharedLabelingFunctionsModel : model;
  const choice = chooseByGold(votes, gold, shares, features, [...voteModels, ...parted], usual);
  const fit = fitVotes(votes, gold, shares ?? goldShares(gold.label, k), choice.model);
  const stacked = applyExpertStack(choice.stack, choice.opinion ? [fit.posterior, choice.opinion] : [fit.posterior], k);
  const posterior = choice.isotonic ? applyTopCalibration(choice.isotonic, stacked, k) : stacked;
  for (let g = 0; g < gold.item.length; g++) {
    posterior.fill(0, gold.item[g] * k, gold.item[g] * k + k);
    posterior[gold.item[g] * k + gold.label[g]] = 1;
  }
  const estimate = estimateOf(votes, posterior, fit.shares, fit.evidence, fit.warnings);
  return { ...estimate, method: choice.name, methods: choice.methods, heldOut: choice.heldOut };
}
