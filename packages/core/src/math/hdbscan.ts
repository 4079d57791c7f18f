import { CoreError } from '../model/errors.ts';
import type { DenseMatrix } from './matrix.ts';
import { createUnionFind } from './union-find.ts';

export interface HdbscanOptions {
  /** Fewer points than this are no cluster. Default 10. */
  readonly minClusterSize?: number | undefined;
  /** A point's core distance is that to its nearest so many points, itself included. Default: minClusterSize. */
  readonly minSamples?: number | undefined;
}

export interface DensityClusters {
  /** n: 0..count−1, numbered by their first point; −1 for noise. */
  readonly cluster: Int32Array;
  readonly count: number;
  /** n, 0..1: how deep in its cluster a point lies; 0 for noise. */
  readonly strength: Float64Array;
  /** n, 0..1: GLOSH; near 1 for points that are far less dense than the cluster they fell out of. */
  readonly outlierScore: Float64Array;
}

/** Clusters of any shape and number, and what belongs to none: hierarchical density estimates, cut where clusters last longest. Euclidean.
 *  Same clusters as scikit-learn's HDBSCAN where no two distances are equal. O(n² d) time, O(n d) memory; past some 20,000 rows take a sample.
 *  R. J. G. B. Campello, D. Moulavi, A. Zimek & J. Sander (2015), ACM TKDD 10(1), doi:10.1145/2733381.
 *  @throws CoreError 'bad-options' for sizes below 2 and 1 */
export function hdbscan(points: DenseMatrix, options: HdbscanOptions = {}): DensityClusters {
  const { minClusterSize = 10, minSamples = minClusterSize } = options;
  if (!(Number.isInteger(minClusterSize) && minClusterSize >= 2))
    throw new CoreError('bad-options', `hdbscan: minClusterSize must be a whole number of at least 2, got ${minClusterSize}`);
  if (!(Number.isInteger(minSamples) && minSamples >= 1))
    throw new CoreError('bad-options', `hdbscan: minSamples must be a whole number of at least 1, got ${minSamples}`);
  const n = points.rows;
  if (n < minClusterSize) return nothingFound(n);
  const tree = condense(hierarchyOf(spanningTree(points, coreDistances(points, minSamples)), n), n, minClusterSize);
  return cut(tree, n);
}

function nothingFound(n: number): DensityClusters {
  return { cluster: new Int32Array(n).fill(-1), count: 0, strength: new Float64Array(n), outlierScore: new Float64Array(n) };
}

/** Squared. */
function coreDistances({ rows: n, columns: d, values }: DenseMatrix, minSamples: number): Float64Array {
  const wanted = Math.min(minSamples, n) - 1;
  const core = new Float64Array(n);
  if (wanted === 0) return core;
  // Ascending: the nearest so far.
  const nearest = new Float64Array(wanted);
  for (let row = 0; row < n; row++) {
    nearest.fill(Number.POSITIVE_INFINITY);
    for (let other = 0; other < n; other++) {
      if (other === row) continue;
      const distance = squaredDistance(values, row * d, other * d, d);
      if (distance >= nearest[wanted - 1]) continue;
      let at = wanted - 1;
      for (; at > 0 && nearest[at - 1] > distance; at--) nearest[at] = nearest[at - 1];
      nearest[at] = distance;
    }
    core[row] = nearest[wanted - 1];
  }
  return core;
}

function squaredDistance(values: Float32Array, a: number, b: number, d: number): number {
  let sum = 0;
  for (let c = 0; c < d; c++) {
    const difference = values[a + c] - values[b + c];
    sum += difference * difference;
  }
  return sum;
}

interface Edges {
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly distance: Float64Array;
}

/** Prim's algorithm over mutual reachability, max(core a, core b, distance); edges in the order they were found. */
function spanningTree({ rows: n, columns: d, values }: DenseMatrix, core: Float64Array): Edges {
  const edges = { from: new Int32Array(n - 1), to: new Int32Array(n - 1), distance: new Float64Array(n - 1) };
  const waiting = Int32Array.from({ length: n - 1 }, (_, at) => at + 1);
  const best = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  const parent = new Int32Array(n);
  let current = 0;
  for (let left = n - 1; left > 0; left--) {
    let nearest = 0;
    for (let at = 0; at < left; at++) {
      const other = waiting[at];
      const reach = Math.max(core[current], core[other]);
      // Nothing nearer than the core distances matters: often the distance need not be computed.
      if (reach < best[other]) {
        const distance = Math.max(reach, squaredDistance(values, current * d, other * d, d));
        if (distance < best[other]) {
          best[other] = distance;
          parent[other] = current;
        }
      }
      if (best[other] < best[waiting[nearest]]) nearest = at;
    }
    current = waiting[nearest];
    const edge = n - 1 - left;
    edges.from[edge] = parent[current];
    edges.to[edge] = current;
    edges.distance[edge] = Math.sqrt(best[current]);
    waiting[nearest] = waiting[left - 1];
  }
  return edges;
}

/** Merges from the nearest to the farthest: node n + m joins `left[m]` and `right[m]` at `distance[m]`. */
interface Hierarchy {
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly distance: Float64Array;
  /** Points under node n + m. */
  readonly size: Int32Array;
}

function hierarchyOf({ from, to, distance }: Edges, n: number): Hierarchy {
  const order = Array.from(distance.keys()).sort((a, b) => distance[a] - distance[b] || a - b);
  const sets = createUnionFind(n);
  const node = Int32Array.from({ length: n }, (_, point) => point);
  const size = new Int32Array(n - 1);
  const hierarchy = { left: new Int32Array(n - 1), right: new Int32Array(n - 1), distance: new Float64Array(n - 1), size };
  const sizeOf = (at: number): number => (at < n ? 1 : size[at - n]);
  order.forEach((edge, merge) => {
    const [left, right] = [node[sets.find(from[edge])], node[sets.find(to[edge])]];
    hierarchy.left[merge] = left;
    hierarchy.right[merge] = right;
    hierarchy.distance[merge] = distance[edge];
    size[merge] = sizeOf(left) + sizeOf(right);
    sets.join(from[edge], to[edge]);
    node[sets.find(from[edge])] = n + merge;
  });
  return hierarchy;
}

/** The hierarchy without splits that only shed points. Clusters 0 (all) onwards, parents before children; λ = 1 / distance. */
interface Condensed {
  readonly parent: number[];
  readonly birth: number[];
  /** Of points that left the cluster alone, and of children that were born from it: Σ (λ − birth) · points. */
  readonly stability: number[];
  /** Per point: the cluster that it left, and at which λ. */
  readonly home: Int32Array;
  readonly left: Float64Array;
}

function condense({ left, right, distance, size }: Hierarchy, n: number, minClusterSize: number): Condensed {
  const condensed: Condensed = { parent: [-1], birth: [0], stability: [0], home: new Int32Array(n), left: new Float64Array(n) };
  const { parent, birth, stability } = condensed;
  const sizeOf = (at: number): number => (at < n ? 1 : size[at - n]);
  const leave = (from: number, cluster: number, lambda: number): void => {
    const below = [from];
    for (let at = below.pop(); at !== undefined; at = below.pop()) {
      if (at >= n) below.push(left[at - n], right[at - n]);
      else {
        condensed.home[at] = cluster;
        condensed.left[at] = lambda;
        stability[cluster] += lambda - birth[cluster];
      }
    }
  };
  const open: [node: number, cluster: number][] = [[2 * n - 2, 0]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [node, cluster] = next;
    const lambda = lambdaOf(distance[node - n]);
    const sides = [left[node - n], right[node - n]];
    const big = sides.filter((side) => sizeOf(side) >= minClusterSize);
    for (const side of sides) {
      if (sizeOf(side) < minClusterSize) leave(side, cluster, lambda);
      else if (big.length === 1) open.push([side, cluster]);
      else {
        stability[cluster] += (lambda - birth[cluster]) * sizeOf(side);
        parent.push(cluster);
        birth.push(lambda);
        stability.push(0);
        open.push([side, parent.length - 1]);
      }
    }
  }
  return condensed;
}

/** Points at distance 0 would have an infinite λ, and infinities do not subtract. */
function lambdaOf(distance: number): number {
  return 1 / Math.max(distance, 1e-12);
}

/** Excess of mass: of a cluster and what is below it, whichever is more stable. All points are never one cluster. */
function cut({ parent, birth, stability, home, left }: Condensed, n: number): DensityClusters {
  const count = parent.length;
  const deepest = new Float64Array(count);
  for (let point = 0; point < n; point++) deepest[home[point]] = Math.max(deepest[home[point]], left[point]);
  const below = new Float64Array(count);
  const chosen = new Uint8Array(count);
  for (let cluster = count - 1; cluster > 0; cluster--) {
    chosen[cluster] = Number(stability[cluster] >= below[cluster]);
    below[parent[cluster]] += Math.max(stability[cluster], below[cluster]);
    deepest[parent[cluster]] = Math.max(deepest[parent[cluster]], deepest[cluster], birth[cluster]);
  }
  // Parents come first: the uppermost chosen cluster holds all that is below it.
  const under = new Int32Array(count).fill(-1);
  for (let cluster = 1; cluster < count; cluster++) {
    if (under[parent[cluster]] >= 0) under[cluster] = under[parent[cluster]];
    else if (chosen[cluster] === 1) under[cluster] = cluster;
  }
  const found = nothingFound(n);
  const numbers = new Map<number, number>();
  for (let point = 0; point < n; point++) {
    const cluster = under[home[point]];
    const densest = deepest[home[point]];
    found.outlierScore[point] = densest > 0 ? (densest - left[point]) / densest : 0;
    if (cluster < 0) continue;
    if (!numbers.has(cluster)) numbers.set(cluster, numbers.size);
    found.cluster[point] = numbers.get(cluster) as number;
    found.strength[point] = Math.min(1, left[point] / deepest[cluster]);
  }
  return { ...found, count: numbers.size };
}
