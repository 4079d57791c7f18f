import { CoreError } from '@labelwright/core/model/errors';
import type { LabelId, QuestionId } from '@labelwright/core/model/ids';
import { type Question, questionOf, type Schema } from '@labelwright/core/model/schema';
import type { ProjectRow } from './stores/projects.ts';

/** The question of that id; without one, the project's first. @throws CoreError 'unknown-question' */
export function questionIn({ schema }: Pick<ProjectRow, 'schema'>, id?: string): Question {
  return questionOf(schema as unknown as Schema, id as QuestionId | undefined);
}

/** Labels as an answer to the question, each once, in the order of the question: two people who mean the same say the same.
 *  @throws CoreError 'unknown-label', 'bad-request' */
export function answerTo(question: Question, given: readonly string[]): LabelId[] {
  checkLabels(question, given);
  const labels = question.labels.map(({ id }) => id).filter((label) => given.includes(label));
  if (labels.length > 1 && !question.multiple)
    throw new CoreError('bad-request', `Question '${question.id}' takes one label, got ${labels.length}: ${labels.join(', ')}`);
  return labels;
}

/** @throws CoreError 'unknown-label' */
export function checkLabels(question: Question, given: readonly string[]): void {
  const known = question.labels.map(({ id }) => id as string);
  const unknown = given.find((label) => !known.includes(label));
  if (unknown === undefined) return;
  const text = `Question '${question.id}' has no label '${unknown}'; its labels are ${known.slice(0, 50).join(', ')}${known.length > 50 ? ' …' : ''}`;
  throw new CoreError('unknown-label', text, { question: question.id, label: unknown });
}
