import type { SliceReport } from '@labelwright/contract/llm';
import { sliceReport } from '@labelwright/core/audits/slice-report';
import { slicingsOf } from '@labelwright/core/features/slices';
import type { Item } from '@labelwright/core/model/item';
import type { Context } from '../context.ts';
import { settingsOf } from '../stores/projects.ts';
import { intervalOf } from '../stores/labelers.ts';
import { viewOf } from '../stores/run-items.ts';
import { asOne, labelRows, labelsAmong } from './compare.ts';
import { saidBy, truthOf } from './judged.ts';
import { itemsInOrder } from './pending.ts';

/** Items with a judge first: only they show errors. */
const mostItems = 20_000;
const risk = 0.05;

/** Where a labeler's errors are concentrated. Hidden fields part the items as well: what no labeler sees may be what it is biased by.
 *  @throws CoreError 'not-found', 'conflict' where it said nothing */
export async function slicesOf(context: Context, project: number, labeler: number, field: string | undefined): Promise<SliceReport> {
  const said = await saidBy(context, project, labeler);
  const truth = await truthOf(context, said.project, said.question);
  const rows = labelRows(said);
  const answered = rows.flatMap((label, row) => (label === undefined ? [] : [row]));
  const chosen = [...answered.filter((row) => truth.labels.has(row)), ...answered.filter((row) => !truth.labels.has(row))].slice(
    0,
    mostItems,
  );
  const ordinals = Int32Array.from(chosen).sort();
  const view = viewOf({ ...settingsOf(said.project), hiddenFields: [] });
  const items: Item[] = [];
  for await (const item of itemsInOrder(context, { project: said.project, view }, ordinals)) items.push(item);
  const isText = field === 'length' || field === 'language';
  const part = said.question.part;
  const slicings = slicingsOf(items, { ...(field !== undefined && !isText && { fields: [field] }), ...(part !== undefined && { part }) });
  const report = sliceReport({
    labels: labelsAmong(said, [rows]),
    said: Array.from(ordinals, (row) => rows[row]),
    truth: Array.from(ordinals, (row) => asOne(truth.labels.get(row))),
    slicings: slicings.filter(({ name }) => field === undefined || name === field),
    risk,
  });
  return {
    labeler: said.labeler.name,
    judge: truth.judge,
    overall: { n: report.answers, error: intervalOf(report.errors) },
    slices: report.slices.map(({ slicing, slice, answers, errors, pValue, labels }) => ({
      field: slicing,
      value: slice,
      items: answers,
      error: intervalOf(errors),
      labels: labels.map(({ label, share }) => ({ label, share: share.estimate })),
      pValue: errors.n > 0 ? pValue : null,
      concentrated: errors.n > 0 && pValue <= risk,
    })),
    warnings: [...report.warnings],
  };
}
