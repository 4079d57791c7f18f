import type { Labeler } from '@labelwright/contract/labelers';
import type { Estimate } from '@labelwright/core/model/estimate';
import type { LabelerId, LabelId } from '@labelwright/core/model/ids';
import type { Gold, VoteTable } from '@labelwright/core/model/vote-table';
import { labelerValues } from '@labelwright/core/pipeline/labeler-value';
import type { QuestionEstimate } from '@labelwright/core/pipeline/question-estimate';
import { goldOf } from '@labelwright/core/pipeline/question-tables';

export type Worth = NonNullable<NonNullable<Labeler['statistics']>['worth']>;

/** Of more items than this, evenly spread ones are judged: a run does not wait longer for it. */
const mostItems = 200_000;

/** What each labeler adds to all others. Where a question is answered through several tables: the mean over them, and all items that change. */
export function worthOf(
  { tables }: Pick<QuestionEstimate, 'tables'>,
  gold: ReadonlyMap<number, readonly LabelId[]>,
  most = mostItems,
): ReadonlyMap<LabelerId, Worth> {
  const worth = new Map<LabelerId, Worth>();
  for (const { table, votes, estimate } of tables) {
    const step = Math.max(1, Math.ceil(votes.items.length / most));
    const judges = halved(goldOf(table, gold), votes.items.length);
    const some = step === 1 ? { votes, estimate, gold: judges } : thinned(votes, estimate, judges, step);
    for (const value of labelerValues(some.votes, some.estimate, some.gold)) {
      const before = worth.get(value.labeler);
      const share = 1 / tables.length;
      worth.set(value.labeler, {
        judge: value.judge,
        items: Math.max(before?.items ?? 0, value.items),
        accuracy: (before?.accuracy ?? 0) + value.accuracy * share,
        error: Math.hypot(before?.error ?? 0, value.accuracyError * share),
        changed: (before?.changed ?? 0) + value.changed * step,
        alone: (before?.alone ?? 0) + value.alone * step,
      });
    }
  }
  return worth;
}

/** Of gold items it is told anew what the votes say, by what the posterior says of the others: where nearly all have gold, half of it judges. */
function halved(gold: Gold, n: number): Gold {
  if (gold.item.length * 2 <= n) return gold;
  const rows = Int32Array.from(gold.item.keys()).filter((row) => Math.imul(gold.item[row], 0x9e3779b1) >= 0);
  return { item: Int32Array.from(rows, (row) => gold.item[row]), label: Int32Array.from(rows, (row) => gold.label[row]) };
}

/** Twenty million votes: no iterators. */
function rowsOfEvery(item: Int32Array, step: number): Int32Array {
  let kept = 0;
  for (let row = 0; row < item.length; row++) if (item[row] % step === 0) kept++;
  const rows = new Int32Array(kept);
  for (let row = 0, at = 0; row < item.length; row++) if (item[row] % step === 0) rows[at++] = row;
  return rows;
}

/** Every so many items of a table, with their votes. */
function thinned(votes: VoteTable, estimate: Estimate, gold: Gold, step: number): { votes: VoteTable; estimate: Estimate; gold: Gold } {
  const rows = rowsOfEvery(votes.item, step);
  const items = votes.items.filter((_, item) => item % step === 0);
  const k = votes.labels.length;
  const posterior = new Float64Array(items.length * k);
  for (let item = 0; item < items.length; item++)
    posterior.set(estimate.posterior.subarray(item * step * k, item * step * k + k), item * k);
  const kept = Int32Array.from(gold.item.keys()).filter((row) => gold.item[row] % step === 0);
  const { confidence } = votes;
  return {
    votes: {
      ...votes,
      items,
      item: Int32Array.from(rows, (row) => votes.item[row] / step),
      labeler: Int32Array.from(rows, (row) => votes.labeler[row]),
      label: Int32Array.from(rows, (row) => votes.label[row]),
      ...(confidence && { confidence: Float64Array.from(rows, (row) => confidence[row]) }),
    },
    estimate: { ...estimate, items, posterior },
    gold: { item: Int32Array.from(kept, (row) => gold.item[row] / step), label: Int32Array.from(kept, (row) => gold.label[row]) },
  };
}
