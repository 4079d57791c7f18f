import type { Matrix } from '../math/matrix.ts';
import type { Neighbours } from '../math/nearest-neighbours.ts';
import type { Random } from '../math/random.ts';
import { CoreError } from '../model/errors.ts';

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
  /** Where neighbours are looked for, of the same rows, found once per matrix. Default `features`, sparse ones by their truncated SVD; better for texts:
   *  `near` of `fitFewLabelFeatures`. */
  readonly near?: Matrix;
  /** Those of `near` (15, Euclid) where they are known already. */
  readonly neighbours?: Neighbours;
  /** What to try. Default graph, blend and classifier; self-training costs ten times as much and seldom helps below 5 % of answers. */
  readonly methods?: readonly Method[];
}

export type Method = 'classifier' | 'graph' | 'blend' | 'self-training';

/** One way to go from answers to opinions: log scores (rows × k) of the wanted rows, told the answers of the learned ones. */
export interface Way {
  readonly method: Method;
  readonly setting: number;
  readonly tell: (learned: readonly number[], wanted: readonly number[]) => Float64Array;
}

/** @throws CoreError 'bad-shape' for lengths and labels that do not fit */
export function checkFewLabels({ features, answered, labels: k, shares, weights, near }: FewLabels): void {
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
