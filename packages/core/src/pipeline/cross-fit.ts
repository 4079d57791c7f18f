import type { Answerer, ComputedLabeler, TrainingSet } from '../labelers/labeler.ts';
import { hashText, type Random } from '../math/random.ts';
import type { Answer } from '../model/answer.ts';
import { CoreError } from '../model/errors.ts';
import type { ItemId } from '../model/ids.ts';
import type { Json } from '../model/json.ts';
import type { Question } from '../model/schema.ts';

/** The fold of an item, 0..folds − 1: by its id and a seed alone, so that runs, workers and machines agree without asking each other. */
export function foldOf(id: ItemId, folds: number, seed: number): number {
  return (hashText(`${seed}:${id}`) >>> 0) % folds;
}

export interface CrossFitTask<Options, Model extends Json> {
  readonly labeler: ComputedLabeler<Options, Model>;
  readonly options: Options;
  readonly question: Question;
  readonly training: TrainingSet;
  /** Default 5. */
  readonly folds?: number;
  readonly seed: number;
  readonly random: Random;
}

export interface CrossFit<Model extends Json> {
  /** One per sample, each from the model of its fold. */
  readonly answers: readonly Answer[];
  /** Model f learned from all folds but f. */
  readonly models: readonly Model[];
  readonly heldOut: HeldOutScore;
}

/** Lets a labeler judge the items that it learned from, without any item being judged by a model that saw its own label: else the aggregator
 *  would count the votes behind that label twice. All in memory; past some 10⁵ items take `foldOf` and learn from a sample.
 *  V. Chernozhukov et al. (2018), Econometrics J. 21(1), doi:10.1111/ectj.12097.
 *  @throws CoreError 'bad-folds' for fewer than two folds, 'cannot-learn' for a labeler that learns nothing */
export async function crossFit<Options, Model extends Json>(task: CrossFitTask<Options, Model>): Promise<CrossFit<Model>> {
  const { labeler, options, question, training, folds = 5, seed, random } = task;
  if (!(Number.isInteger(folds) && folds >= 2))
    throw new CoreError('bad-folds', `cross-fitting: there must be at least 2 folds, got ${folds}`);
  const { learn } = labeler;
  if (!learn) throw new CoreError('cannot-learn', `cross-fitting: '${labeler.name}' does not learn`);
  const foldAt = training.samples.map(({ item }) => foldOf(item.id, folds, seed));
  const models = Array.from({ length: folds }, (_, fold) =>
    learn(
      rowsOf(
        training,
        foldAt.flatMap((other, row) => (other === fold ? [] : [row])),
      ),
      options,
      random.fork(`fold ${fold}`),
    ),
  );
  const answerers: Answerer[] = [];
  for (const model of models) answerers.push(await labeler.prepare({ question, options, model }));
  const answers = training.samples.map((sample, row) => answerers[foldAt[row]].answer(sample));
  for (const { dispose } of answerers) dispose?.();
  return { answers, models, heldOut: scoreHeldOut(training, answers) };
}

function rowsOf({ samples, labels, posterior, weights, multiple }: TrainingSet, rows: readonly number[]): TrainingSet {
  const k = labels.length;
  const picked = new Float64Array(rows.length * k);
  rows.forEach((row, at) => picked.set(posterior.subarray(row * k, (row + 1) * k), at * k));
  return {
    samples: rows.map((row) => samples[row]),
    labels,
    posterior: picked,
    ...(weights && { weights: Float64Array.from(rows, (row) => weights[row]) }),
    ...(multiple !== undefined && { multiple }),
  };
}

/** How answers agree with a posterior that the labeler did not see for these items: the guard before its votes are let in. */
export interface HeldOutScore {
  /** Sum of the weights of the samples, and of those that were answered. */
  readonly judged: number;
  readonly answered: number;
  /** Expected share of answers that are right, if the posterior is; 0 where nothing was answered. */
  readonly accuracy: number;
  /** Mean cross-entropy (nats) of the posterior under the answers: the confidence on what was said, the rest shared out by the class shares;
   *  silence says the class shares. Beside it that of saying the class shares always: a labeler that is not below it knows nothing.
   *  Of several labels: mean over the labels. */
  readonly logLoss: number;
  readonly sharesLogLoss: number;
}

export function scoreHeldOut(
  { labels, posterior, weights, multiple }: Omit<TrainingSet, 'samples'>,
  answers: readonly Answer[],
): HeldOutScore {
  const k = labels.length;
  const weightOf = (row: number): number => weights?.[row] ?? 1;
  const shares = sharesOf(posterior, k, answers.length, weightOf);
  const said = new Float64Array(k);
  const sum = { judged: 0, answered: 0, right: 0, loss: 0, sharesLoss: 0 };
  answers.forEach((answer, row) => {
    const weight = weightOf(row);
    if (weight === 0) return;
    const truth = posterior.subarray(row * k, (row + 1) * k);
    const cast =
      answer.kind === 'labels' ? labels.map((label) => answer.annotations.some((annotation) => annotation.label === label)) : undefined;
    if (!cast || answer.kind !== 'labels') said.set(shares);
    else if (multiple) implySeveral(cast, answer.confidence ?? usual, said);
    else implyOne(cast.indexOf(true), answer.confidence ?? usual, shares, said);
    sum.judged += weight;
    sum.loss += weight * crossEntropy(truth, said, multiple);
    sum.sharesLoss += weight * crossEntropy(truth, shares, multiple);
    if (!cast) return;
    sum.answered += weight;
    sum.right += weight * (multiple ? truth.reduce((all, p, c) => all * (cast[c] ? p : 1 - p), 1) : (truth[cast.indexOf(true)] ?? 0));
  });
  const per = (total: number, count: number): number => (count > 0 ? total / count : 0);
  return {
    judged: sum.judged,
    answered: sum.answered,
    accuracy: per(sum.right, sum.answered),
    logLoss: per(sum.loss, sum.judged),
    sharesLogLoss: per(sum.sharesLoss, sum.judged),
  };
}

/** The confidence of who gives none. */
const usual = 0.8;

function sharesOf(posterior: Float64Array, k: number, n: number, weightOf: (row: number) => number): Float64Array {
  const shares = new Float64Array(k);
  let total = 0;
  for (let row = 0; row < n; row++) {
    total += weightOf(row);
    for (let c = 0; c < k; c++) shares[c] += weightOf(row) * posterior[row * k + c];
  }
  return shares.map((share) => (total > 0 ? share / total : 1 / k));
}

/** `confidence` on label `c`, the rest by the shares of the others. A label that is not asked about (−1) says the shares. */
function implyOne(c: number, confidence: number, shares: Float64Array, said: Float64Array): void {
  said.set(shares);
  if (c < 0 || shares.length < 2) return;
  const sure = Math.max(confidence, 1 / shares.length);
  const others = shares.reduce((sum, share) => sum + share, 0) - shares[c];
  for (let other = 0; other < said.length; other++) {
    said[other] = others > 0 ? ((1 - sure) * shares[other]) / others : (1 - sure) / (said.length - 1);
  }
  said[c] = sure;
}

/** The confidence of a whole answer, as if each label had an equal part in it. */
function implySeveral(cast: readonly boolean[], confidence: number, said: Float64Array): void {
  const each = Math.max(0.5, confidence ** (1 / cast.length));
  cast.forEach((holds, c) => (said[c] = holds ? each : 1 - each));
}

/** No probability is taken as 0: one answer that was too sure must not outweigh all others. */
const least = 1e-4;

function crossEntropy(truth: Float64Array, said: Float64Array, multiple: boolean | undefined): number {
  let loss = 0;
  for (let c = 0; c < truth.length; c++) {
    if (truth[c] > 0) loss -= truth[c] * Math.log(Math.max(said[c], least));
    if (multiple && truth[c] < 1) loss -= (1 - truth[c]) * Math.log(Math.max(1 - said[c], least));
  }
  return multiple ? loss / truth.length : loss;
}
