import { CoreError } from '../model/errors.ts';
import type { DenseMatrix } from './matrix.ts';

export const linkages = ['ward', 'average', 'complete', 'single'] as const;
export type Linkage = (typeof linkages)[number];

/** Merges from the nearest to the farthest: cluster n + m joins `left[m]` and `right[m]` (points are 0..n−1) at `height[m]`. */
export interface Dendrogram {
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly height: Float64Array;
}

/** Hierarchical clusters by nearest-neighbour chains: exact, O(n² d) time, n² / 2 floats of memory (200 MB at 10,000 rows). Euclidean; the
 *  heights are those of SciPy's `linkage`.
 *  F. Murtagh & P. Contreras (2012), WIREs Data Mining 2(1), doi:10.1002/widm.53.
 *  @throws CoreError 'too-many' above 20,000 rows: cluster the centres of k-means then */
export function agglomerate(points: DenseMatrix, linkage: Linkage = 'ward'): Dendrogram {
  const n = points.rows;
  if (n > mostRows) throw new CoreError('too-many', `agglomerative clusters: at most ${mostRows} rows, got ${n}; take a sample`);
  const distances = pairDistances(points, linkage === 'ward');
  const at = (a: number, b: number): number => (a < b ? b * ((b - 1) / 2) + a : a * ((a - 1) / 2) + b);
  const size = new Int32Array(n).fill(1);
  const merges: { a: number; b: number; height: number }[] = [];
  const chain: number[] = [];
  let firstLeft = 0;
  while (merges.length < n - 1) {
    if (chain.length === 0) {
      while (size[firstLeft] === 0) firstLeft += 1;
      chain.push(firstLeft);
    }
    const current = chain[chain.length - 1];
    // The one before in the chain wins ties, else the chain could run in circles.
    let nearest = chain.length > 1 ? chain[chain.length - 2] : -1;
    let shortest = nearest < 0 ? Number.POSITIVE_INFINITY : distances[at(current, nearest)];
    for (let other = 0; other < n; other++) {
      if (size[other] === 0 || other === current) continue;
      const distance = distances[at(current, other)];
      if (distance < shortest) [nearest, shortest] = [other, distance];
    }
    if (chain.length < 2 || nearest !== chain[chain.length - 2]) {
      chain.push(nearest);
      continue;
    }
    chain.length -= 2;
    merges.push({ a: nearest, b: current, height: linkage === 'ward' ? Math.sqrt(shortest) : shortest });
    for (let other = 0; other < n; other++) {
      if (size[other] === 0 || other === current || other === nearest) continue;
      const [left, right] = [distances[at(other, nearest)], distances[at(other, current)]];
      distances[at(other, current)] = joined(linkage, left, right, shortest, size[nearest], size[current], size[other]);
    }
    size[current] += size[nearest];
    size[nearest] = 0;
  }
  return inOrder(merges, n);
}

const mostRows = 20_000;

/** Lance & Williams (1967): from cluster `other` to what two clusters of sizes a and b, `between` apart, become. */
function joined(linkage: Linkage, left: number, right: number, between: number, a: number, b: number, other: number): number {
  if (linkage === 'single') return Math.min(left, right);
  if (linkage === 'complete') return Math.max(left, right);
  if (linkage === 'average') return (a * left + b * right) / (a + b);
  return ((a + other) * left + (b + other) * right - other * between) / (a + b + other);
}

/** Below the diagonal, row by row. */
function pairDistances({ rows: n, columns: d, values }: DenseMatrix, squared: boolean): Float32Array {
  const distances = new Float32Array((n * (n - 1)) / 2);
  let to = 0;
  for (let row = 1; row < n; row++) {
    for (let other = 0; other < row; other++, to++) {
      let sum = 0;
      for (let c = 0, a = row * d, b = other * d; c < d; c++, a++, b++) sum += (values[a] - values[b]) ** 2;
      distances[to] = squared ? sum : Math.sqrt(sum);
    }
  }
  return distances;
}

/** Chains find merges out of order, each named by a member of either side. */
function inOrder(merges: { a: number; b: number; height: number }[], n: number): Dendrogram {
  const order = Array.from(merges.keys()).sort((x, y) => merges[x].height - merges[y].height || x - y);
  const dendrogram = { left: new Int32Array(merges.length), right: new Int32Array(merges.length), height: new Float64Array(merges.length) };
  const above = new Int32Array(n + merges.length).fill(-1);
  const topOf = (point: number): number => {
    let at = point;
    while (above[at] >= 0) at = above[at];
    // The next walk from here is short.
    for (let from = point; from !== at; ) {
      const next = above[from];
      above[from] = at;
      from = next;
    }
    return at;
  };
  order.forEach((merge, m) => {
    const { a, b, height } = merges[merge];
    const [left, right] = [topOf(a), topOf(b)].sort((x, y) => x - y);
    dendrogram.left[m] = left;
    dendrogram.right[m] = right;
    dendrogram.height[m] = height;
    above[left] = n + m;
    above[right] = n + m;
  });
  return dendrogram;
}

/** n: 0..count−1, numbered by their first point. @param count clusters wanted, 1..n (held to that range) */
export function cutDendrogram({ left, right }: Dendrogram, count: number): Int32Array {
  const n = left.length + 1;
  const kept = n - Math.max(1, Math.min(n, count));
  const head = Int32Array.from({ length: n + kept }, (_, node) => node);
  for (let m = kept - 1; m >= 0; m--) {
    head[left[m]] = head[n + m];
    head[right[m]] = head[n + m];
  }
  const numbers = new Map<number, number>();
  return Int32Array.from({ length: n }, (_, point) => {
    if (!numbers.has(head[point])) numbers.set(head[point], numbers.size);
    return numbers.get(head[point]) as number;
  });
}
