import { expect, test } from 'vitest';
import { createRandom } from '../math/random.ts';
import { applyExpertStack, fitExpertStack } from './expert-stack.ts';

const random = createRandom(1);
const truth = Array.from({ length: 2000 }, () => (random.next() < 0.2 ? 1 : 0));

/** Right with probability 0.8, and says so with the given sureness. */
function opinion(sureness: number): Float64Array {
  return Float64Array.from(
    truth.flatMap((label) => {
      const said = random.next() < 0.8 ? label : 1 - label;
      return [said === 0 ? sureness : 1 - sureness, said === 1 ? sureness : 1 - sureness];
    }),
  );
}

const rows = truth.map((_, i) => i);

test('one opinion: its temperature, and the class shares, are found', () => {
  const bold = opinion(0.99);
  const stack = fitExpertStack([bold], rows, truth, 2);
  // 0.8 : 0.2 needs log 4 of the claimed log 99; shares 0.8 : 0.2 need a bias of log 4 between the classes.
  expect(stack.weights[0]).toBeCloseTo(Math.log(4) / Math.log(99), 1);
  expect(stack.biases[0] - stack.biases[1]).toBeCloseTo(Math.log(4), 0);
  const calibrated = applyExpertStack(stack, [bold], 2);
  expect(calibrated.length).toBe(4000);
  expect(calibrated[0] + calibrated[1]).toBeCloseTo(1, 12);
});

test('noise beside an opinion gets no weight', () => {
  const noise = Float64Array.from(
    truth.flatMap(() => {
      const p = random.next();
      return [p, 1 - p];
    }),
  );
  const { weights } = fitExpertStack([opinion(0.8), noise], rows, truth, 2);
  expect(weights[0]).toBeGreaterThan(0.8);
  expect(weights[1]).toBeLessThan(0.15);
});

test('no gold: the even mean, no biases; certain opinions do not break it', () => {
  expect([...fitExpertStack([opinion(0.9), opinion(0.9)], [], [], 2).weights]).toEqual([0.5, 0.5]);
  const stack = fitExpertStack([Float64Array.of(1, 0, 0, 1)], [0, 1], [1, 1], 2);
  expect([...applyExpertStack(stack, [Float64Array.of(1, 0, 0, 1)], 2)].every((p) => p > 0 && p < 1)).toBe(true);
});
