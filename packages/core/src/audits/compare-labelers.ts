import { mcNemar, pairedDifference, type Difference } from '../math/share-differences.ts';
import { type Interval, wilson } from '../math/statistics.ts';
import { CoreError } from '../model/errors.ts';
import type { LabelId } from '../model/ids.ts';

/** Two labelers (two prompts, two models) on the same items, row by row. undefined: no answer, or truth not known. */
export interface LabelerPair {
  readonly labels: readonly LabelId[];
  readonly first: readonly (LabelId | undefined)[];
  readonly second: readonly (LabelId | undefined)[];
  readonly truth?: readonly (LabelId | undefined)[];
  /** Of all answers together. */
  readonly firstCostUsd?: number;
  readonly secondCostUsd?: number;
}

export interface LabelerComparison {
  readonly items: number;
  readonly first: LabelerSide;
  readonly second: LabelerSide;
  /** Share of equal answers where both answered. */
  readonly agreement: Interval;
  /** k×k row-major: rows what the first said, columns what the second said. */
  readonly table: Float64Array;
  /** What they differ on, most frequent first. */
  readonly disagreements: readonly { readonly first: LabelId; readonly second: LabelId; readonly count: number }[];
  /** On the items that both answered and whose truth is known; absent where there are none. */
  readonly judged?: {
    readonly items: number;
    readonly onlyFirstRight: number;
    readonly onlySecondRight: number;
    /** Accuracy of the first minus that of the second. */
    readonly difference: Difference;
    /** Exact McNemar. */
    readonly pValue: number;
    readonly verdict: 'first is better' | 'second is better' | 'not told apart';
  };
}

export interface LabelerSide {
  readonly answered: number;
  /** Wilson's at 95 %, on the judged items. */
  readonly accuracy: Interval;
  readonly costUsd?: number;
  readonly costPerAnswerUsd?: number;
}

/** Which of two labelers is better, on the same items: accuracy with intervals, a paired test, where they differ, what they cost. Items that one
 *  of them did not answer count for its coverage only: look at `answered` beside the accuracy.
 *  @throws CoreError 'bad-comparison' for columns of different lengths or unknown labels */
export function compareLabelers(pair: LabelerPair): LabelerComparison {
  const { labels, first, second, truth } = pair;
  check(pair);
  const k = labels.length;
  const index = new Map(labels.map((label, c) => [label, c]));
  const table = new Float64Array(k * k);
  const right = { both: 0, first: 0, second: 0, neither: 0 };
  let agreed = 0;
  let shared = 0;
  for (const [row, a] of first.entries()) {
    const b = second[row];
    if (a === undefined || b === undefined) continue;
    shared += 1;
    if (a === b) agreed += 1;
    table[(index.get(a) as number) * k + (index.get(b) as number)] += 1;
    const t = truth?.[row];
    if (t !== undefined) right[a === t ? (b === t ? 'both' : 'first') : b === t ? 'second' : 'neither'] += 1;
  }
  const judged = right.both + right.first + right.second + right.neither;
  return {
    items: first.length,
    first: sideOf(first, right.both + right.first, judged, pair.firstCostUsd),
    second: sideOf(second, right.both + right.second, judged, pair.secondCostUsd),
    agreement: wilson(agreed, shared),
    table,
    disagreements: disagreementsOf(table, labels),
    ...(judged === 0 ? {} : { judged: verdictOf(right, judged) }),
  };
}

function sideOf(answers: LabelerPair['first'], right: number, judged: number, costUsd: number | undefined): LabelerSide {
  const answered = answers.filter((answer) => answer !== undefined).length;
  const accuracy = wilson(right, judged);
  if (costUsd === undefined) return { answered, accuracy };
  return { answered, accuracy, costUsd, ...(answered > 0 ? { costPerAnswerUsd: costUsd / answered } : {}) };
}

function verdictOf(
  right: { both: number; first: number; second: number; neither: number },
  items: number,
): NonNullable<LabelerComparison['judged']> {
  const pValue = mcNemar(right.first, right.second);
  const better = right.first > right.second ? 'first is better' : 'second is better';
  return {
    items,
    onlyFirstRight: right.first,
    onlySecondRight: right.second,
    difference: pairedDifference(right.both, right.first, right.second, right.neither),
    pValue,
    verdict: pValue <= 0.05 ? better : 'not told apart',
  };
}

function disagreementsOf(table: Float64Array, labels: readonly LabelId[]): LabelerComparison['disagreements'] {
  const k = labels.length;
  return Array.from(table, (count, cell) => ({ first: labels[Math.floor(cell / k)], second: labels[cell % k], count }))
    .filter(({ first, second, count }) => first !== second && count > 0)
    .sort((a, b) => b.count - a.count);
}

function check({ labels, first, second, truth }: LabelerPair): void {
  const known = new Set(labels);
  for (const [name, column] of Object.entries({ first, second, truth })) {
    if (column === undefined) continue;
    if (column.length !== first.length) {
      throw new CoreError('bad-comparison', `compare-labelers: ${name} must have ${first.length} rows, got ${column.length}`);
    }
    const unknown = column.find((label) => label !== undefined && !known.has(label));
    if (unknown !== undefined)
      throw new CoreError('bad-comparison', `compare-labelers: ${name} has the label '${unknown}', which is unknown`);
  }
}
