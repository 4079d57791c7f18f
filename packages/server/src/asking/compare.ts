import type { LabelerComparison } from '@labelwright/contract/llm';
import { compareLabelers } from '@labelwright/core/audits/compare-labelers';
import { wilson } from '@labelwright/core/math/statistics';
import { answerAt } from '@labelwright/core/model/answer-column';
import { CoreError } from '@labelwright/core/model/errors';
import type { LabelId } from '@labelwright/core/model/ids';
import { askedTechnique } from '@labelwright/engine/project/asked';
import type { Context, Db } from '../context.ts';
import { ordinalIds } from '../stores/item-records.ts';
import { type Said, saidBy, truthOf } from './judged.ts';
import { intervalOf } from '../stores/labelers.ts';
import { usdOfVersion } from '../stores/spending.ts';

export interface Compared {
  readonly id: number;
  readonly version?: number | undefined;
}

const mostExamples = 50;

/** @throws CoreError 'not-found', 'conflict' where one of them said nothing, 'bad-request' where they answer different questions */
export async function comparisonOf(context: Context, project: number, first: Compared, second: Compared): Promise<LabelerComparison> {
  const [a, b] = [await saidBy(context, project, first.id, first.version), await saidBy(context, project, second.id, second.version)];
  if (a.question.id !== b.question.id)
    throw new CoreError('bad-request', `'${a.labeler.name}' answers '${a.question.id}', '${b.labeler.name}' answers '${b.question.id}'`);
  const truth = await truthOf(context, a.project, a.question);
  const rows = {
    a: labelRows(a),
    b: labelRows(b),
    truth: Array.from({ length: a.project.items }, (_, row) => asOne(truth.labels.get(row))),
  };
  const labels = labelsAmong(a, [rows.a, rows.b]);
  const { judged, table } = compareLabelers({ labels, first: rows.a, second: rows.b, truth: rows.truth });
  const differing: number[] = [];
  let both = 0;
  let differ = 0;
  for (const [row, said] of rows.a.entries()) {
    const other = rows.b[row];
    if (said === undefined || other === undefined) continue;
    both += 1;
    if (said === other) continue;
    differ += 1;
    if (differing.length < mostExamples) differing.push(row);
  }
  const ids = await ordinalIds(context.db, project, differing);
  const { db } = context;
  return {
    a: await sideOf(db, a, rows.a, rows.truth),
    b: await sideOf(db, b, rows.b, rows.truth),
    both,
    differ,
    labels: [...labels],
    matrix: [...table],
    mcnemar: judged
      ? {
          judge: truth.judge as 'gold' | 'people',
          n: judged.items,
          onlyA: judged.onlyFirstRight,
          onlyB: judged.onlySecondRight,
          pValue: judged.pValue,
        }
      : null,
    examples: differing.map((row) => ({
      ordinal: row,
      id: ids.get(row) ?? '',
      a: [...(answerAt(a.column, row) ?? [])],
      b: [...(answerAt(b.column, row) ?? [])],
      judge: truth.labels.has(row) ? [...(truth.labels.get(row) ?? [])] : null,
    })),
  };
}

/** Its accuracy on all that it answered and that has a judge, not only where the other answered too. */
async function sideOf(
  db: Db,
  { labeler, version, answered }: Said,
  said: readonly (LabelId | undefined)[],
  truth: readonly (LabelId | undefined)[],
): Promise<LabelerComparison['a']> {
  let judged = 0;
  let right = 0;
  for (const [row, label] of said.entries()) {
    if (label === undefined || truth[row] === undefined) continue;
    judged += 1;
    if (truth[row] === label) right += 1;
  }
  const usd = askedTechnique(labeler.use) ? await usdOfVersion(db, labeler.id, version) : labeler.cost_usd * answered;
  return { name: labeler.name, version, answered, accuracy: intervalOf(wilson(right, judged)), usd };
}

/** Of a question with several labels each list of them is one answer: `a + b`. */
export function labelRows({ column, project }: Said): (LabelId | undefined)[] {
  return Array.from({ length: project.items }, (_, row) => asOne(answerAt(column, row)));
}

export function asOne(labels: readonly LabelId[] | undefined): LabelId | undefined {
  if (labels === undefined) return undefined;
  return labels.length === 1 ? labels[0] : ((labels.length === 0 ? 'none' : [...labels].sort().join(' + ')) as LabelId);
}

/** In the order of the question; then lists of labels, by name. */
export function labelsAmong({ question }: Said, rows: readonly (readonly (LabelId | undefined)[])[]): LabelId[] {
  const own = question.labels.map(({ id }) => id);
  const more = new Set(rows.flat().filter((label) => label !== undefined && !own.includes(label)) as LabelId[]);
  return [...own, ...[...more].sort()];
}
