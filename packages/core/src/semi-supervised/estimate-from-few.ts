import type { Matrix, SparseMatrix } from '../math/matrix.ts';
import { type Neighbours, nearestNeighbours } from '../math/nearest-neighbours.ts';
import { hashText, type Random } from '../math/random.ts';
import { fitSoftmax, predictSoftmax } from '../math/softmax-regression.ts';
import { pickRows } from '../math/sparse.ts';
import { fitTemperature } from '../math/tuned-softmax.ts';
import { CoreError } from '../model/errors.ts';
import { graphOf } from './neighbour-graph.ts';
import { spreadLabels } from './spread-labels.ts';

export interface FewLabels {
  /** n×d. Sparse: tf-idf rows; dense: any scale, it is taken as a whole (columns of very different scales should be scaled before). */
  readonly features: Matrix;
  /** n: the label that somebody gave, or −1. */
  readonly answered: Int32Array;
  /** k */
  readonly labels: number;
  readonly random: Random;
  /** k class shares where they are known: sum to 1. */
  readonly shares?: Float64Array;
  /** n weights of the answers, at least 0. Default 1 each. */
  readonly weights?: Float64Array;
  /** Where neighbours are looked for, of the same rows; default `features`. A dense reduction of texts finds better ones, and sooner. */
  readonly near?: Matrix;
  /** Those of `near` (15, Euclid) where they are known already: they do not change with the answers. */
  readonly neighbours?: Neighbours;
  /** What to try. Default all three. */
  readonly methods?: readonly ('classifier' | 'graph' | 'blend')[];
}

const mostNeighbours = 15;
/** The first is the usual one: with few answers they must reach far. */
const graphSettings = [
  { count: 7, alpha: 0.98 },
  { count: 10, alpha: 0.9 },
  { count: 15, alpha: 0.98 },
];

export interface FromFew {
  /** n×k row-major, rows sum to 1; an answered item has its answer. */
  readonly posterior: Float64Array;
  readonly method: Method;
  /** Of each way tried: accuracy and mean cross-entropy (nats) on the answers, each left out in turn. NaN where too few could be left out. */
  readonly scores: readonly { readonly method: Method; readonly setting: number; readonly accuracy: number; readonly logLoss: number }[];
}

export type Method = 'classifier' | 'graph' | 'blend' | 'self-training';

/** What is likely of every item, from the few that somebody answered: softmax regression, labels spread over the neighbour graph, or both, whichever
 *  tells the answers left out best. Good from one answer per label. O(n² · d) for the neighbours, then O(folds · sweeps · n · k).
 *  @throws CoreError 'bad-shape' for lengths that do not fit, 'bad-features' for NaN or infinite values */
export function estimateFromFew(given: FewLabels): FromFew {
  check(given);
  const { answered, labels: k } = given;
  const seeds = Array.from(answered.keys()).filter((row) => answered[row] >= 0 && (given.weights?.[row] ?? 1) > 0);
  const seen = new Set(seeds.map((row) => answered[row]));
  if (seen.size < 2) return { posterior: pinned(sharesOnly(given, seeds), answered, k), method: 'classifier', scores: [] };
  const ways = [...graphWays(given), ...classifierWays(given, seeds)];
  const folds = foldsOf(given, seeds);
  const judged = seeds.filter((row) => folds.some(({ heldOut }) => heldOut.includes(row)));
  const target = new Float64Array(judged.length * k);
  judged.forEach((row, at) => {
    target[at * k + answered[row]] = 1;
  });
  const tried = ways.map((way) => {
    const scores = new Float64Array(judged.length * k);
    for (const { learned, heldOut } of folds) {
      const said = way.tell(learned, heldOut);
      heldOut.forEach((row, at) => scores.set(said.subarray(at * k, (at + 1) * k), judged.indexOf(row) * k));
    }
    return judge({ method: way.method, setting: way.setting, scores }, target, k);
  });
  const best = (method: Method): Judged =>
    firstUnlessWorse(
      tried.filter((one) => one.method === method),
      judged.length,
    );
  const graph = best('graph');
  const classifier = best('classifier');
  const blended = judge({ method: 'blend', setting: 0, scores: sum(graph, classifier) }, target, k);
  const { methods = ['graph', 'blend', 'classifier'] } = given;
  const chosen = firstUnlessWorse(
    [graph, blended, classifier].filter(({ method }) => (methods as readonly Method[]).includes(method)),
    judged.length,
  );
  const all = Array.from(answered.keys());
  const say = (one: Judged): Float64Array =>
    (ways.find((way) => way.method === one.method && way.setting === one.setting) as Way).tell(seeds, all);
  const scores = chosen === blended ? sum({ ...graph, scores: say(graph) }, { ...classifier, scores: say(classifier) }) : say(chosen);
  return {
    posterior: pinned(softmaxRows(scores, 1 / chosen.temperature, k), answered, k),
    method: chosen.method,
    scores: [...tried, blended].map(({ method, setting, accuracy, logLoss }) => ({ method, setting, accuracy, logLoss })),
  };
}

/** The usual one, unless another tells the answers left out clearly better: e times as probable in all. Few answers decide nothing. */
function firstUnlessWorse(ways: readonly Judged[], rows: number): Judged {
  const best = ways.reduce((a, b) => (b.logLoss < a.logLoss ? b : a));
  return rows * (ways[0].logLoss - best.logLoss) > 1 ? best : ways[0];
}

/** One way to go from answers to opinions: log scores (rows × k) of the wanted rows, told the answers of the learned ones. */
interface Way {
  readonly method: Method;
  readonly setting: number;
  readonly tell: (learned: readonly number[], wanted: readonly number[]) => Float64Array;
}

interface Tried {
  readonly method: Method;
  readonly setting: number;
  readonly scores: Float64Array;
}
interface Judged extends Tried {
  readonly temperature: number;
  readonly accuracy: number;
  readonly logLoss: number;
}

function graphWays({ features, near = features, neighbours, answered, labels: k, weights, shares }: FewLabels): Way[] {
  const known = neighbours ?? nearestNeighbours(near, { k: mostNeighbours, metric: 'euclid' });
  return graphSettings.map(({ count, alpha }): Way => {
    const graph = graphOf(known, answered.length, 7, count);
    return {
      method: 'graph',
      setting: count,
      tell(learned, wanted) {
        const mass = new Float64Array(k);
        for (const row of learned) mass[answered[row]] += weights?.[row] ?? 1;
        const seeds = new Float64Array(answered.length * k);
        for (const row of learned) seeds[row * k + answered[row]] = (weights?.[row] ?? 1) / mass[answered[row]];
        const spread = spreadLabels(graph, seeds, k, { alpha });
        const scores = new Float64Array(wanted.length * k);
        wanted.forEach((row, at) => {
          let total = 0;
          for (let c = 0; c < k; c++) total += spread[row * k + c] * (shares?.[c] ?? 1);
          for (let c = 0; c < k; c++) {
            const share = total > 0 ? (spread[row * k + c] * (shares?.[c] ?? 1)) / total : 1 / k;
            scores[at * k + c] = Math.log(Math.max(share, 1e-6));
          }
        });
        return scores;
      },
    };
  });
}

function classifierWays({ features, answered, labels: k, weights }: FewLabels, seeds: readonly number[]): Way[] {
  const scaled = features.kind === 'dense' ? scaledToOne(features) : onlyColumnsOf(features, seeds);
  return [10, 1, 100].map((c) => ({
    method: 'classifier',
    setting: c,
    tell(learned, wanted) {
      const target = new Float64Array(learned.length * k);
      learned.forEach((row, at) => {
        target[at * k + answered[row]] = 1;
      });
      const sampleWeights = learned.map((row) => weights?.[row] ?? 1);
      const model = fitSoftmax(pickRows(scaled, learned), target, k, { l2: 1 / c, sampleWeights, tolerance: 1e-4 });
      return predictSoftmax(model, pickRows(scaled, wanted)).map((p) => Math.log(Math.max(p, 1e-6)));
    },
  }));
}

/** Centred, and rows of mean square length 1: one regularisation then fits pixels, embeddings and texts. */
function scaledToOne(features: Matrix): Matrix {
  const { rows, columns, values } = features;
  const centre = new Float64Array(columns);
  for (let at = 0; at < values.length; at++) centre[at % columns] += values[at] / rows;
  const moved = values.map((value, at) => value - centre[at % columns]);
  let squares = 0;
  for (const value of moved) squares += (value * value) / rows;
  const scale = squares > 0 ? 1 / Math.sqrt(squares) : 1;
  return { ...features, values: moved.map((value) => value * scale) };
}

/** Without the columns that no seed has: their weights would stay 0, and there are many of them. */
function onlyColumnsOf(features: SparseMatrix, seeds: readonly number[]): SparseMatrix {
  const renamed = new Int32Array(features.columns).fill(-1);
  for (const row of seeds) for (let e = features.offsets[row]; e < features.offsets[row + 1]; e++) renamed[features.indices[e]] = 0;
  let columns = 0;
  for (let column = 0; column < renamed.length; column++) if (renamed[column] === 0) renamed[column] = columns++;
  const offsets = new Int32Array(features.rows + 1);
  const indices = new Int32Array(features.indices.length);
  const values = new Float32Array(features.indices.length);
  let used = 0;
  for (let row = 0; row < features.rows; row++) {
    for (let e = features.offsets[row]; e < features.offsets[row + 1]; e++) {
      if (renamed[features.indices[e]] < 0) continue;
      indices[used] = renamed[features.indices[e]];
      values[used++] = features.values[e];
    }
    offsets[row + 1] = used;
  }
  return { kind: 'sparse', rows: features.rows, columns, offsets, indices: indices.slice(0, used), values: values.slice(0, used) };
}

interface Fold {
  readonly learned: readonly number[];
  readonly heldOut: readonly number[];
}

/** Stratified; dealt by what the rows hold, so that their order does not matter. A label of one answer is always learned from. */
function foldsOf({ features, answered, labels: k, random }: FewLabels, seeds: readonly number[]): Fold[] {
  const salt = String(random.fork('folds').next());
  const key = new Map(seeds.map((row) => [row, hashText(`${salt}${contentOf(features, row)}`)]));
  const count = Math.min(seeds.length, 10);
  const dealt: number[][] = Array.from({ length: count }, () => []);
  let next = 0;
  for (let c = 0; c < k; c++) {
    const members = seeds.filter((row) => answered[row] === c);
    if (members.length < 2) continue;
    members.sort((a, b) => (key.get(a) as number) - (key.get(b) as number) || a - b);
    for (const row of members) dealt[next++ % count].push(row);
  }
  return dealt
    .filter((heldOut) => heldOut.length > 0)
    .map((heldOut) => ({ heldOut, learned: seeds.filter((row) => !heldOut.includes(row)) }));
}

function contentOf(features: Matrix, row: number): string {
  if (features.kind === 'dense') return features.values.subarray(row * features.columns, (row + 1) * features.columns).join();
  const [first, end] = [features.offsets[row], features.offsets[row + 1]];
  return `${features.indices.subarray(first, end).join()};${features.values.subarray(first, end).join()}`;
}

function judge(tried: Tried, target: Float64Array, k: number): Judged {
  const rows = target.length / k;
  if (rows === 0) return { ...tried, temperature: 1, accuracy: Number.NaN, logLoss: Number.NaN };
  const { temperature, loss } = fitTemperature(tried.scores, target, new Float64Array(rows).fill(1), k);
  let right = 0;
  for (let row = 0; row < rows; row++) {
    let best = 0;
    for (let c = 1; c < k; c++) if (tried.scores[row * k + c] > tried.scores[row * k + best]) best = c;
    right += target[row * k + best];
  }
  return { ...tried, temperature, accuracy: right / rows, logLoss: loss / rows };
}

/** The geometric mean of both opinions, each at its own temperature. */
function sum(a: Judged, b: Judged): Float64Array {
  return a.scores.map((score, at) => (score / a.temperature + b.scores[at] / b.temperature) / 2);
}

function softmaxRows(scores: Float64Array, factor: number, k: number): Float64Array {
  const out = new Float64Array(scores.length);
  for (let first = 0; first < scores.length; first += k) {
    let top = scores[first];
    for (let c = 1; c < k; c++) top = Math.max(top, scores[first + c]);
    let total = 0;
    for (let c = 0; c < k; c++) total += out[first + c] = Math.exp(factor * (scores[first + c] - top));
    for (let c = 0; c < k; c++) out[first + c] /= total;
  }
  return out;
}

function sharesOnly({ answered, labels: k, shares }: FewLabels, seeds: readonly number[]): Float64Array {
  const mass = new Float64Array(k);
  for (const row of seeds) mass[answered[row]] += 1;
  const known = shares ?? mass.map((count) => (count + 1 / k) / (seeds.length + 1));
  return Float64Array.from({ length: answered.length * k }, (_, at) => known[at % k]);
}

function pinned(posterior: Float64Array, answered: Int32Array, k: number): Float64Array {
  for (let row = 0; row < answered.length; row++) {
    if (answered[row] < 0) continue;
    posterior.fill(0, row * k, (row + 1) * k);
    posterior[row * k + answered[row]] = 1;
  }
  return posterior;
}

function check({ features, answered, labels: k, shares, weights, near }: FewLabels): void {
  const fail = (message: string): never => {
    throw new CoreError('bad-shape', `estimate from few: ${message}`);
  };
  if (!(k >= 1)) fail(`labels must be at least 1, got ${k}`);
  if (answered.length !== features.rows) fail(`answered must hold ${features.rows} labels, got ${answered.length}`);
  if (near && near.rows !== features.rows) fail(`near must have ${features.rows} rows, got ${near.rows}`);
  if (shares && shares.length !== k) fail(`shares must hold ${k} numbers, got ${shares.length}`);
  if (weights && weights.length !== features.rows) fail(`weights must hold ${features.rows} numbers, got ${weights.length}`);
  for (const label of answered) if (label >= k) fail(`answered holds label ${label}, but there are ${k}`);
}
