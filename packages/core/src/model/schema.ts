import { CoreError } from './errors.ts';
import type { LabelId, QuestionId } from './ids.ts';

/** One of the choices of a question. In a tree, `parent` names the label above; people and rules may answer at any level. */
export interface Label {
  readonly id: LabelId;
  readonly title?: string;
  readonly description?: string;
  readonly parent?: LabelId;
  /** CSS colour; without one the palette gives it by position. */
  readonly color?: string;
  readonly hotkey?: string;
}

export interface ChoiceQuestion {
  readonly kind: 'choice';
  readonly id: QuestionId;
  readonly title: string;
  /** The part that it is about; without one, the whole item. */
  readonly part?: string;
  readonly labels: readonly Label[];
  /** Several labels may hold at once. */
  readonly multiple: boolean;
}

/** The kinds to come (span, box, track …) join here. */
export type Question = ChoiceQuestion;

export interface Schema {
  readonly questions: readonly Question[];
  /** Markdown, for people and for prompts. */
  readonly guidelines?: string;
}

export function labelIds(question: Question): LabelId[] {
  return question.labels.map((label) => label.id);
}

export function isTree(question: Question): boolean {
  return question.labels.some((label) => label.parent !== undefined);
}

/** @throws CoreError 'unknown-question' naming the questions there are */
export function questionOf(schema: Schema, id?: QuestionId): Question {
  const found = id === undefined ? schema.questions[0] : schema.questions.find((question) => question.id === id);
  if (found) return found;
  const known = schema.questions.map((question) => question.id).join(', ');
  throw new CoreError('unknown-question', `schema: there is no question '${id ?? ''}'; there is ${known || 'none'}`);
}

/** @throws CoreError 'bad-schema' for no question, two of one name, no labels, one label twice, an unknown parent or a loop of parents */
export function checkSchema(schema: Schema): Schema {
  const fail = (message: string): never => {
    throw new CoreError('bad-schema', `schema: ${message}`);
  };
  if (schema.questions.length === 0) fail('there must be at least one question');
  const seen = new Set<QuestionId>();
  for (const question of schema.questions) {
    if (seen.has(question.id)) fail(`question '${question.id}' is there twice`);
    seen.add(question.id);
    checkLabels(question, (message) => fail(`question '${question.id}': ${message}`));
  }
  return schema;
}

function checkLabels(question: Question, fail: (message: string) => never): void {
  const parents = new Map<LabelId, LabelId | undefined>();
  if (question.labels.length === 0) fail('there must be at least one label');
  for (const label of question.labels) {
    if (parents.has(label.id)) fail(`label '${label.id}' is there twice`);
    parents.set(label.id, label.parent);
  }
  for (const label of question.labels) {
    const path = new Set<LabelId>([label.id]);
    for (let above = label.parent; above !== undefined; above = parents.get(above)) {
      if (!parents.has(above)) fail(`label '${label.id}': its parent '${above}' is not a label`);
      if (path.has(above)) fail(`label '${label.id}': its parents form a loop`);
      path.add(above);
    }
  }
}
