import type { Matrix } from '../math/matrix.ts';
import { hashText } from '../math/random.ts';
import { fitTemperature } from '../math/tuned-softmax.ts';
import { classifierWays } from './classifier-ways.ts';
import { checkFewLabels, type FewLabels, type Method, type Way } from './few-labels.ts';
import { graphWays } from './graph-ways.ts';
import { selfTrainingWays } from './self-training.ts';

export type { FewLabels, Method } from './few-labels.ts';

export interface FromFew {
  /** n×k row-major, rows sum to 1; an answered item has its answer. */
  readonly posterior: Float64Array;
  readonly method: Method;
  /** Of each way tried: accuracy and mean cross-entropy (nats) on the answers, each left out in turn. NaN where too few could be left out. */
  readonly scores: readonly { readonly method: Method; readonly setting: number; readonly accuracy: number; readonly logLoss: number }[];
}

/** What is likely of every item, from the few that somebody answered: softmax regression, labels spread over the neighbour graph, or both, whichever
 *  tells the answers left out best. Good from one answer per label. O(n² · d) for the neighbours, then O(folds · sweeps · n · k).
 *  @throws CoreError 'bad-shape' for lengths that do not fit, 'bad-features' for NaN or infinite values */
export function estimateFromFew(given: FewLabels): FromFew {
  checkFewLabels(given);
  const { answered, labels: k } = given;
  const seeds = Array.from(answered.keys()).filter((row) => answered[row] >= 0 && (given.weights?.[row] ?? 1) > 0);
  const seen = new Set(seeds.map((row) => answered[row]));
  if (seen.size < 2) return { posterior: pinned(sharesOnly(given, seeds), answered, k), method: 'classifier', scores: [] };
  const { methods = ['graph', 'blend', 'classifier'] } = given;
  const ways = waysOf(given, seeds, methods);
  const folds = foldsOf(given, seeds);
  const judged = folds.flatMap(({ heldOut }) => heldOut);
  const target = new Float64Array(judged.length * k);
  judged.forEach((row, at) => {
    target[at * k + answered[row]] = 1;
  });
  const tried = ways.map((way) => {
    const scores = new Float64Array(judged.length * k);
    let at = 0;
    for (const { learned, heldOut } of folds) {
      scores.set(way.tell(learned, heldOut), at * k);
      at += heldOut.length;
    }
    return judge({ method: way.method, setting: way.setting, scores }, target, k);
  });
  const best = (method: Method): Judged[] => {
    const known = tried.filter((one) => one.method === method);
    return known.length === 0 ? [] : [firstUnlessWorse(known, judged.length)];
  };
  const [graph] = best('graph');
  const [classifier] = best('classifier');
  const blended = methods.includes('blend') ? [judge({ method: 'blend', setting: 0, scores: sum(graph, classifier) }, target, k)] : [];
  const candidates = [...best('graph'), ...blended, ...best('classifier'), ...best('self-training')];
  const chosen = firstUnlessWorse(
    candidates.filter(({ method }) => methods.includes(method)),
    judged.length,
  );
  const all = Array.from(answered.keys());
  const say = (one: Judged): Float64Array =>
    (ways.find((way) => way.method === one.method && way.setting === one.setting) as Way).tell(seeds, all);
  const scores =
    chosen.method === 'blend' ? sum({ ...graph, scores: say(graph) }, { ...classifier, scores: say(classifier) }) : say(chosen);
  return {
    posterior: pinned(softmaxRows(scores, 1 / chosen.temperature, k), answered, k),
    method: chosen.method,
    scores: [...tried, ...blended].map(({ method, setting, accuracy, logLoss }) => ({ method, setting, accuracy, logLoss })),
  };
}

function waysOf(given: FewLabels, seeds: readonly number[], methods: readonly Method[]): Way[] {
  const needs = (method: Method): boolean => methods.includes(method) || (method !== 'self-training' && methods.includes('blend'));
  return [
    ...(needs('graph') ? graphWays(given) : []),
    ...(needs('classifier') ? classifierWays(given, seeds) : []),
    ...(needs('self-training') ? selfTrainingWays(given) : []),
  ];
}

/** Answers left out say nothing where they are fewer: the planner chose them far apart, each alone in its region. */
const tellingAnswers = 20;

/** The usual one, unless another tells the answers left out clearly better: e times as probable in all. */
function firstUnlessWorse(ways: readonly Judged[], rows: number): Judged {
  if (rows < tellingAnswers) return ways[0];
  const best = ways.reduce((a, b) => (b.logLoss < a.logLoss ? b : a));
  return rows * (ways[0].logLoss - best.logLoss) > 1 ? best : ways[0];
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

interface Fold {
  readonly learned: readonly number[];
  readonly heldOut: readonly number[];
}

/** Stratified; dealt by what the rows hold, so that their order does not matter. A label of one answer is always learned from. */
function foldsOf({ features, answered, labels: k, random }: FewLabels, seeds: readonly number[]): Fold[] {
  const salt = String(random.fork('folds').next());
  const key = new Map(seeds.map((row) => [row, hashText(`${salt}${contentOf(features, row)}`)]));
  const count = Math.min(seeds.length, seeds.length <= 300 ? 10 : seeds.length <= 2000 ? 5 : 3);
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
    .map((heldOut) => {
      const left = new Set(heldOut);
      return { heldOut, learned: seeds.filter((row) => !left.has(row)) };
    });
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
