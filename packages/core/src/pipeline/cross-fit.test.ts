import { z } from 'zod';
import { describe, expect, test } from 'vitest';
import classifier from '../labelers/classifier.ts';
import { type ComputedLabeler, Sample, type TrainingSet } from '../labelers/labeler.ts';
import { createRandom } from '../math/random.ts';
import { checkOptions } from '../model/about.ts';
import { abstain, answerOf, failed } from '../model/answer.ts';
import { itemId, labelId, questionId } from '../model/ids.ts';
import type { Question } from '../model/schema.ts';
import { crossFit, foldOf, scoreHeldOut } from './cross-fit.ts';

const labels = [labelId('a'), labelId('b')];
const question: Question = { kind: 'choice', id: questionId('q'), title: 'Q', labels: labels.map((id) => ({ id })), multiple: false };

function trainingOf(texts: readonly string[], rows: readonly (readonly number[])[]): TrainingSet {
  const samples = texts.map(
    (text, at) => new Sample({ id: itemId(`i${at}`), parts: { text: { modality: 'text', content: text } }, fields: {} }),
  );
  return { samples, labels, posterior: Float64Array.from(rows.flat()) };
}

/** Remembers the ids that it learned from, and says b to those, a to all others. */
const memory: ComputedLabeler<object, string[]> = {
  kind: 'computed',
  name: 'memory',
  title: 'Memory',
  summary: 'Knows whom it saw',
  options: z.strictObject({}),
  silence: 'abstained',
  learn: ({ samples }) => samples.map(({ item }) => item.id),
  prepare: ({ model }) => ({ answer: ({ item }) => answerOf([model.includes(item.id) ? labels[1] : labels[0]]) }),
};

describe('foldOf', () => {
  test('even, and another one for another seed', () => {
    const folds = (seed: number) => Array.from({ length: 10_000 }, (_, at) => foldOf(itemId(at + 1), 5, seed));
    for (let fold = 0; fold < 5; fold++) {
      const share = folds(0).filter((each) => each === fold).length / 10_000;
      expect(Math.abs(share - 0.2)).toBeLessThan(0.02);
    }
    const other = folds(1);
    const same = folds(0).filter((fold, at) => fold === other[at]).length / 10_000;
    expect(Math.abs(same - 0.2)).toBeLessThan(0.02);
  });

  test('known folds: stored models depend on them', () => {
    expect(['1', '2', '3', 'm1', '👍'].map((id) => foldOf(itemId(id), 5, 7))).toEqual([0, 2, 2, 1, 1]);
  });
});

describe('crossFit', () => {
  test('nobody is judged by a model that saw it', async () => {
    const training = trainingOf(
      Array(50).fill('x'),
      Array.from({ length: 50 }, () => [0.5, 0.5]),
    );
    const { answers, models } = await crossFit({ labeler: memory, options: {}, question, training, seed: 3, random: createRandom(0) });
    expect(answers).toEqual(Array(50).fill(answerOf([labels[0]])));
    expect(models).toHaveLength(5);
    expect(models.flat()).toHaveLength(4 * 50);
  });

  test('a classifier that finds nothing in random labels is found out, one that finds something is not', async () => {
    const random = createRandom(8);
    const texts = Array.from(
      { length: 120 },
      (_, at) => `${at % 2 === 0 ? 'red' : 'blue'} word${random.integer(30)} word${random.integer(30)}`,
    );
    const fit = (rows: number[][]) =>
      crossFit({
        labeler: classifier,
        options: checkOptions(classifier, {}),
        question,
        training: trainingOf(texts, rows),
        seed: 0,
        random: createRandom(1),
      });
    const real = await fit(texts.map((_, at) => (at % 2 === 0 ? [0.9, 0.1] : [0.2, 0.8])));
    expect(real.heldOut.accuracy).toBeGreaterThan(0.8);
    expect(real.heldOut.logLoss).toBeLessThan(real.heldOut.sharesLogLoss - 0.1);
    const noise = await fit(texts.map(() => (random.next() < 0.5 ? [0.9, 0.1] : [0.1, 0.9])));
    expect(noise.heldOut.logLoss).toBeGreaterThan(noise.heldOut.sharesLogLoss - 0.05);
  });

  test('misuse is told, no samples are fine', async () => {
    const training = trainingOf(
      ['x', 'y', 'z'],
      [
        [1, 0],
        [1, 0],
        [1, 0],
      ],
    );
    const task = { labeler: memory, options: {}, question, training, seed: 0, random: createRandom(0) };
    await expect(crossFit({ ...task, folds: 1 })).rejects.toThrow('there must be at least 2 folds, got 1');
    const { learn: _learn, ...plain } = memory;
    await expect(crossFit({ ...task, labeler: plain })).rejects.toThrow("'memory' does not learn");
    const none = await crossFit({ ...task, training: trainingOf([], []) });
    expect(none).toMatchObject({ answers: [], heldOut: { judged: 0, answered: 0, accuracy: 0, logLoss: 0, sharesLogLoss: 0 } });
  });
});

describe('scoreHeldOut, by hand', () => {
  test('one label: what is said, silence, failures, weights', () => {
    const posterior = Float64Array.of(1, 0, 1, 0, 0, 1, 0.5, 0.5, 0, 1);
    const weights = Float64Array.of(1, 1, 1, 1, 0);
    const answers = [answerOf([labels[0]], 0.9), answerOf([labels[0]], 0.6), abstain, failed('x'), answerOf([labels[0]], 1)];
    const score = scoreHeldOut({ labels, posterior, weights }, answers);
    const [a, b] = [2.5 / 4, 1.5 / 4];
    expect(score).toMatchObject({ judged: 4, answered: 2, accuracy: 1 });
    const shares = -(Math.log(a) + Math.log(a) + Math.log(b) + (Math.log(a) + Math.log(b)) / 2) / 4;
    expect(score.sharesLogLoss).toBeCloseTo(shares, 12);
    expect(score.logLoss).toBeCloseTo(-(Math.log(0.9) + Math.log(0.6) + Math.log(b) + (Math.log(a) + Math.log(b)) / 2) / 4, 12);
  });

  test('several labels: the whole answer counts', () => {
    const posterior = Float64Array.of(1, 0.9, 0, 0.2);
    const answers = [answerOf(labels, 0.81), answerOf([], 0.64)];
    const score = scoreHeldOut({ labels, posterior, multiple: true }, answers);
    expect(score.accuracy).toBeCloseTo((0.9 + 0.8) / 2, 12);
    const first = -(Math.log(0.9) + 0.9 * Math.log(0.9) + 0.1 * Math.log(0.1)) / 2;
    const second = -(Math.log(0.8) + 0.2 * Math.log(0.2) + 0.8 * Math.log(0.8)) / 2;
    expect(score.logLoss).toBeCloseTo((first + second) / 2, 12);
  });

  test('being wrong and certain costs a lot, not everything', () => {
    const score = scoreHeldOut({ labels, posterior: Float64Array.of(0, 1) }, [answerOf([labels[0]], 1)]);
    expect(score.logLoss).toBeCloseTo(-Math.log(1e-4), 12);
  });
});
