import { type LabelDrift, labelDrift } from '../audits/label-drift.ts';
import { type LabelErrors, labelErrors } from '../audits/label-errors.ts';
import { type DuplicateGroup, nearDuplicates } from '../audits/near-duplicates.ts';
import { type Outliers, outliers } from '../audits/outliers.ts';
import { fitItemFeatures, transformItemFeatures } from '../features/item-features.ts';
import { fitSvd, transformSvd } from '../features/svd.ts';
import { outOfFold } from '../math/out-of-fold.ts';
import { hashText, type Random } from '../math/random.ts';
import type { ItemId, LabelId } from '../model/ids.ts';
import { type Item, textOf } from '../model/item.ts';

/** Labels as they are, and what they can be held against. n items, k labels. */
export interface LabelsToAudit {
  readonly items: readonly ItemId[];
  readonly labels: readonly LabelId[];
  /** n: 0..k−1. */
  readonly given: Int32Array;
  /** n×k from a model that did not see these labels. Absent: a classifier of `contents`, each item judged by one that did not see it. */
  readonly probabilities?: Float64Array;
  /** n items, in order. */
  readonly contents?: readonly Item[];
}

export interface LabelAudit {
  readonly errors?: LabelErrors & {
    /** n×k: what the flags are read from. */
    readonly probabilities: Float64Array;
    /** Share of all labels that are wrong, by the joint of given and true labels. */
    readonly noiseShare: number;
  };
  readonly duplicates?: readonly (DuplicateGroup & { readonly isContradicting: boolean })[];
  readonly outliers?: Outliers;
  /** Of the second half against the first, in the order of the items. Absent below 100 items. */
  readonly drift?: LabelDrift;
}

/** What is doubtful about labels: probably wrong ones, the same item labeled twice (and differently), items unlike all others, shares that drift.
 *  Near-duplicates are held out together, else a model would have seen the label that it judges. */
export function auditLabels({ items, labels, given, probabilities, contents }: LabelsToAudit, random: Random): LabelAudit {
  const k = labels.length;
  const duplicates = contents && nearDuplicates(contents.map(wordsOf));
  const matrix = contents && transformItemFeatures(fitItemFeatures(contents), contents);
  const judged =
    probabilities ?? (matrix && k > 1 ? outOfFold(matrix, given, k, groupsOf(items, duplicates ?? [])).probabilities : undefined);
  const half = given.length >> 1;
  return {
    ...(judged && { errors: errorsOf(given, judged, k) }),
    ...(duplicates && {
      duplicates: duplicates.map((group) => ({ ...group, isContradicting: new Set(group.rows.map((row) => given[row])).size > 1 })),
    }),
    ...(matrix && matrix.indices.length > 0 && { outliers: outliers(transformSvd(fitSvd(matrix, { components: 50 }, random), matrix)) }),
    ...(given.length >= 100 && { drift: labelDrift(given.subarray(0, half), given.subarray(half), k) }),
  };
}

function errorsOf(given: Int32Array, probabilities: Float64Array, k: number): NonNullable<LabelAudit['errors']> {
  const errors = labelErrors(given, probabilities, k);
  let right = 0;
  for (let label = 0; label < k; label++) right += errors.joint[label * k + label];
  return { ...errors, probabilities, noiseShare: given.length === 0 ? 0 : 1 - right / given.length };
}

/** An item without text is its fields: `colour red, size 12`. */
function wordsOf(item: Item): string {
  const text = textOf(item);
  if (text !== '') return text;
  return Object.entries(item.fields)
    .filter(([, value]) => value !== item.id)
    .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
    .join(', ');
}

function groupsOf(items: readonly ItemId[], duplicates: readonly DuplicateGroup[]): Int32Array {
  const groups = Int32Array.from(items, hashText);
  for (const { rows } of duplicates) for (const row of rows) groups[row] = groups[rows[0]];
  return groups;
}
