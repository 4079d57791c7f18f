import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DenseMatrix, Matrix, SparseMatrix } from './matrix.ts';
import { fitSoftmax, predictSoftmax } from './softmax-regression.ts';
import { createSparseBuilder, pickRows } from './sparse.ts';

/** scikit-learn 1.9.1, soft labels as repeated rows with sample weights:
 *  X = float32 sin(i (j + 1) + j), i < 12, j < 3; Y[i, i % k] = 1 - soft; Y[i, (i² + 1) % k] += soft
 *  rows, y, w = np.repeat(range(12), k), np.tile(range(k), 12), Y.ravel(); keep = w > 0
 *  LogisticRegression(C=C, tol=1e-12, max_iter=100000).fit(X[rows[keep]], y[keep], sample_weight=w[keep]) */
const references = [
  {
    k: 3,
    soft: 0,
    c: 1,
    coef: [
      [0.090119, 0.699471, 0.010633],
      [0.010683, 0.692843, -0.114606],
      [-0.100802, -1.392313, 0.103974],
    ],
    intercept: [0.072514, 0.078438, -0.150952],
    first: [0.489613, 0.437066, 0.073321],
  },
  {
    k: 3,
    soft: 0.25,
    c: 10,
    coef: [
      [0.239799, 1.026114, 0.056742],
      [-0.014178, 1.043303, -0.155113],
      [-0.22562, -2.069417, 0.098371],
    ],
    intercept: [-0.299752, -0.005617, 0.305369],
    first: [0.441783, 0.496101, 0.062115],
  },
  { k: 2, soft: 0, c: 2, coef: [[-0.108411, -0.229791, -2.361973]], intercept: [0.072799], first: [0.906217, 0.093783] },
  { k: 2, soft: 0.25, c: 1, coef: [[-0.032146, -0.07005, -0.809159]], intercept: [0.021189], first: [0.684282, 0.315718] },
];

function sines(): DenseMatrix {
  return {
    kind: 'dense',
    rows: 12,
    columns: 3,
    values: Float32Array.from({ length: 36 }, (_, at) => Math.sin(Math.floor(at / 3) * ((at % 3) + 1) + (at % 3))),
  };
}

function softTarget(k: number, soft: number): Float64Array {
  const target = new Float64Array(12 * k);
  for (let i = 0; i < 12; i++) {
    target[i * k + (i % k)] += 1 - soft;
    target[i * k + ((i * i + 1) % k)] += soft;
  }
  return target;
}

function sparse(rows: readonly (readonly number[])[]): SparseMatrix {
  const builder = createSparseBuilder();
  for (const row of rows)
    builder.addRow(
      row.map((_, column) => column),
      row,
    );
  return builder.build(rows[0]?.length ?? 0);
}

const rowsOf = ({ rows, columns, values }: DenseMatrix): number[][] =>
  Array.from({ length: rows }, (_, row) => [...values.subarray(row * columns, (row + 1) * columns)]);

describe('fitSoftmax', () => {
  for (const { k, soft, c, coef, intercept, first } of references) {
    for (const kind of ['dense', 'sparse'] as const) {
      test(`scikit-learn's numbers: ${k} labels, C = ${c}, ${soft === 0 ? 'hard' : 'soft'}, ${kind}`, () => {
        const features: Matrix = kind === 'dense' ? sines() : sparse(rowsOf(sines()));
        const model = fitSoftmax(features, softTarget(k, soft), k, { l2: 1 / c, tolerance: 1e-13 });
        for (const [output, weights] of coef.entries()) {
          for (const [f, expected] of weights.entries()) {
            const got = k === 2 ? model.weights[f * 2 + 1] - model.weights[f * 2] : model.weights[f * k + output];
            expect(got).toBeCloseTo(expected, 5);
          }
          const got = k === 2 ? model.intercepts[1] - model.intercepts[0] : model.intercepts[output];
          expect(got).toBeCloseTo(intercept[output], 5);
        }
        const predicted = predictSoftmax(model, features);
        first.forEach((expected, label) => expect(predicted[label]).toBeCloseTo(expected, 5));
      });
    }
  }

  test('without features it is the class shares, by hand: 3 of 4 with weight, the rest ignored', () => {
    const features: SparseMatrix = {
      kind: 'sparse',
      rows: 5,
      columns: 0,
      offsets: new Int32Array(6),
      indices: new Int32Array(0),
      values: new Float32Array(0),
    };
    const target = Float64Array.of(1, 0, 1, 0, 1, 0, 0, 1, 0, 1);
    const model = fitSoftmax(features, target, 2, { sampleWeights: [1, 1, 1, 1, 0], tolerance: 1e-12 });
    expect(predictSoftmax(model, features)[0]).toBeCloseTo(0.75, 6);
  });

  test('a weight of two is the row twice', () => {
    const features = sines();
    const target = softTarget(3, 0.25);
    const twice = Array.from({ length: 13 }, (_, row) => (row === 12 ? 4 : row));
    const targets = Float64Array.from(twice.flatMap((row) => [...target.subarray(row * 3, row * 3 + 3)]));
    const repeated = fitSoftmax(pickRows(features, twice), targets, 3, { tolerance: 1e-12 });
    const weighted = fitSoftmax(features, target, 3, {
      tolerance: 1e-12,
      sampleWeights: twice.slice(0, 12).map((row) => (row === 4 ? 2 : 1)),
    });
    weighted.weights.forEach((weight, at) => expect(weight).toBeCloseTo(repeated.weights[at], 5));
  });

  test('starting from its own result changes nothing', () => {
    const features = sines();
    const first = fitSoftmax(features, softTarget(3, 0), 3, { tolerance: 1e-10 });
    const again = fitSoftmax(features, softTarget(3, 0), 3, { tolerance: 1e-9, start: first });
    expect(again).toEqual(first);
  });

  test('no rows: every label alike; one label: certain', () => {
    const none = sparse([]);
    expect([...fitSoftmax(none, new Float64Array(0), 3).intercepts]).toEqual([0, 0, 0]);
    const one = fitSoftmax(sines(), new Float64Array(12).fill(1), 1);
    expect([...predictSoftmax(one, sines())]).toEqual(Array(12).fill(1));
  });

  test('a label that never occurs stays improbable and finite', () => {
    const model = fitSoftmax(
      sines(),
      Float64Array.from({ length: 36 }, (_, at) => (at % 3 === 0 ? 1 : 0)),
      3,
    );
    const predicted = predictSoftmax(model, sines());
    expect(predicted.every(Number.isFinite)).toBe(true);
    expect(predicted[0]).toBeGreaterThan(0.9);
  });

  test('misuse is told', () => {
    const features = sines();
    expect(() => fitSoftmax(features, new Float64Array(5), 3)).toThrow('target must hold 12 × 3 numbers, got 5');
    expect(() => fitSoftmax(features, softTarget(3, 0), 3, { l2: 0 })).toThrow('l2 must be above 0, got 0');
    features.values[4] = Number.NaN;
    expect(() => fitSoftmax(features, softTarget(3, 0), 3)).toThrow('feature values must be finite, got NaN');
    const model = fitSoftmax(sines(), softTarget(3, 0), 3);
    expect(() => predictSoftmax(model, sparse([[1, 2]]))).toThrow('the model has 3 features, got a matrix of 2');
  });

  test('any soft labels: rows sum to 1, no NaN, the loss is no worse than that of the shares, and row order does not matter', () => {
    const problem = fc.record({
      k: fc.integer({ min: 1, max: 5 }),
      rows: fc.array(
        fc.record({
          x: fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 4, maxLength: 4 }),
          y: fc.array(fc.nat(9), { minLength: 5, maxLength: 5 }),
        }),
        {
          minLength: 1,
          maxLength: 20,
        },
      ),
      l2: fc.constantFrom(0.01, 1, 100),
    });
    fc.assert(
      fc.property(problem, ({ k, rows, l2 }) => {
        const features = sparse(rows.map(({ x }) => x));
        const target = Float64Array.from(rows.flatMap(({ y }) => normalised(y.slice(0, k))));
        const predicted = predictSoftmax(fitSoftmax(features, target, k, { l2, tolerance: 1e-10 }), features);
        const shares = Float64Array.from({ length: k }, (_, c) => rows.reduce((sum, _, row) => sum + target[row * k + c], 0) / rows.length);
        let loss = 0;
        let plain = 0;
        for (let row = 0; row < rows.length; row++) {
          const own = predicted.subarray(row * k, (row + 1) * k);
          expect(own.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 9);
          for (let c = 0; c < k; c++) {
            if (target[row * k + c] === 0) continue;
            loss -= target[row * k + c] * Math.log(own[c]);
            plain -= target[row * k + c] * Math.log(shares[c]);
          }
        }
        expect(loss).toBeLessThanOrEqual(plain + 1e-6 * rows.length);
        const backwards = rows.map((_, row) => rows.length - 1 - row);
        const turned = Float64Array.from(backwards.flatMap((row) => [...target.subarray(row * k, (row + 1) * k)]));
        const again = predictSoftmax(fitSoftmax(pickRows(features, backwards), turned, k, { l2, tolerance: 1e-10 }), features);
        again.forEach((p, at) => expect(Math.abs(p - predicted[at])).toBeLessThan(2e-3));
      }),
    );
  });
});

function normalised(counts: number[]): number[] {
  const sum = counts.reduce((a, b) => a + b, 0);
  return sum === 0 ? counts.map(() => 1 / counts.length) : counts.map((count) => count / sum);
}
