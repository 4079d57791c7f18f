import { CoreError } from '../model/errors.ts';
import { kMeans } from './k-means.ts';
import type { DenseMatrix } from './matrix.ts';
import type { Random } from './random.ts';

export interface GaussianMixtureOptions {
  /** Default 100. */
  readonly maxIterations?: number;
  /** Stops where the mean log-likelihood grows by less (nats). Default 1e-4. */
  readonly tolerance?: number;
}

/** k components with diagonal covariances; d features. */
export interface GaussianMixture {
  /** k, summing to 1. */
  readonly shares: Float64Array;
  /** k×d each. */
  readonly means: Float64Array;
  readonly variances: Float64Array;
  /** n×k row-major: P(component | row); rows sum to 1. */
  readonly responsibilities: Float64Array;
  /** Mean of log p(row), nats. */
  readonly logLikelihood: number;
  /** Bayesian information criterion of the whole: of several k, the lowest is the best. */
  readonly bic: number;
  readonly iterations: number;
}

/** Soft clusters of different width and weight, by EM from k-means. Variances never fall below a millionth of the variance of the feature, so that a
 *  cluster cannot shrink to a point. O(iterations · n · k · d). Fewer components come out where there are fewer different rows.
 *  A. P. Dempster, N. M. Laird & D. B. Rubin (1977), J. R. Stat. Soc. B 39(1); G. Schwarz (1978), Ann. Statistics 6(2).
 *  @throws CoreError 'no-rows' for no rows, 'bad-k' as k-means */
export function gaussianMixture(points: DenseMatrix, k: number, options: GaussianMixtureOptions, random: Random): GaussianMixture {
  if (points.rows === 0) throw new CoreError('no-rows', 'gaussian mixture: there must be at least one row');
  const { maxIterations = 100, tolerance = 1e-4 } = options;
  const n = points.rows;
  const { clusterOf, centres } = kMeans(points, k, {}, random);
  const count = centres.rows;
  const responsibilities = new Float64Array(n * count);
  clusterOf.forEach((cluster, row) => (responsibilities[row * count + cluster] = 1));
  const floor = variancesOf(points).map((variance) => Math.max(1e-6 * variance, 1e-12));
  let logLikelihood = Number.NEGATIVE_INFINITY;
  let iterations = 0;
  let parts = mStep(points, responsibilities, count, floor);
  while (iterations < maxIterations) {
    iterations += 1;
    const next = eStep(points, parts, responsibilities);
    const grown = next - logLikelihood;
    logLikelihood = next;
    if (grown < tolerance) break;
    parts = mStep(points, responsibilities, count, floor);
  }
  const free = count * (2 * points.columns + 1) - 1;
  return { ...parts, responsibilities, logLikelihood, bic: free * Math.log(n) - 2 * n * logLikelihood, iterations };
}

type Parts = Pick<GaussianMixture, 'shares' | 'means' | 'variances'>;

function mStep({ rows: n, columns: d, values }: DenseMatrix, responsibilities: Float64Array, k: number, floor: Float64Array): Parts {
  const mass = new Float64Array(k);
  const means = new Float64Array(k * d);
  const variances = new Float64Array(k * d);
  for (let row = 0; row < n; row++) {
    for (let c = 0; c < k; c++) {
      const weight = responsibilities[row * k + c];
      if (weight === 0) continue;
      mass[c] += weight;
      for (let f = 0; f < d; f++) means[c * d + f] += weight * values[row * d + f];
    }
  }
  for (let at = 0; at < k * d; at++) means[at] /= Math.max(mass[Math.floor(at / d)], 1e-300);
  for (let row = 0; row < n; row++) {
    for (let c = 0; c < k; c++) {
      const weight = responsibilities[row * k + c];
      if (weight > 0) for (let f = 0; f < d; f++) variances[c * d + f] += weight * (values[row * d + f] - means[c * d + f]) ** 2;
    }
  }
  for (let at = 0; at < k * d; at++) {
    variances[at] = Math.max(variances[at] / Math.max(mass[Math.floor(at / d)], 1e-300), floor[at % d]);
  }
  return { shares: mass.map((value) => value / n), means, variances };
}

/** Fills `responsibilities`. @returns the mean log-likelihood */
function eStep({ rows: n, columns: d, values }: DenseMatrix, { shares, means, variances }: Parts, responsibilities: Float64Array): number {
  const k = shares.length;
  const offsets = Float64Array.from(shares, (share, c) => {
    let logDeterminant = 0;
    for (let f = 0; f < d; f++) logDeterminant += Math.log(variances[c * d + f]);
    return Math.log(share) - (d * Math.log(2 * Math.PI) + logDeterminant) / 2;
  });
  const precisions = variances.map((variance) => 1 / variance);
  let total = 0;
  for (let row = 0; row < n; row++) {
    const first = row * k;
    let top = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < k; c++) {
      let distance = 0;
      for (let f = 0, at = c * d, from = row * d; f < d; f++, at++, from++) distance += (values[from] - means[at]) ** 2 * precisions[at];
      responsibilities[first + c] = offsets[c] - distance / 2;
      top = Math.max(top, responsibilities[first + c]);
    }
    let sum = 0;
    for (let c = 0; c < k; c++) sum += responsibilities[first + c] = Math.exp(responsibilities[first + c] - top);
    for (let c = 0; c < k; c++) responsibilities[first + c] /= sum;
    total += top + Math.log(sum);
  }
  return total / n;
}

function variancesOf({ rows: n, columns: d, values }: DenseMatrix): Float64Array {
  const means = new Float64Array(d);
  const variances = new Float64Array(d);
  for (let at = 0; at < n * d; at++) means[at % d] += values[at] / n;
  for (let at = 0; at < n * d; at++) variances[at % d] += (values[at] - means[at % d]) ** 2 / n;
  return variances;
}
