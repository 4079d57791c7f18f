import { CoreError } from '../model/errors.ts';
import type { DenseMatrix, Matrix, SparseMatrix } from './matrix.ts';
import { createNearPairs, type NearPairs, packCandidates } from './near-pairs.ts';
import { transpose } from './sparse.ts';

/** `cosine`: 1 − cosine, 0..2; a row of zeros is at 1 from all. `euclid`: the length of the difference. */
export type Metric = 'cosine' | 'euclid';

export interface NeighbourOptions {
  /** Neighbours wanted of each row; fewer come out where there are fewer other rows. */
  readonly k: number;
  readonly metric: Metric;
  /** See `createNearPairs`: for tests and measurements. */
  readonly use?: 'wasm' | 'javascript';
}

/** Row i has its neighbours at `[i * k, (i + 1) * k)`, nearest first, of equal distances the smaller index first. */
export interface Neighbours {
  readonly k: number;
  readonly index: Int32Array;
  readonly distance: Float64Array;
}

/** The k nearest other rows of every row, by looking at all pairs. Dense rows: each pair once, in blocks, by vector instructions where there
 *  are; pairs are ranked in float32, the k + 8 best again in float64. O(n² · d / 2): 10,000 × 100 in about a second. Sparse rows: inverted
 *  lists in float64, O(Σ frequency²) of the features, good for some 20,000 texts: reduce more of them first (`features/svd`).
 *  @throws CoreError 'bad-features' for NaN or infinite values */
export function nearestNeighbours(features: Matrix, options: NeighbourOptions): Neighbours {
  checkFinite(features);
  const k = Math.min(wantedOf(options), Math.max(features.rows - 1, 0));
  if (features.kind === 'sparse') return sparseNeighbours(features, features, true, k, options.metric);
  return denseNeighbours(features, features, true, k, options);
}

/** The k nearest rows of `among` of every row of `features`. */
export function nearestAmong(features: Matrix, among: Matrix, options: NeighbourOptions): Neighbours {
  checkFinite(features);
  checkFinite(among);
  if (features.columns !== among.columns)
    throw new CoreError('bad-shape', `neighbours: rows of ${features.columns} features cannot be near rows of ${among.columns}`);
  const k = Math.min(wantedOf(options), among.rows);
  if (features.kind === 'dense' && among.kind === 'dense') return denseNeighbours(features, among, false, k, options);
  return sparseNeighbours(toSparse(features), toSparse(among), false, k, options.metric);
}

/** Ranked again in float64: enough that a rounding of float32 does not decide who is among the k. */
const spare = 8;

function denseNeighbours(from: DenseMatrix, to: DenseMatrix, isSelf: boolean, k: number, { metric, use }: NeighbourOptions): Neighbours {
  const lists = createLists(from.rows, Math.min(k + spare, isSelf ? Math.max(to.rows - 1, 0) : to.rows));
  if (from.rows > 0 && lists.size > 0 && from.columns > 0) {
    const conditioned = condition(isSelf ? [from] : [from, to], metric);
    scanPairs(conditioned[0], conditioned.at(-1) as Conditioned, isSelf, lists, createNearPairs(from.columns, use));
  } else lists.fillInOrder(to.rows, isSelf);
  return rankAgain(from, to, lists, k, metric);
}

/** Rows as the kernel likes them, and half of their squared lengths where those matter. */
interface Conditioned {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
  readonly halves: Float32Array;
}

/** Cosine: rows of length 1. Euclid: centred, since differences of long vectors cancel, and scaled so that no square overflows. */
function condition(matrices: readonly DenseMatrix[], metric: Metric): Conditioned[] {
  const { columns } = matrices[0];
  if (metric === 'cosine') {
    return matrices.map(({ rows, values }) => {
      const lengths = lengthsOf({ kind: 'dense', rows, columns, values });
      const unit = values.map((value, at) => value / (lengths[Math.floor(at / columns)] || 1));
      return { rows, columns, values: unit, halves: new Float32Array(rows) };
    });
  }
  const centre = new Float64Array(columns);
  const rows = matrices.reduce((sum, matrix) => sum + matrix.rows, 0);
  for (const { values } of matrices) for (let at = 0; at < values.length; at++) centre[at % columns] += values[at] / rows;
  let largest = 0;
  for (const { values } of matrices) {
    for (let at = 0; at < values.length; at++) largest = Math.max(largest, Math.abs(values[at] - centre[at % columns]));
  }
  return matrices.map((matrix) => {
    const values = matrix.values.map((value, at) => (largest === 0 ? 0 : (value - centre[at % columns]) / largest));
    const lengths = lengthsOf({ ...matrix, values });
    return { rows: matrix.rows, columns, values, halves: Float32Array.from(lengths, (length) => (length * length) / 2) };
  });
}

/** All blocks of rows against all blocks of candidates; of one set of rows, each pair once for both. */
function scanPairs(from: Conditioned, to: Conditioned, isSelf: boolean, lists: Lists, pairs: NearPairs): void {
  const { columns } = from;
  const { block } = pairs;
  const packed = packCandidates(to.values, to.rows, columns);
  pairs.rows.fill(0);
  for (let first = 0; first < from.rows; first += block) {
    const rows = Math.min(block, from.rows - first);
    pairs.rows.set(from.values.subarray(first * columns, (first + rows) * columns));
    pairs.halfOfRows.set(from.halves.subarray(first, first + rows));
    for (let start = isSelf ? first : 0; start < to.rows; start += block) {
      const candidates = Math.min(block, to.rows - start);
      pairs.candidates.set(packed.subarray(start * columns, Math.min((start + block) * columns, packed.length)));
      pairs.halfOfCandidates.set(to.halves.subarray(start, start + candidates));
      const both = isSelf && start > first;
      pairs.barOfRows.fill(Number.POSITIVE_INFINITY);
      pairs.barOfRows.set(lists.bars.subarray(first, first + rows));
      pairs.barOfCandidates.fill(Number.POSITIVE_INFINITY);
      if (both) pairs.barOfCandidates.set(lists.bars.subarray(start, start + candidates));
      const found = pairs.scan(rows, candidates);
      for (let hit = 0; hit < found; hit++) {
        const row = pairs.hits[6 * hit];
        if (row >= rows) continue;
        for (let c = 0, candidate = pairs.hits[6 * hit + 1]; c < 4 && candidate < candidates; c++, candidate++) {
          if (isSelf && first + row === start + candidate) continue;
          const score = pairs.scores[6 * hit + 2 + c];
          lists.offer(first + row, start + candidate, score);
          if (both) lists.offer(start + candidate, first + row, score);
        }
      }
    }
  }
}

/** Per row the best so far: by falling score, then by index, so that the order of the offers does not matter. */
interface Lists {
  readonly size: number;
  readonly index: Int32Array;
  readonly score: Float64Array;
  /** The score of the last of each full list; below it nothing is of interest. */
  readonly bars: Float64Array;
  readonly offer: (row: number, index: number, score: number) => void;
  /** Where no two rows differ. */
  readonly fillInOrder: (candidates: number, isSelf: boolean) => void;
}

function createLists(rows: number, size: number): Lists {
  const index = new Int32Array(rows * size);
  const score = new Float64Array(rows * size).fill(Number.NEGATIVE_INFINITY);
  const used = new Int32Array(rows);
  const bars = new Float64Array(rows).fill(Number.NEGATIVE_INFINITY);
  const offer = (row: number, candidate: number, value: number): void => {
    const first = row * size;
    let at = first + used[row];
    if (used[row] === size) {
      at -= 1;
      if (value < score[at] || (value === score[at] && candidate > index[at])) return;
    } else used[row] += 1;
    for (; at > first; at--) {
      if (score[at - 1] > value || (score[at - 1] === value && index[at - 1] < candidate)) break;
      score[at] = score[at - 1];
      index[at] = index[at - 1];
    }
    score[at] = value;
    index[at] = candidate;
    if (used[row] === size) bars[row] = score[first + size - 1];
  };
  return {
    size,
    index,
    score,
    bars,
    offer,
    fillInOrder(candidates, isSelf) {
      for (let row = 0; row < rows; row++) {
        for (let other = 0; other < Math.min(size + 1, candidates); other++) if (!isSelf || other !== row) offer(row, other, 0);
      }
    },
  };
}

/** The k nearest of each list by distances in float64. */
function rankAgain(from: DenseMatrix, to: DenseMatrix, lists: Lists, k: number, metric: Metric): Neighbours {
  const { columns } = from;
  const { size } = lists;
  const index = new Int32Array(from.rows * k);
  const distance = new Float64Array(from.rows * k);
  const lengths = metric === 'cosine' ? [lengthsOf(from), lengthsOf(to)] : [];
  const near = Array.from({ length: size }, () => ({ other: 0, away: 0 }));
  for (let row = 0; row < from.rows; row++) {
    for (let at = 0; at < size; at++) {
      const other = lists.index[row * size + at];
      near[at].other = other;
      let sum = 0;
      if (metric === 'cosine') {
        for (let a = row * columns, b = other * columns; a < (row + 1) * columns; a++, b++) sum += from.values[a] * to.values[b];
        near[at].away = distanceOf(sum, lengths[0][row] * lengths[1][other]);
      } else {
        for (let a = row * columns, b = other * columns; a < (row + 1) * columns; a++, b++) sum += (from.values[a] - to.values[b]) ** 2;
        near[at].away = Math.sqrt(sum);
      }
    }
    near.sort((a, b) => a.away - b.away || a.other - b.other);
    for (let at = 0; at < k; at++) {
      index[row * k + at] = near[at].other;
      distance[row * k + at] = near[at].away;
    }
  }
  return { k, index, distance };
}

/** 1 − cosine, within 0..2 in spite of rounding. */
function distanceOf(product: number, lengths: number): number {
  return lengths === 0 ? 1 : Math.min(2, Math.max(0, 1 - product / lengths));
}

/** Row after row: its features' lists are added up, then every candidate is looked at. */
function sparseNeighbours(from: SparseMatrix, to: SparseMatrix, isSelf: boolean, k: number, metric: Metric): Neighbours {
  const lists = createLists(from.rows, k);
  const distance = new Float64Array(from.rows * k);
  if (k === 0) return { k, index: lists.index, distance };
  const inverted = transpose(to);
  const lengthOfFrom = lengthsOf(from);
  const lengthOfTo = lengthsOf(to);
  const sums = new Float64Array(to.rows);
  for (let row = 0; row < from.rows; row++) {
    sums.fill(0);
    for (let e = from.offsets[row]; e < from.offsets[row + 1]; e++) {
      const value = from.values[e];
      const end = inverted.offsets[from.indices[e] + 1];
      for (let at = inverted.offsets[from.indices[e]]; at < end; at++) sums[inverted.indices[at]] += value * inverted.values[at];
    }
    const own = lengthOfFrom[row];
    for (let other = 0; other < to.rows; other++) {
      if (isSelf && other === row) continue;
      const score =
        metric === 'cosine'
          ? -distanceOf(sums[other], own * lengthOfTo[other])
          : Math.min(0, 2 * sums[other] - own * own - lengthOfTo[other] * lengthOfTo[other]);
      if (score > lists.bars[row] || other < k + 1) lists.offer(row, other, score);
    }
  }
  for (let at = 0; at < distance.length; at++) distance[at] = metric === 'cosine' ? -lists.score[at] : Math.sqrt(-lists.score[at]);
  return { k, index: lists.index, distance };
}

function toSparse(matrix: Matrix): SparseMatrix {
  if (matrix.kind === 'sparse') return matrix;
  const { rows, columns, values } = matrix;
  return {
    kind: 'sparse',
    rows,
    columns,
    offsets: Int32Array.from({ length: rows + 1 }, (_, row) => row * columns),
    indices: Int32Array.from(values, (_, at) => at % columns),
    values,
  };
}

function lengthsOf(matrix: Matrix): Float64Array {
  const lengths = new Float64Array(matrix.rows);
  for (let row = 0; row < matrix.rows; row++) {
    const first = matrix.kind === 'sparse' ? matrix.offsets[row] : row * matrix.columns;
    const end = matrix.kind === 'sparse' ? matrix.offsets[row + 1] : first + matrix.columns;
    let squares = 0;
    for (let e = first; e < end; e++) squares += matrix.values[e] * matrix.values[e];
    lengths[row] = Math.sqrt(squares);
  }
  return lengths;
}

function wantedOf({ k }: NeighbourOptions): number {
  if (!(Number.isInteger(k) && k >= 1)) throw new CoreError('bad-options', `neighbours: k must be a whole number from 1, got ${k}`);
  return k;
}

function checkFinite({ values }: Matrix): void {
  for (let e = 0; e < values.length; e++)
    if (!Number.isFinite(values[e])) throw new CoreError('bad-features', `neighbours: feature values must be finite, got ${values[e]}`);
}
