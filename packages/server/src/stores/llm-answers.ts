import { type AnswerColumn, failure, firstAnswer } from '@labelwright/core/model/answer-column';
import type { LabelerId, LabelId } from '@labelwright/core/model/ids';
import type { Question } from '@labelwright/core/model/schema';
import { sql } from 'kysely';
import type { Db } from '../context.ts';
import { AnswerList, type StoredColumn } from './answer-chunks.ts';

interface Row {
  readonly ordinal: number;
  readonly labels: LabelId[] | null;
  readonly confidence: number | null;
  readonly failure: string | null;
}

const pageItems = 100_000;

/** What a language model said about the first n items in one version, with the confidence as it came; silent where nobody asked. Answers with labels
 *  that the question no longer has are left out. */
export async function askedColumn(
  db: Db,
  { labeler, version, id }: { readonly labeler: number; readonly version: number; readonly id: LabelerId },
  question: Question,
  n: number,
): Promise<StoredColumn & { readonly answered: number }> {
  const known = new Set<string>(question.labels.map((label) => label.id));
  const codes = new Uint16Array(n);
  const confidences = new Float32Array(n).fill(Number.NaN);
  const answers = new AnswerList();
  let hasConfidence = false;
  let answered = 0;
  let failures = { count: 0, first: '', item: '' };
  for (let first = 0; first < n; first += pageItems) {
    const { rows } = await sql<Row>`
      select ordinal, labels, confidence, failure from llm_answers
      where labeler_id = ${labeler} and version = ${version} and ordinal >= ${first} and ordinal < ${Math.min(n, first + pageItems)}
      order by ordinal`.execute(db);
    for (const { ordinal, labels, confidence, failure: reason } of rows) {
      answered += 1;
      if (reason !== null) {
        codes[ordinal] = failure;
        failures = { count: failures.count + 1, first: failures.first || reason, item: failures.item || String(ordinal) };
      } else if (labels?.every((label) => known.has(label))) {
        codes[ordinal] = firstAnswer + answers.numberOf(labels);
        if (confidence === null) continue;
        confidences[ordinal] = confidence;
        hasConfidence = true;
      }
    }
  }
  const column: AnswerColumn = {
    labeler: id,
    silence: 'unasked',
    complete: true,
    codes,
    answers: answers.list,
    ...(hasConfidence && { confidences }),
  };
  return { column, seconds: 0, failures, answered };
}

/** Whether something came after a time. */
export async function askedSince(db: Db, labelers: readonly number[], since: string): Promise<boolean> {
  if (labelers.length === 0) return false;
  const { rows } = await sql<{ found: boolean }>`
    select exists (select from llm_answers a join labelers l on l.id = a.labeler_id and l.version = a.version
      where a.labeler_id = any(${[...labelers]}::int[]) and a.created_at > ${since}::timestamptz) as found`.execute(db);
  return rows[0].found;
}
