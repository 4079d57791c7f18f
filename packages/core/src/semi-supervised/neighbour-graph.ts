import type { Matrix, SparseMatrix } from '../math/matrix.ts';
import { type Metric, type Neighbours, nearestNeighbours } from '../math/nearest-neighbours.ts';
import { transpose } from '../math/sparse.ts';
import { CoreError } from '../model/errors.ts';

export interface GraphOptions {
  /** Neighbours of each item. Default 10. */
  readonly neighbours?: number;
  /** The distance to this neighbour is an item's own unit of length. Default 7. */
  readonly unit?: number;
  readonly metric?: Metric;
}

/** n×n, symmetric, D^−½ W D^−½: how much each item hears of its neighbours. Nothing on the diagonal; an isolated item has an empty row. */
export type NeighbourGraph = SparseMatrix;

/** W = exp(−d² / σ_i σ_j) between neighbours, one-sided ones too; σ is each item's distance to its 7th neighbour, so that dense and thin regions
 *  hold together alike. L. Zelnik-Manor & P. Perona (2004), Self-Tuning Spectral Clustering, NIPS 17. */
export function fitNeighbourGraph(features: Matrix, options: GraphOptions = {}): NeighbourGraph {
  const { neighbours = 10, unit = 7, metric = 'euclid' } = options;
  if (!(unit >= 1)) throw new CoreError('bad-options', `neighbour graph: unit must be at least 1, got ${unit}`);
  return graphOf(nearestNeighbours(features, { k: neighbours, metric }), features.rows, Math.min(unit, neighbours));
}

/** The same from neighbours that are known: of each item those nearest `count`. */
export function graphOf(known: Neighbours, rows: number, unit = 7, count = known.k): NeighbourGraph {
  const near = nearest(known, rows, Math.min(count, known.k));
  return normalised(symmetric(near, rows, unitsOf(near, rows, unit)));
}

function nearest({ k, index, distance }: Neighbours, rows: number, count: number): Neighbours {
  if (count === k) return { k, index, distance };
  const from = (at: number): number => Math.floor(at / count) * k + (at % count);
  return {
    k: count,
    index: Int32Array.from({ length: rows * count }, (_, at) => index[from(at)]),
    distance: Float64Array.from({ length: rows * count }, (_, at) => distance[from(at)]),
  };
}

/** Copies have no distance to their like: the first positive one counts, else the median of the others. */
function unitsOf({ k, distance }: Neighbours, rows: number, unit: number): Float64Array {
  const units = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let at = Math.min(unit, k) - 1;
    while (at < k - 1 && distance[row * k + at] === 0) at += 1;
    units[row] = k === 0 ? 0 : distance[row * k + at];
  }
  const positive = units.filter((value) => value > 0).sort();
  const median = positive[positive.length >> 1] ?? 1;
  return units.map((value) => (value > 0 ? value : median));
}

/** W ← max(W, Wᵀ); the weight of a pair is the same from both ends, so it is the union of the edges. */
function symmetric({ k, index, distance }: Neighbours, rows: number, units: Float64Array): SparseMatrix {
  const known = (from: number, to: number): boolean => {
    for (let at = from * k; at < (from + 1) * k; at++) if (index[at] === to) return true;
    return false;
  };
  const offsets = new Int32Array(rows + 1);
  for (let row = 0; row < rows; row++) {
    offsets[row + 1] += k;
    for (let at = row * k; at < (row + 1) * k; at++) if (!known(index[at], row)) offsets[index[at] + 1] += 1;
  }
  for (let row = 0; row < rows; row++) offsets[row + 1] += offsets[row];
  const free = offsets.slice(0, rows);
  const indices = new Int32Array(offsets[rows]);
  const values = new Float32Array(offsets[rows]);
  const add = (from: number, to: number, weight: number): void => {
    indices[free[from]] = to;
    values[free[from]++] = weight;
  };
  for (let row = 0; row < rows; row++) {
    for (let at = row * k; at < (row + 1) * k; at++) {
      const weight = Math.exp(-((distance[at] / units[row]) * (distance[at] / units[index[at]])));
      add(row, index[at], weight);
      if (!known(index[at], row)) add(index[at], row, weight);
    }
  }
  // Its own transpose, but with ascending indices.
  return transpose({ kind: 'sparse', rows, columns: rows, offsets, indices, values });
}

/** D^−½ W D^−½, D the row sums; weights too small for float32 leave an item isolated. */
function normalised(graph: SparseMatrix): NeighbourGraph {
  const { rows, offsets, indices, values } = graph;
  const scale = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let degree = 0;
    for (let e = offsets[row]; e < offsets[row + 1]; e++) degree += values[e];
    scale[row] = degree > 0 ? 1 / Math.sqrt(degree) : 0;
  }
  for (let row = 0; row < rows; row++) {
    for (let e = offsets[row]; e < offsets[row + 1]; e++) values[e] *= scale[row] * scale[indices[e]];
  }
  return graph;
}
