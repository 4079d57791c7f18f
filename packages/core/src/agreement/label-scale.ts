import { CoreError } from '../model/errors.ts';
import type { LabelId } from '../model/ids.ts';

/** The place of each label on its scale, 0 for the lowest: as `order` says; by number where every label is a number; else as the table has them.
 *  @throws CoreError 'bad-options' where `order` leaves out a label or names one twice */
export function ranksOf(labels: readonly LabelId[], order?: readonly string[]): Int32Array {
  if (order) {
    const rank = new Map(order.map((label, at) => [label, at]));
    if (rank.size !== order.length) throw new CoreError('bad-options', 'order: a label is named twice');
    return Int32Array.from(labels, (label) => {
      const at = rank.get(label);
      if (at === undefined) throw new CoreError('bad-options', `order: must name every label, '${label}' is missing`);
      return at;
    });
  }
  const values = numbersOf(labels);
  if (!values) return Int32Array.from(labels, (_, at) => at);
  const sorted = [...new Set(values)].sort((a, b) => a - b);
  return values.reduce((ranks, value, at) => ranks.fill(sorted.indexOf(value), at, at + 1), new Int32Array(labels.length));
}

/** The labels as numbers; where they are not, or an order is given, their ranks. */
export function valuesOf(labels: readonly LabelId[], order?: readonly string[]): Float64Array {
  const values = order ? undefined : numbersOf(labels);
  return Float64Array.from(values ?? ranksOf(labels, order));
}

function numbersOf(labels: readonly LabelId[]): number[] | undefined {
  const values = labels.map((label) => (label.trim() === '' ? Number.NaN : Number(label)));
  return values.every(Number.isFinite) ? values : undefined;
}
