import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SparseMatrix } from '../math/matrix.ts';
import { unpackNumbers } from '../math/packed-numbers.ts';
import { createRandom } from '../math/random.ts';
import { createSparseBuilder } from '../math/sparse.ts';
import { symmetricEigen } from '../math/symmetric-eigen.ts';
import { fitSvd, transformSvd } from './svd.ts';

function sparse(rows: readonly (readonly number[])[]): SparseMatrix {
  const builder = createSparseBuilder();
  for (const row of rows)
    builder.addRow(
      row.map((_, column) => column),
      row,
    );
  return builder.build(rows[0]?.length ?? 0);
}

/** numpy 2.4.6: A[i, j] = sin((i + 1)(j + 2)) where 3 divides i j, else 0; numpy.linalg.svd(float32(A)) */
const sines = sparse(
  Array.from({ length: 9 }, (_, i) => Array.from({ length: 7 }, (_, j) => ((i * j) % 3 === 0 ? Math.sin((i + 1) * (j + 2)) : 0))),
);

describe('fitSvd', () => {
  test("numpy's singular values and vectors; what is not there does not come out", () => {
    const { singularValues, components } = fitSvd(sines, {}, createRandom(0));
    const expected = [2.579113, 2.437282, 2.029435, 1.208676, 0.762749, 0.497009];
    expect(singularValues).toHaveLength(6);
    expected.forEach((value, c) => expect(singularValues[c]).toBeCloseTo(value, 5));
    const vectors = unpackNumbers(components);
    const known = [
      [0.61488, -0.07859, -0.21198, 0.22113, -0.29268, 0.17134, 0.63789],
      [-0.51345, -0.26263, 0.02707, 0.70299, 0.24176, 0.1655, 0.29434],
    ];
    known.forEach((vector, c) => vector.forEach((value, f) => expect(vectors[f * 6 + c]).toBeCloseTo(value, 4)));
  });

  test('another seed, the same components; fewer of them are the first ones', () => {
    const one = fitSvd(sines, { components: 2 }, createRandom(1));
    const two = fitSvd(sines, { components: 2 }, createRandom(2));
    one.singularValues.forEach((value, c) => expect(two.singularValues[c]).toBeCloseTo(value, 5));
    expect(fitSvd(sines, { components: 2 }, createRandom(1))).toEqual(one);
  });

  test('rows are projections; of length 1 unless told otherwise', () => {
    const model = JSON.parse(JSON.stringify(fitSvd(sines, { components: 3 }, createRandom(0))));
    const plain = transformSvd(model, sines, false);
    const energy = plain.values.reduce((sum, value) => sum + value ** 2, 0);
    expect(energy).toBeCloseTo(2.579113 ** 2 + 2.437282 ** 2 + 2.029435 ** 2, 3);
    const unit = transformSvd(model, sines);
    for (let row = 0; row < 9; row++) {
      expect(unit.values.subarray(row * 3, row * 3 + 3).reduce((sum, value) => sum + value ** 2, 0)).toBeCloseTo(1, 5);
    }
  });

  test('texts without a common word meet in the space of topics', () => {
    const rows = [
      [1, 1, 0, 0],
      [0, 1, 1, 0],
      [0, 0, 0, 2],
    ];
    const { values } = transformSvd(
      fitSvd(sparse(rows), { components: 2 }, createRandom(0)),
      sparse([
        [1, 0, 0, 0],
        [0, 0, 1, 0],
        [0, 0, 0, 1],
      ]),
    );
    expect(values[0] * values[2] + values[1] * values[3]).toBeGreaterThan(0.99);
    expect(values[0] * values[4] + values[1] * values[5]).toBeCloseTo(0, 4);
  });

  test('nothing in, nothing out; zeros have no components', () => {
    for (const matrix of [sparse([]), sparse([[0, 0]]), sparse([[0], [0]])]) {
      const model = fitSvd(matrix, {}, createRandom(0));
      expect(model.singularValues).toEqual([]);
      expect(transformSvd(model, matrix)).toMatchObject({ rows: matrix.rows, columns: 0 });
    }
  });
});

test('symmetricEigen: A V = V Λ and V is orthonormal, for any symmetric matrix', () => {
  const entries = fc
    .integer({ min: 1, max: 6 })
    .chain((n) => fc.array(fc.integer({ min: -5, max: 5 }), { minLength: n * n, maxLength: n * n }));
  fc.assert(
    fc.property(entries, (given) => {
      const n = Math.sqrt(given.length);
      const a = Float64Array.from(given, (_, at) => given[at] + given[(at % n) * n + Math.floor(at / n)]);
      const { values, vectors } = symmetricEigen(a, n);
      for (let c = 0; c < n; c++) {
        for (let i = 0; i < n; i++) {
          let product = 0;
          let inner = 0;
          for (let j = 0; j < n; j++) {
            product += a[i * n + j] * vectors[j * n + c];
            inner += vectors[j * n + c] * vectors[j * n + i];
          }
          expect(product).toBeCloseTo(values[c] * vectors[i * n + c], 9);
          expect(inner).toBeCloseTo(i === c ? 1 : 0, 9);
        }
        expect(values[c]).toBeLessThanOrEqual(values[Math.max(0, c - 1)]);
      }
    }),
  );
});
