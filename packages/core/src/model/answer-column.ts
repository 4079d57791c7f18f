import type { LabelerId, LabelId } from './ids.ts';
import type { Silence } from './vote.ts';

/** What one computed labeler says to one question, as a column over the items of a run: one code per item, in the order of the items.
 *  A million items × twenty rules is 40 MB of columns, not 20 million rows. */
export interface AnswerColumn {
  readonly labeler: LabelerId;
  readonly silence: Silence;
  /** Whether the labels that it casts are its whole answer, so that a label left out is denied (people, classifiers). A rule that says
   *  `refund` does not say "not `complaint`". Matters for questions with several labels only. */
  readonly complete: boolean;
  /** `abstained`, `failure`, or `firstAnswer` + index into `answers`. */
  readonly codes: Uint16Array;
  /** The distinct label sets that occur; an empty one says "none apply". */
  readonly answers: readonly (readonly LabelId[])[];
  /** 0..1 per item, NaN where it gave none; absent where it never gave any. */
  readonly confidences?: Float32Array;
}

export const abstained = 0;
export const failure = 1;
export const firstAnswer = 2;

/** The labels that a column casts on item `row`; undefined where it abstained or failed. */
export function answerAt(column: AnswerColumn, row: number): readonly LabelId[] | undefined {
  const code = column.codes[row];
  return code < firstAnswer ? undefined : column.answers[code - firstAnswer];
}
