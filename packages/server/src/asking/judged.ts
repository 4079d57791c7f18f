import type { AnswerColumn } from '@labelwright/core/model/answer-column';
import { CoreError } from '@labelwright/core/model/errors';
import type { LabelerId, LabelId } from '@labelwright/core/model/ids';
import { madeField } from '@labelwright/core/model/made';
import type { Question } from '@labelwright/core/model/schema';
import { askedTechnique } from '@labelwright/engine/project/asked';
import { sql } from 'kysely';
import type { Context, Db } from '../context.ts';
import { notFound } from '../errors.ts';
import { questionIn } from '../project-question.ts';
import { loadColumn } from '../stores/answer-chunks.ts';
import { loadGold } from '../stores/gold.ts';
import { findLabeler, type LabelerRow } from '../stores/labelers.ts';
import { askedColumn } from '../stores/llm-answers.ts';
import { agreedAnswers, peoplesVotes } from '../stores/peoples-votes.ts';
import { findProject, type ProjectRow, settingsOf } from '../stores/projects.ts';

export type Judge = 'gold' | 'people' | 'none';

export interface Truth {
  readonly judge: Judge;
  readonly labels: ReadonlyMap<number, readonly LabelId[]>;
}

/** Fewer gold items than this tell less than people do. */
const enoughGold = 20;

/** Who says what is right about a question: gold where there is enough of it, else people, else what gold there is. Never of made items. */
export async function truthOf({ db, pool }: Pick<Context, 'db' | 'pool'>, project: ProjectRow, question: Question): Promise<Truth> {
  const isFirst = project.schema.questions[0]?.id === question.id;
  const gold = await loadGold(pool, project.id, isFirst ? settingsOf(project) : {}, question, { below: project.items });
  if (gold.size >= enoughGold) return { judge: 'gold', labels: await foundOnly(db, project.id, gold) };
  const people = await peoplesTruth(db, project, question);
  if (people.size > 0) return { judge: 'people', labels: people };
  return gold.size > 0 ? { judge: 'gold', labels: await foundOnly(db, project.id, gold) } : { judge: 'none', labels: new Map() };
}

/** What people agree on. Never of made items. */
export async function peoplesTruth(db: Db, project: ProjectRow, question: Question): Promise<ReadonlyMap<number, readonly LabelId[]>> {
  return foundOnly(db, project.id, agreedAnswers(await peoplesVotes(db, project.id, question.id, { below: project.items })));
}

async function foundOnly<Value>(db: Db, project: number, all: Map<number, Value>): Promise<Map<number, Value>> {
  const { rows } = await sql<{ ordinal: number }>`
    select ordinal from items where project_id = ${project} and ordinal = any(${[...all.keys()]}::int[]) and fields ? ${madeField}`.execute(
    db,
  );
  for (const { ordinal } of rows) all.delete(ordinal);
  return all;
}

export interface Said {
  readonly project: ProjectRow;
  readonly labeler: LabelerRow;
  readonly version: number;
  readonly question: Question;
  readonly column: AnswerColumn;
  readonly answered: number;
}

/** All that a labeler said in a version (the present one where none is given), with confidences as they came.
 *  @throws CoreError 'not-found', 'conflict' where it said nothing */
export async function saidBy({ db }: Pick<Context, 'db'>, project: number, labeler: number, version?: number): Promise<Said> {
  const row = await findProject(db, project);
  const found = await findLabeler(db, project, labeler);
  if (!row || !found || found.deleted_at) throw notFound('labeler');
  const question = questionIn(row, found.question);
  const wanted = version ?? found.version;
  const place = { labeler, version: wanted, id: found.name as LabelerId };
  const { column } = askedTechnique(found.use)
    ? await askedColumn(db, place, question, row.items)
    : await loadColumn(db, { ...place, silence: 'unasked', complete: true }, row.items);
  let answered = 0;
  for (const code of column.codes) if (code >= 2) answered += 1;
  if (answered === 0) throw new CoreError('conflict', `'${found.name}' has said nothing in version ${wanted} yet`);
  return { project: row, labeler: found, version: wanted, question, column, answered };
}
