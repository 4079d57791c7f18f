import { type AnswerColumn, answerAt } from '@labelwright/core/model/answer-column';
import { answerOf } from '@labelwright/core/model/answer';
import type { LabelId } from '@labelwright/core/model/ids';
import { type Calibration, calibrated } from '@labelwright/core/math/confidence-calibration';
import type { CheckedAnswer } from '@labelwright/core/pipeline/calibrate-answers';

/** Answers of a labeler to items whose truth is known, in the order of the items. */
export function checkedAnswers(column: AnswerColumn, truth: ReadonlyMap<number, readonly LabelId[]>): CheckedAnswer[] {
  return [...truth]
    .sort(([a], [b]) => a - b)
    .flatMap(([ordinal, labels]) => {
      const said = ordinal < column.codes.length ? answerAt(column, ordinal) : undefined;
      const confidence = column.confidences?.[ordinal] ?? Number.NaN;
      return said ? [{ answer: answerOf(said, Number.isNaN(confidence) ? undefined : confidence), truth: labels }] : [];
    });
}

export function calibratedConfidences(confidences: Float32Array, calibration: Calibration): Float32Array {
  return confidences.map((confidence) => (Number.isNaN(confidence) ? confidence : calibrated(calibration, confidence)));
}
