import { expect, it } from 'vitest';
import { createRandom } from '../math/random.ts';
import { abstain, answerOf, failed } from '../model/answer.ts';
import { labelId } from '../model/ids.ts';
import { calibrateAnswers, calibratedAnswer, type CheckedAnswer } from './calibrate-answers.ts';

const [a, b] = ['a', 'b'].map(labelId);

it('an overconfident labeler is brought down to what it is worth, judged on answers that taught nothing', () => {
  const random = createRandom(1);
  const checked: CheckedAnswer[] = Array.from({ length: 400 }, () => {
    const stated = random.next() < 0.5 ? 0.9 : 0.99;
    return { answer: answerOf([a], stated), truth: [random.next() < stated - 0.25 ? a : b] };
  });
  const found = calibrateAnswers([
    ...checked,
    { answer: abstain, truth: [a] },
    { answer: failed('x'), truth: [a] },
    { answer: answerOf([a]), truth: [a] },
  ]);
  expect(found?.n).toBe(400);
  expect(found?.given.expectedCalibrationError).toBeGreaterThan(0.2);
  expect(found?.after.expectedCalibrationError).toBeLessThan(0.08);
  const answer = calibratedAnswer(answerOf([a], 0.9), (found as NonNullable<typeof found>).calibration);
  expect(answer).toMatchObject({ kind: 'labels', annotations: [{ label: 'a' }] });
  expect(answer.kind === 'labels' ? answer.confidence : undefined).toBeCloseTo(0.65, 1);
});

it('a set of labels is right as a whole; too few answers teach nothing; silence stays silence', () => {
  const checked = Array.from({ length: 30 }, () => ({ answer: answerOf([b, a], 0.5), truth: [a, b] }));
  expect(calibrateAnswers(checked)?.given.accuracy).toBe(1);
  expect(calibrateAnswers(checked.map(({ answer }) => ({ answer, truth: [a] })))?.given.accuracy).toBe(0);
  expect(calibrateAnswers(checked.slice(0, 19))).toBeUndefined();
  expect(calibratedAnswer(abstain, { kind: 'logistic', slope: 1, shift: 0, n: 1 })).toBe(abstain);
});
