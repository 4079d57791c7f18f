import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelErrorFilters, labelErrors } from './label-errors.ts';

it('two labels by hand: a confident contradiction is flagged, a doubtful one is not', () => {
  const given = Int32Array.from([0, 0, 0, 0, 1, 1, 1, 1]);
  const first = [0.9, 0.8, 0.9, 0.05, 0.1, 0.2, 0.1, 0.55];
  const errors = labelErrors(given, Float64Array.from(first.flatMap((p) => [p, 1 - p])), 2);
  // Thresholds: (.9 + .8 + .9 + .05) / 4 = .6625 and (.9 + .8 + .9 + .45) / 4 = .7625. Item 3 is confidently the other, item 7 (.55) is neither.
  expect([...errors.thresholds]).toEqual([expect.closeTo(0.6625, 12), expect.closeTo(0.7625, 12)]);
  // Confident counts [[3, 1], [0, 3]], rows scaled to 4 items each.
  expect([...errors.joint]).toEqual([3, 1, 0, 4]);
  expect([...errors.flagged]).toEqual([3]);
});

it('hard edges: no items, one item a label, a label that nobody has', () => {
  for (const filter of labelErrorFilters) {
    expect([...labelErrors(new Int32Array(0), new Float64Array(0), 3, filter).flagged]).toEqual([]);
    expect([...labelErrors(Int32Array.of(1), Float64Array.of(0.9, 0.1), 2, filter).joint]).toEqual([0, 0, 0, 1]);
  }
  expect(() => labelErrors(Int32Array.of(1), Float64Array.of(1), 2)).toThrow('expected 1 × 2 probabilities, got 1');
});

it('rows of the joint sum to the given labels, and what is flagged is contradicted by the model', () => {
  const rows = fc.array(fc.tuple(fc.nat(2), fc.float({ min: 0, max: 1, noNaN: true }), fc.float({ min: 0, max: 1, noNaN: true })), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(rows, fc.constantFrom(...labelErrorFilters), (items, filter) => {
      const given = Int32Array.from(items, ([label]) => label);
      const probabilities = Float64Array.from(items.flatMap(([, a, b]) => [a / 2, b / 2, 1 - a / 2 - b / 2]));
      const { joint, flagged } = labelErrors(given, probabilities, 3, filter);
      for (const label of [0, 1, 2]) {
        expect(joint[label * 3] + joint[label * 3 + 1] + joint[label * 3 + 2]).toBe(given.filter((one) => one === label).length);
      }
      for (const item of flagged) {
        const row = probabilities.subarray(item * 3, item * 3 + 3);
        expect(Math.max(...row)).toBeGreaterThanOrEqual(row[given[item]]);
      }
    }),
  );
});

// cleanlab 2.9.0, numpy 1.26.4 with np.argsort made stable (its default leaves the order of equal probabilities to the machine):
// Σ (i + 1) · joint[i] of compute_confident_joint, then [count, sum of indices] of find_label_issues per filter.
const cleanlab = [
  [
    'label_errors/mnist/pred_probs.csv.gz',
    498771,
    [
      [15, 53508],
      [15, 53508],
      [15, 53508],
      [15, 53508],
    ],
  ],
  [
    'label_errors/20news/pred_probs.csv.gz',
    1477583,
    [
      [45, 179852],
      [95, 345826],
      [96, 352783],
      [55, 189926],
    ],
  ],
  [
    'cl_noise/cifar10_noise0.2_sparsity0.0/data.csv.gz',
    2652746,
    [
      [13670, 299531605],
      [14316, 314593343],
      [15020, 331861272],
      [12748, 280498181],
    ],
  ],
  [
    'cl_noise/cifar10_noise0.4_sparsity0.4/data.csv.gz',
    2681861,
    [
      [21398, 425466457],
      [21847, 431556693],
      [24108, 484022573],
      [21946, 444332971],
    ],
  ],
] as const;

const folder = fileURLToPath(new URL('../../../../../shared/data/al/', import.meta.url));

function load(path: string): { given: Int32Array; probabilities: Float64Array; k: number } {
  const lines = gunzipSync(readFileSync(folder + path))
    .toString()
    .trim()
    .split('\n');
  const header = lines[0].split(',');
  const first = header.indexOf('p0');
  const label = header.findIndex((name) => name.startsWith('given'));
  const rows = lines.slice(1).map((line) => line.split(',').map(Number));
  return {
    given: Int32Array.from(rows, (row) => row[label]),
    probabilities: Float64Array.from(rows.flatMap((row) => row.slice(first))),
    k: header.length - first,
  };
}

// Loud where the shared data is missing: the skipped tests are listed by name.
describe.skipIf(!existsSync(folder))('the joint and the flags are cleanlab’s', () => {
  it.each(cleanlab)('%s', (path, joint, flags) => {
    const { given, probabilities, k } = load(path);
    labelErrorFilters.forEach((filter, at) => {
      const errors = labelErrors(given, probabilities, k, filter);
      expect(errors.joint.reduce((sum, count, cell) => sum + (cell + 1) * count, 0)).toBe(joint);
      expect([errors.flagged.length, errors.flagged.reduce((sum, item) => sum + item, 0)]).toEqual(flags[at]);
    });
  });
});
