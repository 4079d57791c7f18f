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
  const known = question.labels.map(({ id }) => id);
  const unknown = given.find((label) => !known.includes(label as LabelId));
  if (unknown !== undefined) {
    const text = `Question '${question.id}' has no label '${unknown}'; its labels are ${known.slice(0, 50).join(', ')}${known.length > 50 ? ' …' : ''}`;
    throw new CoreError('unknown-label', text, { question: question.id, label: unknown });
  }
  const labels = known.filter((label) => given.includes(label));
  if (labels.length > 1 && !question.multiple)
    throw new CoreError('bad-request', `Question '${question.id}' takes one label, got ${labels.length}: ${labels.join(', ')}`);
  return labels;
}
