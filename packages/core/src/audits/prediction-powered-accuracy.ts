import { normalQuantile } from '../math/special-functions.ts';
import { type Interval, meanOf, nothingKnown } from '../math/statistics.ts';

/** PPI++: a mean over a pool from a uniform random sample, sharpened by predictions f of every item. λ is fitted and clipped to 0..1: 0 is the plain
 *  sample mean, so useless predictions do no harm. Normal approximation: from about 50 audits.
 *  A. N. Angelopoulos, J. C. Duchi & T. Zrnic (2023), PPI++, arXiv:2311.01453; checked against the authors' ppi_py.
 *  @param predicted one per pool item that was not sampled  @param sampledPredicted f of the sampled  @param found what people found for them: 0 or 1
 *  for "right", a class indicator for the share of a class, or any number */
export function predictionPoweredMean(
  predicted: Float64Array,
  sampledPredicted: Float64Array,
  found: ArrayLike<number>,
  confidence = 0.95,
): Interval & { lambda: number } {
  const n = found.length;
  const size = predicted.length;
  if (n < 2) return { ...nothingKnown, n, lambda: 0 };
  const f = meanOf(sampledPredicted).mean;
  const y = meanOf(found).mean;
  let covariance = 0;
  for (let i = 0; i < n; i++) covariance += ((found[i] - y) * (sampledPredicted[i] - f)) / n;
  const spread = variance([sampledPredicted, predicted]);
  const lambda = size > 0 && spread > 0 ? Math.min(1, Math.max(0, covariance / ((1 + n / size) * spread))) : 0;
  const rectified = meanOf(Float64Array.from(sampledPredicted, (value, i) => found[i] - lambda * value));
  const pool = meanOf(predicted);
  const estimate = lambda * pool.mean + rectified.mean;
  const reach = normalQuantile((1 + confidence) / 2) * Math.sqrt(lambda ** 2 * pool.standardError ** 2 + rectified.standardError ** 2);
  return { estimate, low: estimate - reach, high: estimate + reach, n, lambda };
}

/** The same for the accuracy of labels. */
export function predictionPoweredAccuracy(
  believed: Float64Array,
  sampledBelieved: Float64Array,
  right: Uint8Array,
  confidence = 0.95,
): Interval {
  const { estimate, low, high, n } = predictionPoweredMean(believed, sampledBelieved, right, confidence);
  const clip = (value: number): number => Math.min(1, Math.max(0, value));
  return { estimate: clip(estimate), low: clip(low), high: clip(high), n };
}

function variance(parts: readonly Float64Array[]): number {
  const joined = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (joined.set(part, at), at + part.length), 0);
  const { standardError, n } = meanOf(joined);
  return standardError ** 2 * n;
}
