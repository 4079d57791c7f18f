import { normalCdf } from '../math/special-functions.ts';
import { wilson } from '../math/statistics.ts';
import { CoreError } from '../model/errors.ts';

export interface LabelDrift {
  /** Per label, in order. */
  readonly labels: readonly {
    readonly before: number;
    readonly after: number;
    /** Of after − before. */
    readonly low: number;
    readonly high: number;
    /** Of no change, corrected for the number of labels (Holm). */
    readonly pValue: number;
  }[];
  /** Half the sum of the differences of shares, 0..1: the share of items that would have to change their label. */
  readonly totalVariation: number;
  /** Labels whose share has changed, at a risk of 1 − confidence over all of them. */
  readonly drifted: readonly number[];
}

/** Have the shares of labels changed between two sets of items? Intervals by Newcombe's method 10, tests by Holm.
 *  R. G. Newcombe (1998), Statistics in Medicine 17(8); S. Holm (1979), Scand. J. Statistics 6(2).
 *  @param before, after labels 0..k−1  @throws CoreError 'too-few' where one of them is empty */
export function labelDrift(before: Int32Array, after: Int32Array, k: number, confidence = 0.95): LabelDrift {
  if (before.length === 0 || after.length === 0)
    throw new CoreError('too-few', `label drift: there must be labels before and after, got ${before.length} and ${after.length}`);
  const [old, now] = [countsOf(before, k), countsOf(after, k)];
  const rows = Array.from({ length: k }, (_, label) => difference(old[label], before.length, now[label], after.length, confidence));
  const corrected = holm(rows.map(({ pValue }) => pValue));
  return {
    labels: rows.map((row, label) => ({ ...row, pValue: corrected[label] })),
    totalVariation: rows.reduce((sum, row) => sum + Math.abs(row.after - row.before), 0) / 2,
    drifted: corrected.flatMap((pValue, label) => (pValue <= 1 - confidence ? [label] : [])),
  };
}

function countsOf(labels: Int32Array, k: number): Int32Array {
  const counts = new Int32Array(k);
  for (const label of labels) counts[label] += 1;
  return counts;
}

function difference(x: number, n: number, y: number, m: number, confidence: number): LabelDrift['labels'][number] {
  const [a, b] = [wilson(x, n, confidence), wilson(y, m, confidence)];
  const [before, after] = [x / n, y / m];
  const change = after - before;
  const pooled = (x + y) / (n + m);
  const deviation = Math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m));
  return {
    before,
    after,
    low: change - Math.hypot(after - b.low, a.high - before),
    high: change + Math.hypot(b.high - after, before - a.low),
    pValue: deviation === 0 ? 1 : 2 * normalCdf(-Math.abs(change) / deviation),
  };
}

function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, at) => at).sort((a, b) => pValues[a] - pValues[b]);
  const corrected = pValues.slice();
  let least = 0;
  order.forEach((at, rank) => {
    least = Math.max(least, Math.min(1, pValues[at] * (pValues.length - rank)));
    corrected[at] = least;
  });
  return corrected;
}
