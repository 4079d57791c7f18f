import type { Slicing } from '../features/slices.ts';
import { type Difference, holm, shareDifference } from '../math/share-differences.ts';
import { hypergeometricCdf } from '../math/special-functions.ts';
import { type Interval, wilson } from '../math/statistics.ts';
import { CoreError } from '../model/errors.ts';
import type { LabelId } from '../model/ids.ts';

/** What one labeler said, row by row. undefined: no answer, or truth not known. */
export interface SliceInput {
  readonly labels: readonly LabelId[];
  readonly said: readonly (LabelId | undefined)[];
  readonly truth: readonly (LabelId | undefined)[];
  readonly slicings: readonly Slicing[];
  /** Slices of fewer answers are not looked at. Default 10. */
  readonly minAnswers?: number;
  /** P(any false warning at all). Default 0.05. */
  readonly risk?: number;
}

export interface SliceRates {
  readonly slicing: string;
  readonly slice: string;
  readonly answers: number;
  /** On answers whose truth is known; Wilson's at 95 %. */
  readonly errors: Interval;
  /** Error rate of the slice minus that of all others; Newcombe's at 95 %, not corrected for the number of slices. */
  readonly difference: Difference;
  /** That errors fall into the slice this often by chance: Fisher's exact test, one-sided, corrected for all slices looked at (Holm). */
  readonly pValue: number;
  /** How often it says each label there, right or wrong. Groups may differ in truth: a difference alone is no fault. */
  readonly labels: readonly { readonly label: LabelId; readonly share: Interval; readonly difference: Difference }[];
}

export interface SliceReport {
  readonly answers: number;
  readonly errors: Interval;
  /** By p-value, least first. */
  readonly slices: readonly SliceRates[];
  readonly warnings: readonly string[];
}

/** Where a labeler's errors are concentrated. Finds what the fields, lengths and languages show, not what they do not record.
 *  @throws CoreError 'bad-slices' where columns differ in length */
export function sliceReport({ labels, said, truth, slicings, minAnswers = 10, risk = 0.05 }: SliceInput): SliceReport {
  for (const column of [truth, ...slicings.map(({ sliceOf }) => sliceOf)]) {
    if (column.length !== said.length)
      throw new CoreError('bad-slices', `slice-report: expected ${said.length} rows, got ${column.length}`);
  }
  const all = countsOf(said, truth, labels, () => true);
  const found = slicings.flatMap((slicing) =>
    [...new Set(slicing.sliceOf)]
      .filter((slice) => slice !== undefined)
      .map((slice) => ({
        slicing: slicing.name,
        slice,
        counts: countsOf(said, truth, labels, (row) => slicing.sliceOf[row] === slice),
      }))
      .filter(({ counts }) => counts.answers >= minAnswers && counts.answers < all.answers),
  );
  const corrected = holm(found.map(({ counts }) => concentration(counts, all)));
  const slices = found
    .map(
      ({ slicing, slice, counts }, at): SliceRates => ({
        slicing,
        slice,
        answers: counts.answers,
        errors: wilson(counts.errors, counts.judged),
        difference: shareDifference(counts.errors, counts.judged, all.errors - counts.errors, all.judged - counts.judged),
        pValue: corrected[at],
        labels: labels.map((label, c) => ({
          label,
          share: wilson(counts.labels[c], counts.answers),
          difference: shareDifference(counts.labels[c], counts.answers, all.labels[c] - counts.labels[c], all.answers - counts.answers),
        })),
      }),
    )
    .sort((a, b) => a.pValue - b.pValue || b.difference.estimate - a.difference.estimate);
  return { answers: all.answers, errors: wilson(all.errors, all.judged), slices, warnings: warningsOf(slices, risk) };
}

interface Counts {
  answers: number;
  judged: number;
  errors: number;
  readonly labels: Float64Array;
}

function countsOf(
  said: SliceInput['said'],
  truth: SliceInput['truth'],
  labels: readonly LabelId[],
  belongs: (row: number) => boolean,
): Counts {
  const index = new Map(labels.map((label, c) => [label, c]));
  const counts: Counts = { answers: 0, judged: 0, errors: 0, labels: new Float64Array(labels.length) };
  for (const [row, label] of said.entries()) {
    if (label === undefined || !belongs(row)) continue;
    counts.answers += 1;
    const c = index.get(label);
    if (c !== undefined) counts.labels[c] += 1;
    if (truth[row] === undefined) continue;
    counts.judged += 1;
    if (truth[row] !== label) counts.errors += 1;
  }
  return counts;
}

/** P(at least so many of all errors among so many answers drawn without replacement), summed from its small end. */
function concentration(slice: Counts, all: Counts): number {
  if (slice.judged === 0 || slice.errors === 0) return 1;
  return Math.min(1, hypergeometricCdf(slice.judged - slice.errors, all.judged, all.judged - all.errors, slice.judged));
}

function warningsOf(slices: readonly SliceRates[], risk: number): string[] {
  return slices
    .filter(({ pValue }) => pValue <= risk)
    .map(({ slicing, slice, errors, difference }) => {
      const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
      return `errors are concentrated where ${slicing} is ${slice}: ${percent(errors.estimate)} of ${errors.n} answers are wrong (${percent(errors.low)} to ${percent(errors.high)}), elsewhere ${percent(errors.estimate - difference.estimate)}`;
    });
}
