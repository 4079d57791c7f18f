import { describe, expect, test } from 'vitest';
import { createRandom } from './random.ts';
import { predictSoftmax } from './softmax-regression.ts';
import { createSparseBuilder } from './sparse.ts';
import { fitTemperature, fitTunedSoftmax } from './tuned-softmax.ts';

/** Bags of 8 of 200 words; each word leans to one of the labels. */
function bags(rows: number, k: number, noise: number) {
  const random = createRandom(5);
  const builder = createSparseBuilder();
  const target = new Float64Array(rows * k);
  const truth = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const label = random.integer(k);
    truth[row] = label;
    const words = Array.from({ length: 8 }, () => (random.next() < 0.5 ? label * 40 + random.integer(40) : random.integer(200)));
    builder.addRow(words, Array(8).fill(1 / Math.sqrt(8)));
    target[row * k + (random.next() < noise ? random.integer(k) : label)] = 1;
  }
  return { features: builder.build(200), target, truth, group: Array.from({ length: rows }, (_, row) => row) };
}

describe('fitTunedSoftmax', () => {
  test('noisy labels get stronger regularisation than clean ones; both stay calibrated to their labels', () => {
    const cs = [0.03, 0.1, 0.3, 1];
    const clean = bags(1500, 3, 0);
    const noisy = bags(1500, 3, 0.5);
    const onClean = fitTunedSoftmax(clean.features, clean.target, 3, clean.group, { cs });
    const onNoisy = fitTunedSoftmax(noisy.features, noisy.target, 3, noisy.group, { cs });
    expect(onNoisy.c).toBeLessThan(onClean.c);
    for (const { heldOut } of [onClean, onNoisy]) {
      expect(heldOut.rows).toBe(300);
      expect(heldOut.logLoss).toBeLessThan(heldOut.sharesLogLoss);
    }
    const predicted = predictSoftmax(onNoisy.model, noisy.features);
    let right = 0;
    for (let row = 0; row < 1500; row++) {
      const own = predicted.subarray(row * 3, row * 3 + 3);
      if (own.indexOf(Math.max(...own)) === noisy.truth[row]) right += 1;
    }
    // Half of the labels were drawn anew, so only two of three are right: it learned more than it was told.
    expect(right / 1500).toBeGreaterThan(0.8);
  });

  test('rows of weight 0 change nothing', () => {
    const { features, target, group } = bags(60, 2, 0);
    const sampleWeights = group.map((row) => (row < 40 ? 1 : 0));
    const spoilt = target.slice();
    for (let at = 80; at < 120; at++) spoilt[at] = 1 - spoilt[at];
    expect(fitTunedSoftmax(features, spoilt, 2, group, { sampleWeights })).toEqual(
      fitTunedSoftmax(features, target, 2, group, { sampleWeights }),
    );
  });

  test('too little to hold out: the usual C, temperature 1, no estimate', () => {
    const { features, target, group } = bags(19, 2, 0);
    const { c, temperature, heldOut } = fitTunedSoftmax(features, target, 2, group);
    expect([c, temperature, heldOut.rows, heldOut.logLoss]).toEqual([10, 1, 0, Number.NaN]);
    expect(fitTunedSoftmax(features, target, 2, group, { cs: [2] }).c).toBe(2);
  });

  test('one label, no rows', () => {
    const { features, group } = bags(30, 2, 0);
    expect(predictSoftmax(fitTunedSoftmax(features, new Float64Array(30).fill(1), 1, group).model, features)).toEqual(
      new Float64Array(30).fill(1),
    );
    const none = fitTunedSoftmax(createSparseBuilder().build(3), new Float64Array(0), 2, []);
    expect([...none.model.intercepts]).toEqual([0, 0]);
  });
});

describe('fitTemperature', () => {
  test('scores three times too sure are divided by three', () => {
    const random = createRandom(1);
    const rows = 20_000;
    const scores = new Float64Array(rows * 2);
    const targets = new Float64Array(rows * 2);
    for (let row = 0; row < rows; row++) {
      const score = random.normal() * 2;
      targets[row * 2 + (random.next() < 1 / (1 + Math.exp(-score)) ? 1 : 0)] = 1;
      scores[row * 2 + 1] = 3 * score;
    }
    expect(fitTemperature(scores, targets, new Float64Array(rows).fill(1), 2).temperature).toBeCloseTo(3, 0);
  });

  test('without rows it is 1', () => {
    const none = new Float64Array(0);
    expect(fitTemperature(none, none, none, 3).temperature).toBeCloseTo(1, 2);
  });
});
