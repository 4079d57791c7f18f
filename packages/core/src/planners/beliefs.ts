import { CoreError } from '../model/errors.ts';
import type { Matrix } from '../math/matrix.ts';
import type { Candidates } from './candidates.ts';
import type { Situation } from './planner.ts';

/** n×k: what is believed of each item; the classifier's word where there is one. */
export function beliefs({ probabilities, posterior }: Situation): Float64Array {
  return probabilities ?? posterior;
}

/** The two most probable labels of a row of n×k probabilities, the first of equals; with one label, the second has probability 0. */
export function topTwo(probabilities: Float64Array, row: number, k: number): { first: number; second: number; p1: number; p2: number } {
  let first = -1;
  let second = -1;
  let p1 = 0;
  let p2 = 0;
  for (let c = 0; c < k; c++) {
    const p = probabilities[row * k + c];
    if (first < 0 || p > p1) {
      [second, p2] = [first, p1];
      [first, p1] = [c, p];
    } else if (second < 0 || p > p2) [second, p2] = [c, p];
  }
  return { first, second, p1, p2: second < 0 ? 0 : p2 };
}

/** p₁ − p₂: 0 torn, 1 sure. */
export function marginOf(probabilities: Float64Array, row: number, k: number): number {
  let p1 = 0;
  let p2 = 0;
  for (let at = row * k; at < (row + 1) * k; at++) {
    const p = probabilities[at];
    if (p > p1) {
      p2 = p1;
      p1 = p;
    } else if (p > p2) p2 = p;
  }
  return p1 - p2;
}

/** −Σ p log p, nats. */
export function entropyOf(probabilities: Float64Array, row: number, k: number): number {
  let sum = 0;
  for (let at = row * k; at < (row + 1) * k; at++) if (probabilities[at] > 0) sum -= probabilities[at] * Math.log(probabilities[at]);
  return sum;
}

/** A number per candidate. */
export function scored({ item }: Candidates, score: (item: number) => number): Float64Array {
  const scores = new Float64Array(item.length);
  for (let at = 0; at < item.length; at++) scores[at] = score(item[at]);
  return scores;
}

/** `torn between 'spam' 0.52 and 'ham' 0.47` */
export function tornBetween(situation: Situation, item: number): string {
  const { labels } = situation;
  const { first, second, p1, p2 } = topTwo(beliefs(situation), item, labels.length);
  if (first < 0) return 'there is no label to choose from';
  return second < 0
    ? `'${labels[first]}' ${p1.toFixed(2)}`
    : `torn between '${labels[first]}' ${p1.toFixed(2)} and '${labels[second]}' ${p2.toFixed(2)}`;
}

/** @throws CoreError 'missing-features' naming the planner */
export function needFeatures(who: string, { features }: Situation): Matrix {
  if (features) return features;
  throw new CoreError(
    'missing-features',
    `${who}: needs features of the items (distances between them), got none; margin and random need none`,
  );
}
