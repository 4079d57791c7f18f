import { CoreError } from '../model/errors.ts';
import type { DenseMatrix, Matrix } from './matrix.ts';
import type { Random } from './random.ts';
import { addRow, rowsOf, squaredDistancesTo, squaredLengths, turned } from './row-distances.ts';
import { multiply, pickRows } from './sparse.ts';

export interface KMeansOptions {
  /** n weights ≥ 0: how many points each row stands for. Default 1 each. */
  readonly weights?: ArrayLike<number>;
  /** Default 100; most data stop long before. */
  readonly maxIterations?: number;
  /** Stops where the centres moved, squared and summed, by less than this share of the mean squared distance to the centres. Default 1e-4. */
  readonly tolerance?: number;
}

export interface MiniBatchOptions extends KMeansOptions {
  /** Rows per step. Default 1024. */
  readonly batchSize?: number;
}

/** k clusters of n rows. */
export interface KMeans {
  /** n: the cluster of each row, the nearest centre. */
  readonly clusterOf: Int32Array;
  /** k×d. May be fewer than asked for: never more than there are different rows. */
  readonly centres: DenseMatrix;
  /** n: squared Euclidean distance of each row to its centre. */
  readonly squaredDistances: Float64Array;
  /** Weighted sum of the squared distances. */
  readonly inertia: number;
  readonly iterations: number;
}

/** Weighted k-means, by Lloyd's steps from k-means++ seeds; large data first settle on a sample (the last steps see all rows). Dense or sparse rows;
 *  centres are dense. O(iterations · non-zeros · k). No rows: no clusters.
 *  S. Lloyd (1982), IEEE Trans. Inf. Theory 28(2), doi:10.1109/TIT.1982.1056489; D. Arthur & S. Vassilvitskii (2007), k-means++, SODA.
 *  @throws CoreError 'bad-k' where k is not a whole number above 0, 'bad-shape' where there is not one weight per row */
export function kMeans(features: Matrix, k: number, options: KMeansOptions, random: Random): KMeans {
  const data = dataOf('k-means', features, k, options);
  const { maxIterations = 100, tolerance = 1e-4 } = options;
  if (features.rows === 0) return noClusters(features.columns);
  const sample = sampleOf(data, k, random);
  let centres = seed(sample, k, random);
  if (sample !== data) centres = settle(sample, centres, maxIterations, tolerance).centres;
  // A sample that settled leaves little to do: what the last few steps still move is noise of the sample.
  const fit = settle(data, centres, sample === data ? maxIterations : Math.min(maxIterations, stepsAfterSample), tolerance);
  return asClusters(data, fit.centres, fit.iterations);
}

/** Mini-batch k-means: steps on random rows, each centre moving by 1 / (its points so far). A few percent more inertia than `kMeans`, in time that
 *  hardly grows with n. Weights are how often rows are drawn. D. Sculley (2010), Web-scale k-means clustering, WWW, doi:10.1145/1772690.1772862. */
export function miniBatchKMeans(features: Matrix, k: number, options: MiniBatchOptions, random: Random): KMeans {
  const data = dataOf('mini-batch k-means', features, k, options);
  const { maxIterations = 100, tolerance = 1e-4, batchSize = 1024 } = options;
  if (features.rows === 0) return noClusters(features.columns);
  const { columns } = features;
  const draw = drawerOf(data.weights, random);
  const centres = seed(pickData(data, drawRows(draw, Math.max(3 * k, Math.min(batchSize, features.rows)))), k, random);
  const count = centres.values.length / Math.max(1, columns);
  const seen = new Float64Array(count);
  let smooth = Number.POSITIVE_INFINITY;
  let calm = 0;
  let iterations = 0;
  while (iterations < maxIterations && calm < 10) {
    iterations += 1;
    const batch = pickData(
      { ...data, weights: new Float64Array(features.rows).fill(1) },
      drawRows(draw, Math.min(batchSize, features.rows)),
    );
    const { clusterOf, squaredDistances } = assign(batch, centres);
    moveTowards(batch.features, clusterOf, centres, seen);
    const inertia = squaredDistances.reduce((sum, distance) => sum + distance, 0) / batch.features.rows;
    const next = smooth === Number.POSITIVE_INFINITY ? inertia : 0.8 * smooth + 0.2 * inertia;
    calm = smooth - next < tolerance * smooth ? calm + 1 : 0;
    smooth = Math.min(smooth, next);
  }
  return asClusters(data, centres, iterations);
}

/** The row nearest to each of the centres that own any: one index per cluster, -1 for an empty one. */
export function medoids({ clusterOf, squaredDistances, centres }: Pick<KMeans, 'clusterOf' | 'squaredDistances' | 'centres'>): Int32Array {
  const nearest = new Int32Array(centres.rows).fill(-1);
  for (let row = 0; row < clusterOf.length; row++) {
    const best = nearest[clusterOf[row]];
    if (best < 0 || squaredDistances[row] < squaredDistances[best]) nearest[clusterOf[row]] = row;
  }
  return nearest;
}

const stepsAfterSample = 4;
/** Rows per cluster that tell where its centre is, and fewest rows worth sampling from. */
const rowsPerCluster = 250;
const fewRows = 8192;
/** Rows whose products with the centres fit into the second-level cache. */
const blockRows = 256;

interface Data {
  readonly features: Matrix;
  readonly squares: Float64Array;
  readonly weights: Float64Array;
}

function dataOf(who: string, features: Matrix, k: number, { weights }: KMeansOptions): Data {
  if (!(Number.isInteger(k) && k > 0)) throw new CoreError('bad-k', `${who}: k must be a whole number above 0, got ${k}`);
  if (weights && weights.length !== features.rows) {
    throw new CoreError('bad-shape', `${who}: there must be ${features.rows} weights, got ${weights.length}`);
  }
  const all = weights ? Float64Array.from(weights) : new Float64Array(features.rows).fill(1);
  if (!all.some((weight) => weight > 0)) all.fill(1);
  return { features, squares: squaredLengths(features), weights: all };
}

function pickData({ features, squares, weights }: Data, rows: ArrayLike<number>): Data {
  const pick = (column: Float64Array): Float64Array => Float64Array.from({ length: rows.length }, (_, at) => column[rows[at]]);
  return { features: pickRows(features, rows), squares: pick(squares), weights: pick(weights) };
}

function sampleOf(data: Data, k: number, random: Random): Data {
  const { rows } = data.features;
  const size = Math.max(fewRows, rowsPerCluster * k);
  if (rows < 2 * size) return data;
  const order = Int32Array.from({ length: rows }, (_, row) => row);
  for (let at = 0; at < size; at++) {
    const other = at + random.integer(rows - at);
    [order[at], order[other]] = [order[other], order[at]];
  }
  return pickData(data, order.subarray(0, size).sort());
}

/** Greedy k-means++: the next seed is the best of a few rows drawn by weight · squared distance to the nearest seed. Stops early where every row
 *  is a seed already. */
function seed({ features, squares, weights }: Data, k: number, random: Random): DenseMatrix {
  const { rows, columns } = features;
  const centres = new Float32Array(Math.min(k, rows) * columns);
  const distances = new Float64Array(rows).fill(1);
  const trials = 2 + Math.floor(Math.log(k));
  const far = new Float64Array(rows);
  let found = 0;
  for (; found < Math.min(k, rows); found++) {
    const first = found === 0;
    let best: { row: number; left: number; distances: Float64Array } | undefined;
    const draw = drawerOf(
      distances.map((distance, row) => distance * weights[row]),
      random,
    );
    for (let trial = 0; trial < (first ? 1 : trials); trial++) {
      const row = draw();
      if (row < 0) break;
      squaredDistancesTo(features, squares, row, far);
      let left = 0;
      for (let other = 0; other < rows; other++) {
        if (!first && distances[other] < far[other]) far[other] = distances[other];
        left += weights[other] * far[other];
      }
      if (!best || left < best.left) best = { row, left, distances: far.slice() };
    }
    if (!best) break;
    distances.set(best.distances);
    addRow(features, best.row, 1, centres, found * columns);
  }
  return { kind: 'dense', rows: found, columns, values: centres.subarray(0, found * columns) };
}

/** A row by its share of the mass; -1 where there is no mass. */
function drawerOf(mass: Float64Array, random: Random): () => number {
  const sums = new Float64Array(mass.length);
  let total = 0;
  for (let row = 0; row < mass.length; row++) sums[row] = total += mass[row];
  return () => {
    if (!(total > 0)) return -1;
    const wanted = random.next() * total;
    let low = 0;
    let high = mass.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle] > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

function drawRows(draw: () => number, count: number): Int32Array {
  return Int32Array.from({ length: count }, draw);
}

function settle(data: Data, start: DenseMatrix, maxIterations: number, tolerance: number): { centres: DenseMatrix; iterations: number } {
  let centres = start;
  let iterations = 0;
  while (iterations < maxIterations) {
    iterations += 1;
    const { clusterOf, squaredDistances } = assign(data, centres);
    const next = meansOf(data, clusterOf, squaredDistances, centres.rows);
    let moved = 0;
    for (let at = 0; at < next.values.length; at++) moved += (next.values[at] - centres.values[at]) ** 2;
    centres = next;
    let total = 0;
    let spread = 0;
    for (let row = 0; row < clusterOf.length; row++) {
      total += data.weights[row];
      spread += data.weights[row] * squaredDistances[row];
    }
    if (moved <= (tolerance * spread) / total) break;
  }
  return { centres, iterations };
}

/** The nearest of the centres for each row of features, and its squared distance. */
export function nearestCentres(features: Matrix, centres: DenseMatrix): Pick<KMeans, 'clusterOf' | 'squaredDistances'> {
  return assign({ features, squares: squaredLengths(features) }, centres);
}

/** The nearest centre of each row, by ‖x‖² − 2 x·c + ‖c‖² over blocks of rows: the products are one matrix product. */
function assign(
  { features, squares }: Pick<Data, 'features' | 'squares'>,
  centres: DenseMatrix,
): { clusterOf: Int32Array; squaredDistances: Float64Array } {
  const { rows } = features;
  const k = centres.rows;
  const columnsOfCentres = turned(centres);
  const halves = squaredLengths(centres).map((square) => square / 2);
  const clusterOf = new Int32Array(rows);
  const squaredDistances = new Float64Array(rows);
  const products = new Float64Array(blockRows * k);
  for (let first = 0; first < rows; first += blockRows) {
    const count = Math.min(blockRows, rows - first);
    multiply(rowsOf(features, first, count), columnsOfCentres, k, products);
    for (let row = 0, at = 0; row < count; row++) {
      let best = 0;
      let most = Number.NEGATIVE_INFINITY;
      for (let c = 0; c < k; c++, at++) {
        const nearness = products[at] - halves[c];
        if (nearness > most) {
          most = nearness;
          best = c;
        }
      }
      clusterOf[first + row] = best;
      squaredDistances[first + row] = Math.max(0, squares[first + row] - 2 * most);
    }
  }
  return { clusterOf, squaredDistances };
}

/** Weighted means. A centre that owns nothing moves to the row that is farthest from its own. */
function meansOf(data: Data, clusterOf: Int32Array, squaredDistances: Float64Array, k: number): DenseMatrix {
  const { features, weights } = data;
  const { rows, columns } = features;
  const sums = new Float64Array(k * columns);
  const mass = new Float64Array(k);
  for (let row = 0; row < rows; row++) {
    if (weights[row] === 0) continue;
    mass[clusterOf[row]] += weights[row];
    addRow(features, row, weights[row], sums, clusterOf[row] * columns);
  }
  const values = new Float32Array(k * columns);
  const taken = new Set<number>();
  for (let c = 0; c < k; c++) {
    if (mass[c] > 0) {
      for (let at = c * columns; at < (c + 1) * columns; at++) values[at] = sums[at] / mass[c];
      continue;
    }
    let farthest = -1;
    for (let row = 0; row < rows; row++) {
      if (weights[row] === 0 || taken.has(row)) continue;
      if (farthest < 0 || weights[row] * squaredDistances[row] > weights[farthest] * squaredDistances[farthest]) farthest = row;
    }
    if (farthest < 0) farthest = 0;
    taken.add(farthest);
    addRow(features, farthest, 1, values, c * columns);
  }
  return { kind: 'dense', rows: k, columns, values };
}

/** Sculley's step: each row pulls its centre, by one part of the rows that it has seen. */
function moveTowards(features: Matrix, clusterOf: Int32Array, centres: DenseMatrix, seen: Float64Array): void {
  const { rows, columns } = features;
  const k = centres.rows;
  const sums = new Float64Array(k * columns);
  const fresh = new Float64Array(k);
  for (let row = 0; row < rows; row++) {
    fresh[clusterOf[row]] += 1;
    addRow(features, row, 1, sums, clusterOf[row] * columns);
  }
  for (let c = 0; c < k; c++) {
    if (fresh[c] === 0) continue;
    const before = seen[c];
    seen[c] += fresh[c];
    for (let at = c * columns; at < (c + 1) * columns; at++) centres.values[at] = (centres.values[at] * before + sums[at]) / seen[c];
  }
}

function asClusters(data: Data, centres: DenseMatrix, iterations: number): KMeans {
  const { clusterOf, squaredDistances } = assign(data, centres);
  let inertia = 0;
  for (let row = 0; row < clusterOf.length; row++) inertia += data.weights[row] * squaredDistances[row];
  return { clusterOf, centres, squaredDistances, inertia, iterations };
}

function noClusters(columns: number): KMeans {
  const none = new Float64Array(0);
  const centres: DenseMatrix = { kind: 'dense', rows: 0, columns, values: new Float32Array(0) };
  return { clusterOf: new Int32Array(0), centres, squaredDistances: none, inertia: 0, iterations: 0 };
}
