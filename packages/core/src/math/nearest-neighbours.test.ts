import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DenseMatrix, Matrix, SparseMatrix } from './matrix.ts';
import { createNearPairs, packCandidates } from './near-pairs.ts';
import { source } from './near-pairs-wasm.ts';
import { type Metric, nearestAmong, nearestNeighbours } from './nearest-neighbours.ts';
import { createRandom } from './random.ts';
import { createSparseBuilder } from './sparse.ts';

function dense(rows: readonly (readonly number[])[]): DenseMatrix {
  return { kind: 'dense', rows: rows.length, columns: rows[0]?.length ?? 0, values: Float32Array.from(rows.flat()) };
}

function sparse({ rows, columns, values }: DenseMatrix): SparseMatrix {
  const builder = createSparseBuilder();
  for (let row = 0; row < rows; row++)
    builder.addRow(
      Array.from({ length: columns }, (_, c) => c),
      values.subarray(row * columns, (row + 1) * columns),
    );
  return builder.build(columns);
}

function normals(rows: number, columns: number, seed = 1): DenseMatrix {
  const random = createRandom(seed);
  return { kind: 'dense', rows, columns, values: Float32Array.from({ length: rows * columns }, () => random.normal()) };
}

/** All distances in float64, sorted. */
function bruteForce({ rows, columns, values }: DenseMatrix, k: number, metric: Metric): number[][] {
  const row = (at: number) => Array.from(values.subarray(at * columns, (at + 1) * columns));
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, c) => sum + value * b[c], 0);
  const away = (a: number[], b: number[]) => {
    if (metric === 'euclid') return Math.sqrt(a.reduce((sum, value, c) => sum + (value - b[c]) ** 2, 0));
    const lengths = Math.sqrt(dot(a, a)) * Math.sqrt(dot(b, b));
    return lengths === 0 ? 1 : Math.min(2, Math.max(0, 1 - dot(a, b) / lengths));
  };
  return Array.from({ length: rows }, (_, i) =>
    Array.from({ length: rows }, (_, j) => ({ j, d: away(row(i), row(j)) }))
      .filter(({ j }) => j !== i)
      .sort((a, b) => a.d - b.d || a.j - b.j)
      .slice(0, k)
      .map(({ j }) => j),
  );
}

const listsOf = ({ index, k }: { index: Int32Array; k: number }, rows: number): number[][] =>
  Array.from({ length: rows }, (_, row) => Array.from(index.subarray(row * k, (row + 1) * k)));

describe('nearestNeighbours', () => {
  it('by hand: four points on a line', () => {
    const { k, index, distance } = nearestNeighbours(dense([[0], [1], [3], [10]]), { k: 2, metric: 'euclid' });
    expect(k).toBe(2);
    expect(Array.from(index)).toEqual([1, 2, 0, 2, 1, 0, 2, 1]);
    expect(Array.from(distance)).toEqual([1, 3, 1, 2, 2, 3, 7, 9]);
  });

  it('by hand: directions, whatever their length; a row of zeros is at 1 from all', () => {
    const { index, distance } = nearestNeighbours(
      dense([
        [1, 0],
        [5, 0],
        [0, 2],
        [0, 0],
        [-1, 0],
      ]),
      { k: 3, metric: 'cosine' },
    );
    expect(Array.from(index.subarray(0, 3))).toEqual([1, 2, 3]);
    expect(Array.from(distance.subarray(0, 3))).toEqual([0, 1, 1]);
    expect(Array.from(index.subarray(9, 12))).toEqual([0, 1, 2]);
    expect(Array.from(distance.subarray(9, 12))).toEqual([1, 1, 1]);
  });

  for (const metric of ['cosine', 'euclid'] as const) {
    it(`${metric}: as brute force, over several blocks, dense and sparse, with vectors and without`, () => {
      const matrix = normals(300, 7);
      matrix.values.fill(0, 7, 14);
      matrix.values.copyWithin(70, 140, 147);
      const expected = bruteForce(matrix, 5, metric);
      expect(listsOf(nearestNeighbours(matrix, { k: 5, metric, use: 'wasm' }), 300)).toEqual(expected);
      expect(listsOf(nearestNeighbours(matrix, { k: 5, metric, use: 'javascript' }), 300)).toEqual(expected);
      expect(listsOf(nearestNeighbours(sparse(matrix), { k: 5, metric }), 300)).toEqual(expected);
    });
  }

  it('far from the origin and of any size nothing cancels or overflows', () => {
    for (const scale of [1e-30, 1, 1e30]) {
      const near = normals(60, 5);
      const moved = dense(
        listsOf({ index: new Int32Array(0), k: 0 }, 60).map((_, row) =>
          Array.from(near.values.subarray(row * 5, row * 5 + 5), (v) => Math.fround(v * scale)),
        ),
      );
      expect(listsOf(nearestNeighbours(moved, { k: 4, metric: 'euclid' }), 60)).toEqual(bruteForce(moved, 4, 'euclid'));
    }
    const far = normals(200, 5);
    far.values.forEach((value, at) => (far.values[at] = 5000 + value));
    expect(listsOf(nearestNeighbours(far, { k: 4, metric: 'euclid' }), 200)).toEqual(bruteForce(far, 4, 'euclid'));
  });

  it('many equal rows: the smaller index first', () => {
    const equal = dense(Array.from({ length: 150 }, () => [1, 2, 3]));
    for (const matrix of [equal, sparse(equal)] as Matrix[]) {
      const { index } = nearestNeighbours(matrix, { k: 3, metric: 'euclid' });
      expect(Array.from(index.subarray(0, 3))).toEqual([1, 2, 3]);
      expect(Array.from(index.subarray(3 * 149))).toEqual([0, 1, 2]);
    }
  });

  it('no rows, one row, no columns, fewer rows than neighbours', () => {
    expect(nearestNeighbours(dense([]), { k: 3, metric: 'euclid' }).index).toHaveLength(0);
    expect(nearestNeighbours(dense([[1, 2]]), { k: 3, metric: 'cosine' }).k).toBe(0);
    expect(Array.from(nearestNeighbours(dense([[], [], []]), { k: 1, metric: 'euclid' }).index)).toEqual([1, 0, 0]);
    expect(nearestNeighbours(dense([[1], [2], [3]]), { k: 9, metric: 'euclid' }).k).toBe(2);
    expect(() => nearestNeighbours(dense([[1], [Number.NaN]]), { k: 1, metric: 'euclid' })).toThrow('finite');
    expect(() => nearestNeighbours(dense([[1]]), { k: 0, metric: 'euclid' })).toThrow('k must be');
  });

  it('the order of the rows does not matter', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.integer(), (rows, seed) => {
        const matrix = normals(rows, 3, seed);
        const order = createRandom(seed).shuffle(Array.from({ length: rows }, (_, row) => row));
        const shuffled = dense(order.map((row) => Array.from(matrix.values.subarray(row * 3, row * 3 + 3))));
        const straight = listsOf(nearestNeighbours(matrix, { k: 2, metric: 'euclid' }), rows);
        const turned = listsOf(nearestNeighbours(shuffled, { k: 2, metric: 'euclid' }), rows);
        expect(turned.map((list) => list.map((at) => order[at]))).toEqual(order.map((row) => straight[row]));
      }),
      { numRuns: 30 },
    );
  });
});

it('nearestAmong: rows of another matrix, dense or sparse', () => {
  const among = dense([
    [0, 0],
    [4, 0],
    [0, 9],
  ]);
  const queries = dense([
    [1, 0],
    [0, 8],
  ]);
  for (const [from, to] of [
    [queries, among],
    [sparse(queries), among],
    [sparse(queries), sparse(among)],
  ]) {
    const { index, distance } = nearestAmong(from, to, { k: 2, metric: 'euclid' });
    expect(Array.from(index)).toEqual([0, 1, 2, 0]);
    expect(Array.from(distance)).toEqual([1, 3, 1, 8]);
  }
});

describe('near pairs', () => {
  it('WebAssembly and JavaScript give the same bits', () => {
    const columns = 37;
    const values = normals(200, columns).values;
    const [wasm, javascript] = (['wasm', 'javascript'] as const).map((use) => {
      const pairs = createNearPairs(columns, use);
      pairs.rows.set(values.subarray(0, 128 * columns));
      pairs.candidates.set(packCandidates(values.subarray(72 * columns), 128, columns));
      pairs.halfOfRows.forEach((_, row) => (pairs.halfOfRows[row] = row / 7));
      pairs.halfOfCandidates.forEach((_, row) => (pairs.halfOfCandidates[row] = row / 9));
      pairs.barOfRows.fill(-3);
      pairs.barOfCandidates.fill(2);
      const found = pairs.scan(128, 128);
      return { found, hits: Array.from(pairs.hits.subarray(0, found * 6)) };
    });
    expect(wasm.found).toBeGreaterThan(100);
    expect(wasm).toEqual(javascript);
  });

  it('the bytes were built from the source beside them', () => {
    const text = readFileSync(new URL('near-pairs.wat', import.meta.url), 'utf8');
    expect(createHash('sha256').update(text).digest('hex')).toBe(source);
  });
});
