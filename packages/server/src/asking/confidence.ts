import type { ConfidenceReport } from '@labelwright/contract/llm';
import { type Reliability, reliabilityOf } from '@labelwright/core/math/reliability';
import { labelsOf } from '@labelwright/core/model/answer';
import { calibrateAnswers, type CheckedAnswer } from '@labelwright/core/pipeline/calibrate-answers';
import type { Context } from '../context.ts';
import { checkedAnswers } from './calibration.ts';
import { saidBy, truthOf } from './judged.ts';

/** How far a labeler is right when it says how sure it is. @throws CoreError 'not-found', 'conflict' where it said nothing */
export async function confidenceOf(context: Context, project: number, labeler: number): Promise<ConfidenceReport> {
  const said = await saidBy(context, project, labeler);
  const truth = await truthOf(context, said.project, said.question);
  const checked = checkedAnswers(said.column, truth.labels).filter(
    ({ answer }) => answer.kind === 'labels' && answer.confidence !== undefined,
  );
  const calibration = calibrateAnswers(checked);
  const stated = calibration?.given ?? (checked.length > 0 ? statedOf(checked) : undefined);
  return {
    judge: truth.judge,
    n: checked.length,
    stated: stated ? present(stated) : null,
    calibrated: calibration ? { method: calibration.calibration.kind, ...present(calibration.after) } : null,
  };
}

function statedOf(checked: readonly CheckedAnswer[]): Reliability {
  const confidences = checked.map(({ answer }) => (answer.kind === 'labels' ? (answer.confidence ?? Number.NaN) : Number.NaN));
  return reliabilityOf(
    confidences,
    checked.map(({ answer, truth }) => sameLabels(labelsOf(answer), truth)),
  );
}

export function sameLabels(a: readonly string[], b: readonly string[]): boolean {
  return new Set(a).size === new Set(b).size && b.every((label) => a.includes(label));
}

function present({ bins, expectedCalibrationError }: Reliability): NonNullable<ConfidenceReport['stated']> {
  return { bins: [...bins], expectedCalibrationError };
}
