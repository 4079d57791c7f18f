import { expect, test } from 'vitest';
import { createRandom } from '../math/random.ts';
import { reliabilityOf } from '../math/reliability.ts';
import { applyTopCalibration, fitTopCalibration } from './top-calibration.ts';

/** Three labels; the label's probability is stated as p, and right with chance p². */
function stated(n: number, seed: number) {
  const random = createRandom(seed);
  const posterior = new Float64Array(n * 3);
  const truth = Array.from({ length: n }, (_, i) => {
    const p = 0.6 + 0.4 * random.next();
    const top = random.integer(3);
    for (let y = 0; y < 3; y++) posterior[i * 3 + y] = y === top ? p : (1 - p) / 2;
    return random.next() < p * p ? top : (top + 1) % 3;
  });
  return { posterior, truth };
}

const tops = (posterior: Float64Array): number[] =>
  Array.from({ length: posterior.length / 3 }, (_, i) => Math.max(...posterior.subarray(i * 3, i * 3 + 3)));

test('what was too sure says what is so, on rows that it was not fitted to; labels and sums stay', () => {
  const learned = stated(2000, 1);
  const map = fitTopCalibration(learned.posterior, learned.truth, 3);
  const { posterior, truth } = stated(2000, 2);
  const after = applyTopCalibration(map, posterior, 3);
  const right = truth.map((y, i) => posterior[i * 3 + y] > 0.5);
  expect(reliabilityOf(tops(posterior), right).expectedCalibrationError).toBeGreaterThan(0.1);
  expect(reliabilityOf(tops(after), right).expectedCalibrationError).toBeLessThan(0.04);
  for (let i = 0; i < 2000; i++) {
    const row = [...after.subarray(i * 3, i * 3 + 3)];
    expect(row.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
    const before = [...posterior.subarray(i * 3, i * 3 + 3)];
    expect(row[before.indexOf(Math.max(...before))]).toBeCloseTo(Math.max(...row), 12);
  }
});

test('nothing becomes certain, and certainty is brought down', () => {
  const map = fitTopCalibration(
    Float64Array.from({ length: 60 }, (_, at) => (at % 2 === 0 ? 0.9 : 0.1)),
    new Int32Array(30),
    2,
  );
  const after = applyTopCalibration(map, Float64Array.of(1, 0, 0.9, 0.1), 2);
  expect(after[0]).toBeLessThan(1);
  expect(after[1]).toBeGreaterThan(0);
  expect(after[2]).toBeGreaterThan(0.9);
});
