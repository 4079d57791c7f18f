import {
  type Calibration,
  type CalibrationMethod,
  calibrated,
  type FittedCalibration,
  fitCalibration,
} from '../math/confidence-calibration.ts';
import { type Reliability, reliabilityOf } from '../math/reliability.ts';
import { type Answer, labelsOf } from '../model/answer.ts';
import type { LabelId } from '../model/ids.ts';

/** One labeler's answer to an item whose truth is known, from gold or people. Never a made item's. */
export interface CheckedAnswer {
  readonly answer: Answer;
  readonly truth: readonly LabelId[];
}

/** What a labeler's confidence is worth. Plain JSON. */
export interface AnswerCalibration extends FittedCalibration {
  /** Answers with a confidence that it was learned from. */
  readonly n: number;
  /** The reliability of the confidence as given, and after calibration: the latter in five folds, no answer judged by what it taught. */
  readonly given: Reliability;
  readonly after: Reliability;
}

/** Fewer say too little. */
const fewest = 20;
const folds = 5;

/** undefined where too few answers with a confidence were checked, or none at all has one. */
export function calibrateAnswers(checked: readonly CheckedAnswer[], method: CalibrationMethod = 'auto'): AnswerCalibration | undefined {
  const stated: number[] = [];
  const right: boolean[] = [];
  for (const { answer, truth } of checked) {
    if (answer.kind !== 'labels' || answer.confidence === undefined) continue;
    stated.push(answer.confidence);
    right.push(isRight(answer, truth));
  }
  const n = stated.length;
  if (n < fewest) return undefined;
  const after = new Float64Array(n);
  for (let fold = 0; fold < folds; fold++) {
    const learned = stated.map((_, i) => i).filter((i) => i % folds !== fold);
    const { calibration } = fitCalibration(
      learned.map((i) => stated[i]),
      learned.map((i) => right[i]),
      method,
    );
    for (let i = fold; i < n; i += folds) after[i] = calibrated(calibration, stated[i]);
  }
  return { ...fitCalibration(stated, right, method), n, given: reliabilityOf(stated, right), after: reliabilityOf(after, right) };
}

/** The same answer with its confidence as a probability. */
export function calibratedAnswer(answer: Answer, calibration: Calibration): Answer {
  if (answer.kind !== 'labels' || answer.confidence === undefined) return answer;
  return { ...answer, confidence: calibrated(calibration, answer.confidence) };
}

function isRight(answer: Answer, truth: readonly LabelId[]): boolean {
  const said = new Set(labelsOf(answer));
  return said.size === new Set(truth).size && truth.every((label) => said.has(label));
}
