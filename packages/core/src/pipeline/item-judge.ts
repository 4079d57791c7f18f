import auto from '../aggregators/auto.ts';
import type { Matrix } from '../math/matrix.ts';
import { hashText, type Random } from '../math/random.ts';
import { fitSoftmax, predictSoftmax, type SoftmaxModel } from '../math/softmax-regression.ts';
import { pickRows } from '../math/sparse.ts';
import { fitTunedSoftmax } from '../math/tuned-softmax.ts';
import { checkOptions } from '../model/about.ts';
import { CoreError } from '../model/errors.ts';
import type { ItemId } from '../model/ids.ts';
import type { VoteTable } from '../model/vote-table.ts';
import { estimateFromFew } from '../semi-supervised/estimate-from-few.ts';
import { voteFeatures } from './vote-features.ts';

/** What a machine would say of every item, having learned from the answers of people so far. */
export interface Judgement {
  /** n: the most probable label; −1 where there is none to choose from. */
  readonly label: Int32Array;
  /** n: how likely it is right. Need only rank well. */
  readonly probability: Float64Array;
  /** n×`outcomes` row-major: what planners look at. Of few labels, one outcome per label; of hundreds, `right` and `wrong`. */
  readonly posterior: Float64Array;
  readonly outcomes: number;
  readonly method: string;
}

export interface Judge {
  /** @param answered n: the label that a person gave, or −1 */
  readonly judge: (answered: Int32Array, random: Random) => Judgement;
  /** What planners measure distances by. */
  readonly features?: Matrix | undefined;
  readonly hasVotes: boolean;
}

export interface JudgeTask {
  readonly items: readonly ItemId[];
  /** k, at least 1 */
  readonly labels: number;
  /** n rows. */
  readonly features?: Matrix | undefined;
  /** Of machines, on the same items and labels. */
  readonly votes?: VoteTable | undefined;
  readonly random: Random;
}

/** Learns P(label | item, votes) from the answers so far. With votes: softmax regression on votes, confidences, item features and their products;
 *  of more than `manyLabels` labels it learns instead when what the votes say is right. Without votes: `estimateFromFew` at first, then softmax
 *  regression. Regularisation is chosen again whenever the answers have doubled.
 *  @throws CoreError 'nothing-to-learn-from' where there are neither votes nor features */
export function createJudge(task: JudgeTask): Judge {
  const { votes, features } = task;
  if (votes && votes.item.length > 0) return voteJudge({ ...task, votes });
  if (!features || features.columns === 0) {
    throw new CoreError('nothing-to-learn-from', 'there is nothing that labels could be learned from: neither votes nor features of items');
  }
  return featureJudge({ ...task, features });
}

const manyLabels = 30;
/** Below so many answers leaving one out again and again costs little, and the neighbour graph knows more than a classifier. */
const few = 300;
/** The neighbour graph takes n² distances. */
const graphLimit = 20_000;

function featureJudge({ items, labels: k, features }: JudgeTask & { features: Matrix }): Judge {
  const learner = createLearner(items, features, k);
  return {
    features,
    hasVotes: false,
    judge(answered, random) {
      const count = answered.reduce((sum, label) => sum + Number(label >= 0), 0);
      if (count >= few || features.rows > graphLimit) {
        const posterior = learner(answered);
        return { ...topOf(posterior, k), posterior, outcomes: k, method: 'classifier' };
      }
      const { posterior, method } = estimateFromFew({ features, answered, labels: k, random });
      return { ...topOf(posterior, k), posterior, outcomes: k, method };
    },
  };
}

function voteJudge({ items, labels: k, features, votes, random }: JudgeTask & { votes: VoteTable }): Judge {
  const estimate = auto.aggregate(votes, checkOptions(auto, {}), { random: random.fork('votes') });
  const voted = new Uint8Array(items.length);
  for (const i of votes.item) voted[i] = 1;
  const top = topOf(estimate.posterior, k);
  const said = top.label.map((label, i) => (voted[i] ? label : -1));
  const believed = statedBelief(votes, said, top.probability);
  const perLabel = k <= manyLabels;
  const several = votes.labelers.length > 1;
  const told = voteFeatures(votes, { features, said, perLabel, ...(several && perLabel && { posterior: estimate.posterior }) });
  const learner = createLearner(items, told, perLabel ? k : 2);
  return {
    features,
    hasVotes: true,
    judge(answered) {
      const count = answered.reduce((sum, label) => sum + Number(label >= 0), 0);
      if (count < fewest) return { label: said, probability: believed, ...rightOrWrong(believed), method: 'votes' };
      if (perLabel) {
        const posterior = learner(answered);
        return { ...topOf(posterior, k), posterior, outcomes: k, method: 'votes + features' };
      }
      const right = learner(answered.map((label, i) => (label < 0 || said[i] < 0 ? -1 : Number(label === said[i]))));
      const probability = Float64Array.from(said, (label, i) => (label < 0 ? 0 : right[2 * i + 1]));
      return { label: said, probability, ...rightOrWrong(probability), method: 'trust in votes' };
    },
  };
}

/** Answers from which on something is learned from votes. */
const fewest = 10;

function rightOrWrong(probability: Float64Array): { posterior: Float64Array; outcomes: number } {
  const posterior = new Float64Array(2 * probability.length);
  probability.forEach((p, i) => {
    posterior[2 * i] = 1 - p;
    posterior[2 * i + 1] = p;
  });
  return { posterior, outcomes: 2 };
}

/** Before anything was learned: the mean stated confidence of those who said it, else the aggregator's own. */
function statedBelief(votes: VoteTable, said: Int32Array, otherwise: Float64Array): Float64Array {
  const sum = new Float64Array(said.length);
  const count = new Float64Array(said.length);
  const { confidence, item, label } = votes;
  item.forEach((i, row) => {
    if (!confidence || Number.isNaN(confidence[row]) || label[row] !== said[i]) return;
    sum[i] += confidence[row];
    count[i] += 1;
  });
  return Float64Array.from(said, (c, i) => (c < 0 ? 0 : count[i] > 0 ? sum[i] / count[i] : otherwise[i]));
}

/** Softmax regression that starts from where it was: tuned anew when the answers have doubled, until there are enough, else fitted on with the same
 *  settings. */
function createLearner(items: readonly ItemId[], features: Matrix, k: number): (answered: Int32Array) => Float64Array {
  const group = Int32Array.from(items, (id) => hashText(id) >>> 1);
  let tuned: { readonly rows: number; readonly c: number; readonly temperature: number } | undefined;
  let last: SoftmaxModel | undefined;
  return (answered) => {
    const rows: number[] = [];
    answered.forEach((label, i) => {
      if (label >= 0) rows.push(i);
    });
    const target = new Float64Array(rows.length * k);
    rows.forEach((row, at) => {
      target[at * k + answered[row]] = 1;
    });
    const lesson = pickRows(features, rows);
    if (!tuned || (rows.length >= 2 * tuned.rows && tuned.rows < enoughToTune)) {
      const { c, temperature } = fitTunedSoftmax(
        lesson,
        target,
        k,
        rows.map((row) => group[row]),
        { cs: [0.3, 1, 3, 10], tolerance: 1e-3 },
      );
      tuned = { rows: rows.length, c, temperature };
    }
    last = fitSoftmax(lesson, target, k, { l2: 1 / tuned.c, tolerance: 1e-4, ...(last && { start: last }) });
    const { temperature } = tuned;
    return tempered(predictSoftmax(last, features), temperature, k);
  };
}

const enoughToTune = 400;

function tempered(probabilities: Float64Array, temperature: number, k: number): Float64Array {
  for (let first = 0; first < probabilities.length; first += k) {
    let total = 0;
    for (let c = 0; c < k; c++) total += probabilities[first + c] **= 1 / temperature;
    for (let c = 0; c < k; c++) probabilities[first + c] /= total;
  }
  return probabilities;
}

function topOf(posterior: Float64Array, k: number): { label: Int32Array; probability: Float64Array } {
  const n = posterior.length / k;
  const label = new Int32Array(n);
  const probability = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    for (let c = 1; c < k; c++) if (posterior[i * k + c] > posterior[i * k + label[i]]) label[i] = c;
    probability[i] = posterior[i * k + label[i]];
  }
  return { label, probability };
}
