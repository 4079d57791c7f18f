import {
  createItemFeatures,
  fitItemFeatures,
  type ItemFeaturesModel,
  type ItemFeaturesOptions,
  transformItemFeatures,
} from '../features/item-features.ts';
import { type PackedNumbers, packNumbers, unpackNumbers } from '../math/packed-numbers.ts';
import { hashText, type Random } from '../math/random.ts';
import { softmaxInPlace } from '../math/softmax-regression.ts';
import { fitTunedSoftmax, type TunedSoftmax } from '../math/tuned-softmax.ts';
import type { Item } from '../model/item.ts';
import type { TrainingSet } from './labeler.ts';

/** Plain JSON. `one`: one label holds; `several`: each label holds or not by itself. */
export type ClassifierModel =
  | { readonly kind: 'nothing'; readonly reason: string }
  | {
      readonly kind: 'one' | 'several';
      readonly labels: readonly string[];
      readonly features: ItemFeaturesModel;
      /** d rows of one column per label; one column in all where one of two labels holds: the second against the first. */
      readonly weights: PackedNumbers;
      readonly intercepts: readonly number[];
      /** Chosen or given inverse regularisation, temperature, and mean cross-entropy in nats on rows held out, beside that of the class shares;
       *  of several labels one entry each. Null where there was too little to hold out. */
      readonly tuning: readonly {
        readonly c: number;
        readonly temperature: number;
        readonly rows: number;
        readonly logLoss: number | null;
        readonly sharesLogLoss: number | null;
      }[];
    };

export interface ClassifierFitting extends ItemFeaturesOptions {
  /** Inverse regularisation; absent: chosen on held-out rows. */
  readonly c?: number | undefined;
  readonly maxTrainingItems: number;
}

export function fitClassifier(training: TrainingSet, options: ClassifierFitting, random: Random): ClassifierModel {
  const k = training.labels.length;
  const multiple = training.multiple ?? !sumsToOne(training.posterior, k);
  const rows = chooseRows(training, multiple, options.maxTrainingItems, random);
  const reason = whyNothing(training, rows, multiple);
  if (reason !== undefined) return { kind: 'nothing', reason };

  const items = rows.map((row) => training.samples[row].item);
  const features = fitItemFeatures(items, options);
  const matrix = transformItemFeatures(features, items);
  if (matrix.indices.length === 0) return { kind: 'nothing', reason: 'the items have no text or fields to learn from' };
  const group = items.map(({ id }) => hashText(id));
  const tuning = {
    ...(options.c !== undefined && { cs: [options.c] }),
    ...(training.weights && { sampleWeights: rows.map((row) => training.weights?.[row] ?? 1) }),
  };
  const p = (row: number, c: number): number => Math.min(1, Math.max(0, training.posterior[row * k + c]));
  const fits = multiple
    ? training.labels.map((_, c) =>
        fitTunedSoftmax(matrix, Float64Array.from(rows.flatMap((row) => [1 - p(row, c), p(row, c)])), 2, group, tuning),
      )
    : [fitTunedSoftmax(matrix, Float64Array.from(rows.flatMap((row) => training.labels.map((_, c) => p(row, c)))), k, group, tuning)];

  const columns = fits.flatMap(columnsOf);
  const weights = new Float32Array(matrix.columns * columns.length);
  columns.forEach(({ weightAt }, column) => {
    for (let f = 0; f < matrix.columns; f++) weights[f * columns.length + column] = weightAt(f);
  });
  return {
    kind: multiple ? 'several' : 'one',
    labels: training.labels,
    features,
    weights: packNumbers(weights, columns.length),
    intercepts: columns.map(({ intercept }) => intercept),
    tuning: fits.map(({ c, temperature, heldOut: { rows: heldOut, logLoss, sharesLogLoss } }) => ({
      c,
      temperature,
      rows: heldOut,
      logLoss: finite(logLoss),
      sharesLogLoss: finite(sharesLogLoss),
    })),
  };
}

/** A model made ready to judge item after item. */
export interface ClassifierReader {
  /** P(label) per label, valid until the next call; or that the item has nothing of what is looked at, or only what was never seen. */
  readonly judge: (item: Item) => Float64Array | 'nothing to look at' | 'nothing known';
  /** What pushes most to label `c` and away from the others, strongest first: score of the feature times its value, in nats. */
  readonly pushes: (item: Item, c: number, most: number) => { readonly feature: number; readonly name: string; readonly push: number }[];
  readonly places: ReturnType<typeof createItemFeatures>['places'];
}

export function createClassifier(model: Exclude<ClassifierModel, { kind: 'nothing' }>): ClassifierReader {
  const reader = createItemFeatures(model.features);
  const weights = unpackNumbers(model.weights);
  const columns = model.weights.columns;
  const k = model.labels.length;
  const scores = new Float64Array(columns);
  const probabilities = new Float64Array(k);
  const isPair = model.kind === 'one' && columns === 1 && k === 2;

  const judge = (item: Item): Float64Array | 'nothing to look at' | 'nothing known' => {
    const { looked, indices, values } = reader.read(item);
    if (!looked) return 'nothing to look at';
    if (indices.length === 0) return 'nothing known';
    scores.set(model.intercepts);
    for (let e = 0; e < indices.length; e++) {
      const first = indices[e] * columns;
      for (let c = 0; c < columns; c++) scores[c] += values[e] * weights[first + c];
    }
    if (model.kind === 'several') for (let c = 0; c < k; c++) probabilities[c] = logistic(scores[c]);
    else if (isPair) {
      probabilities[1] = logistic(scores[0]);
      probabilities[0] = 1 - probabilities[1];
    } else {
      probabilities.set(scores);
      softmaxInPlace(probabilities, k);
    }
    return probabilities;
  };

  /** How much one unit of a feature speaks for label `c`: against the others as probable as they are. */
  const leaning = (feature: number, c: number, p: Float64Array): number => {
    const first = feature * columns;
    if (isPair) return c === 1 ? weights[first] : -weights[first];
    if (model.kind === 'several') return weights[first + c];
    let others = 0;
    for (let other = 0; other < k; other++) if (other !== c) others += p[other] * weights[first + other];
    return weights[first + c] - others / Math.max(1 - p[c], 1e-12);
  };

  return {
    judge,
    places: reader.places,
    pushes(item, c, most) {
      const p = judge(item);
      if (typeof p === 'string') return [];
      const { indices, values } = reader.read(item);
      return indices
        .map((feature, e) => ({ feature, name: reader.nameOf(feature), push: values[e] * leaning(feature, c, p) }))
        .filter(({ push }) => push > 0)
        .sort((a, b) => b.push - a.push || a.feature - b.feature)
        .slice(0, most);
    },
  };
}

function columnsOf({ model: { k, weights, intercepts } }: TunedSoftmax): { intercept: number; weightAt: (feature: number) => number }[] {
  if (k === 2) return [{ intercept: intercepts[1] - intercepts[0], weightAt: (f) => weights[f * 2 + 1] - weights[f * 2] }];
  return Array.from(intercepts, (intercept, c) => ({ intercept, weightAt: (f) => weights[f * k + c] }));
}

/** Rows with something to learn, at most `most` of them: chosen by a hash of the id, so that the order of the samples does not matter. */
function chooseRows(training: TrainingSet, multiple: boolean, most: number, random: Random): number[] {
  const { samples, posterior, weights, labels } = training;
  const k = labels.length;
  const flat = multiple ? 0.5 : 1 / k;
  const teaches = (row: number): boolean => {
    if (weights && !(weights[row] > 0)) return false;
    if (k === 1) return true;
    for (let c = 0; c < k; c++) if (Math.abs(posterior[row * k + c] - flat) > 1e-9) return true;
    return false;
  };
  const rows = Array.from(samples.keys()).filter(teaches);
  if (rows.length <= most) return rows;
  const salt = random.next();
  const order = new Map(rows.map((row) => [row, hashText(`${salt}:${samples[row].item.id}`)]));
  return rows.sort((a, b) => (order.get(a) as number) - (order.get(b) as number) || a - b).slice(0, most);
}

function whyNothing(training: TrainingSet, rows: readonly number[], multiple: boolean): string | undefined {
  const k = training.labels.length;
  if (rows.length === 0) return 'no item has a label to learn from';
  if (multiple || k === 1) return undefined;
  const mass = new Float64Array(k);
  for (const row of rows) for (let c = 0; c < k; c++) mass[c] += (training.weights?.[row] ?? 1) * training.posterior[row * k + c];
  const seen = training.labels.filter((_, c) => mass[c] >= 0.5);
  return seen.length < 2 ? `only ${seen[0] ?? 'no label'} was seen: there must be at least two labels to tell apart` : undefined;
}

function sumsToOne(posterior: Float64Array, k: number): boolean {
  for (let first = 0; first < posterior.length; first += k) {
    let sum = 0;
    for (let c = 0; c < k; c++) sum += posterior[first + c];
    if (Math.abs(sum - 1) > 1e-3) return false;
  }
  return true;
}

function logistic(score: number): number {
  return 1 / (1 + Math.exp(-score));
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
