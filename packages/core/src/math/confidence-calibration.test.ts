import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calibrated, calibrationMethods, fitCalibration } from './confidence-calibration.ts';
import { createRandom } from './random.ts';
import { reliabilityOf } from './reliability.ts';

const stance = join(dirname(fileURLToPath(import.meta.url)), '../../../../../shared/data/pac/stance.csv');

describe('calibration', () => {
  it('finds the slope and shift that answers were drawn from', () => {
    const random = createRandom(1);
    const stated = Array.from({ length: 20_000 }, () => 0.05 + 0.9 * random.next());
    const truth = (p: number): number => 1 / (1 + Math.exp(-(0.5 * Math.log(p / (1 - p)) - 0.4)));
    const right = stated.map((p) => random.next() < truth(p));
    const { calibration } = fitCalibration(stated, right, 'platt');
    expect(calibration).toMatchObject({ kind: 'logistic', slope: expect.closeTo(0.5, 1), shift: expect.closeTo(-0.4, 1) });
    expect(calibrated(calibration, 0.9)).toBeCloseTo(truth(0.9), 1);
    expect(calibrated(fitCalibration(stated, right, 'isotonic').calibration, 0.9)).toBeCloseTo(truth(0.9), 1);
  });

  it('by hand: ten answers at 0.9 of which seven hold are pooled to 0.7, drawn a little to the overall share', () => {
    const stated = Array<number>(10).fill(0.9);
    const right = stated.map((_, i) => i < 7);
    // (7 + 2 · 8/12) / 12
    expect(calibrated(fitCalibration(stated, right, 'isotonic').calibration, 0.9)).toBeCloseTo(0.6944, 4);
  });

  it('one right answer proves next to nothing; none is an error', () => {
    const { calibration } = fitCalibration([0.8], [true]);
    expect(calibrated(calibration, 0.8)).toBeLessThan(0.9);
    expect(() => fitCalibration([Number.NaN], [true])).toThrow('no answer with a confidence');
  });

  it('stays a probability and never falls', () => {
    const pair = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean());
    fc.assert(
      fc.property(fc.array(pair, { minLength: 1, maxLength: 60 }), fc.constantFrom(...calibrationMethods), (pairs, method) => {
        const { calibration } = fitCalibration(
          pairs.map(([p]) => p),
          pairs.map(([, held]) => held),
          method,
        );
        let last = 0;
        for (let step = 0; step <= 20; step++) {
          const p = calibrated(calibration, step / 20);
          expect(p).toBeGreaterThanOrEqual(last - 1e-12);
          expect(p).toBeLessThan(1);
          last = p;
        }
      }),
    );
  });

  it.skipIf(!existsSync(stance))('GPT-4o on stance: 200 gold answers halve the calibration error of the rest at least', () => {
    const rows = readFileSync(stance, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',').slice(-3));
    const stated = rows.map(([, , confidence]) => Number(confidence));
    const right = rows.map(([truth, said]) => truth === said);
    const ratios = Array.from({ length: 20 }, (_, seed) => {
      const order = createRandom(seed).shuffle(rows.map((_, i) => i));
      const [gold, rest] = [order.slice(0, 200), order.slice(200)];
      const { calibration } = fitCalibration(
        gold.map((i) => stated[i]),
        gold.map((i) => right[i]),
      );
      const held = rest.map((i) => right[i]);
      const errorOf = (probabilities: number[]): number => reliabilityOf(probabilities, held).expectedCalibrationError;
      return errorOf(rest.map((i) => calibrated(calibration, stated[i]))) / errorOf(rest.map((i) => stated[i]));
    });
    expect(ratios.reduce((sum, ratio) => sum + ratio, 0) / 20).toBeLessThan(0.5);
  });
});
