import { join } from 'node:path';
import { answerAt } from '@labelwright/core/model/answer-column';
import type { ItemId, LabelId } from '@labelwright/core/model/ids';
import { bestAnswer } from '@labelwright/core/pipeline/question-estimate';
import { csvLine } from '@labelwright/core/formats/csv-line';
import { writeFileAtomic } from '../files/write-file.ts';
import type { LabelingRun, QuestionRun } from '../runs/label-project.ts';
import { renderReport } from './render-report.ts';
import { decisionsOf, type RunReport } from './run-report.ts';

/** Writes labels.csv, labels.jsonl (with the votes behind each label), votes.csv, report.json and report.html; of several questions, a set of the
 *  first three per question. Returns the paths. */
export async function writeOutputs(run: LabelingRun, report: RunReport): Promise<string[]> {
  const written: string[] = [];
  const write = async (name: string, content: string | AsyncIterable<string>): Promise<void> => {
    const path = join(run.project.output, name);
    await writeFileAtomic(path, content);
    written.push(path);
  };
  for (const asked of run.questions) {
    const infix = run.questions.length > 1 ? `.${asked.question.id}` : '';
    await write(
      `labels${infix}.csv`,
      blocks(run.items, labelsHeader(asked), (row) => labelsRow(run, asked, row)),
    );
    const decisions = decisionsOf(run, asked);
    await write(
      `labels${infix}.jsonl`,
      blocks(run.items, '', (row) => labelsJson(run, asked, decisions[row].kind, row)),
    );
    await write(
      `votes${infix}.csv`,
      blocks(run.items, 'item,labeler,label,confidence\n', (row) => votesRows(run, asked, row)),
    );
  }
  await write('report.json', `${JSON.stringify(report, null, 2)}\n`);
  await write('report.html', renderReport(report));
  return written;
}

/** Joins rows into pieces of some 64 KB, so that a million rows are neither one string nor a million writes. */
async function* blocks(items: readonly ItemId[], header: string, rowOf: (row: number) => string): AsyncGenerator<string> {
  let block = header;
  for (let row = 0; row < items.length; row++) {
    block += rowOf(row);
    if (block.length < 65_536) continue;
    yield block;
    block = '';
  }
  yield block;
}

const probability = (value: number): string => value.toFixed(6);
const joined = (labels: readonly LabelId[]): string => labels.join('|');

function labelsHeader({ estimate }: QuestionRun): string {
  return csvLine(['item', 'label', 'probability', ...estimate.labels.map((label) => `p:${label}`)]);
}

function labelsRow(run: LabelingRun, { estimate }: QuestionRun, row: number): string {
  const k = estimate.labels.length;
  const each = Array.from(estimate.posterior.subarray(row * k, (row + 1) * k), probability);
  return csvLine([run.items[row], joined(bestAnswer(estimate, row)), probability(estimate.confidence[row]), ...each]);
}

function labelsJson(run: LabelingRun, { question, estimate, columns }: QuestionRun, decision: string, row: number): string {
  const answer = bestAnswer(estimate, row);
  const votes = columns.flatMap((column) => {
    const labels = answerAt(column, row);
    if (!labels) return [];
    const confidence = column.confidences?.[row] ?? Number.NaN;
    return [
      {
        labeler: column.labeler,
        ...labelKey(question.multiple, labels),
        ...(Number.isNaN(confidence) ? {} : { confidence: round(confidence) }),
      },
    ];
  });
  return `${JSON.stringify({ item: run.items[row], ...labelKey(question.multiple, answer), probability: round(estimate.confidence[row]), decision, votes })}\n`;
}

function labelKey(multiple: boolean, labels: readonly LabelId[]): { label: LabelId | null } | { labels: readonly LabelId[] } {
  return multiple ? { labels } : { label: labels[0] ?? null };
}

const round = (value: number): number => Math.round(value * 1e6) / 1e6;

function votesRows(run: LabelingRun, { columns }: QuestionRun, row: number): string {
  let rows = '';
  for (const column of columns) {
    const labels = answerAt(column, row);
    if (!labels) continue;
    const confidence = column.confidences?.[row] ?? Number.NaN;
    rows += csvLine([run.items[row], column.labeler, joined(labels), Number.isNaN(confidence) ? '' : probability(confidence)]);
  }
  return rows;
}
