import { codeCounts, type VotePatterns } from '../math/vote-patterns.ts';
import type { LabelerId } from '../model/ids.ts';
import type { Silence } from '../model/vote.ts';
import { agreementEvidence } from './agreement-evidence.ts';
import dawidSkene, { driftWarnings, fitDawidSkene } from './dawid-skene.ts';
import { uniformShares } from './estimate-of.ts';
import labelingFunctions, { fitLabelingFunctions } from './labeling-functions.ts';
import { majorityPosterior } from './majority.ts';
import { copiesAlone, describeRedundancy, findCopies, voteWeights } from './redundancy.ts';
import { agreementWeights } from './weighted-majority.ts';

/** Votes and what they mean, as every vote-only model of `auto` sees them. */
export interface VoteProblem {
  readonly patterns: VotePatterns;
  readonly silence: readonly Silence[];
  readonly labelers: readonly LabelerId[];
  /** Held where given, else as the model does. */
  readonly shares?: Float64Array;
}

export interface VoteFit {
  /** P×k over the patterns. */
  readonly posterior: Float64Array;
  readonly shares: Float64Array;
  /** m·k·k by `code · k + y`: log evidence. */
  readonly evidence: Float64Array;
  readonly warnings: readonly string[];
  /** m: 1 / size of the group of copies that a labeler belongs to. */
  readonly copyWeights: Float64Array;
}

export interface VoteModel {
  readonly name: string;
  /** Sure and unsure votes of one labeler get confusions of their own: always, or where the votes show that it matters. */
  readonly byConfidence?: 'always' | 'where proven';
  readonly fit: (problem: VoteProblem) => VoteFit;
}

/** What each copy of a labeler counts for, in all the models. */
function copyWeightsOf({ patterns, silence }: VoteProblem): Float64Array {
  return copiesAlone(patterns.m, findCopies(patterns, silence)).copyWeights;
}

function fitMajority(
  problem: VoteProblem,
  weightsOf: (posterior: Float64Array, copyWeights: Float64Array) => Float64Array | undefined,
): VoteFit {
  const { patterns } = problem;
  const shares = problem.shares ?? uniformShares(patterns.k);
  const copyWeights = copyWeightsOf(problem);
  let posterior = majorityPosterior(patterns, shares, 0.5, copyWeights);
  const weights = weightsOf(posterior, copyWeights);
  if (weights) posterior = majorityPosterior(patterns, shares, 0.5, weights);
  return { posterior, shares, evidence: agreementEvidence(patterns, posterior), warnings: [], copyWeights };
}

export const majorityModel: VoteModel = { name: 'majority', fit: (problem) => fitMajority(problem, () => undefined) };

export const weightedMajorityModel: VoteModel = {
  name: 'weighted-majority',
  fit: (problem) =>
    fitMajority(problem, (posterior, copyWeights) =>
      agreementWeights(problem.patterns, posterior).map((weight, j) => weight * copyWeights[j]),
    ),
};

/** Fewer labelers than this, and a confusion matrix each says more than their agreement can show. */
const fewLabelers = 10;

function fitConfusions(problem: VoteProblem, oneCoin: boolean): VoteFit {
  const { patterns, silence, shares, labelers } = problem;
  const redundancy = copiesAlone(patterns.m, findCopies(patterns, silence));
  const { copyWeights, pairs } = redundancy;
  const options = dawidSkene.options.parse(differentLabelers(patterns, copyWeights) < fewLabelers ? { anchor: 0.5 } : {});
  const dependence = {
    correlation: options.correlation,
    ...(pairs.length > 0 ? { createWeights: (part: VotePatterns) => voteWeights(part, redundancy, options.correlation) } : {}),
  };
  const result = fitDawidSkene(patterns, silence, { ...options, oneCoin }, shares, copyWeights, dependence);
  const drift = oneCoin ? [] : driftWarnings(patterns, silence, result, options, shares);
  return {
    posterior: result.posterior,
    shares: result.evidence.shares,
    evidence: result.evidence.votes,
    warnings: [...describeRedundancy(redundancy, labelers), ...drift],
    copyWeights,
  };
}

/** Those that vote, copies once. */
function differentLabelers(patterns: VotePatterns, copyWeights: Float64Array): number {
  const { k } = patterns;
  const said = codeCounts(patterns);
  return copyWeights.reduce((sum, weight, j) => sum + (said.subarray(j * k, j * k + k).some((count) => count > 0) ? weight : 0), 0);
}

export const dawidSkeneModel: VoteModel = { name: 'dawid-skene', fit: (problem) => fitConfusions(problem, false) };
export const oneCoinModel: VoteModel = { name: 'one-coin', fit: (problem) => fitConfusions(problem, true) };

export const labelingFunctionsModel: VoteModel = {
  name: 'labeling-functions',
  fit: ({ patterns, silence, shares, labelers }) => {
    const { result, redundancy } = fitLabelingFunctions(patterns, silence, labelingFunctions.options.parse({}), shares);
    return {
      posterior: result.posterior,
      shares: result.evidence.shares,
      evidence: result.evidence.votes,
      warnings: describeRedundancy(redundancy, labelers),
      copyWeights: redundancy.copyWeights,
    };
  },
};

/** The class shares of the gold left to the stack's biases: better where gold is too little or not a random sample. */
export const unsharedLabelingFunctionsModel: VoteModel = {
  name: 'labeling-functions (uniform shares)',
  fit: ({ patterns, silence, labelers }) => labelingFunctionsModel.fit({ patterns, silence, labelers }),
};

/** The same model with confusions by confidence. */
export function byConfidence(model: VoteModel, when: 'always' | 'where proven'): VoteModel {
  return { ...model, name: when === 'always' ? `${model.name} by confidence` : model.name, byConfidence: when };
}

export const voteModels: readonly VoteModel[] = [
  majorityModel,
  weightedMajorityModel,
  oneCoinModel,
  dawidSkeneModel,
  labelingFunctionsModel,
  unsharedLabelingFunctionsModel,
];
