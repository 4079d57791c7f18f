import type { SchemaJson } from '@labelwright/contract/schema';
import { atTop, type LabelDraft, labelProblems, newLabel, writtenLabels } from './label-draft.ts';
import type { ProjectTemplate } from './project-templates.ts';
import { freeQuestionId } from './schema-edit.ts';

type Question = SchemaJson['questions'][number];

/** A question while a project is made. */
export interface QuestionDraft {
  readonly key: string;
  readonly title: string;
  readonly labels: readonly LabelDraft[];
  readonly isMultiple: boolean;
  readonly isTree: boolean;
}

let made = 0;

export function newQuestion(title = ''): QuestionDraft {
  made += 1;
  return { key: `question-${made}`, title, labels: [newLabel(), newLabel()], isMultiple: false, isTree: false };
}

/** What a template asks; without labels of its own, two empty rows wait for them. */
export function questionOf({ question, labels, multiple = false }: ProjectTemplate): QuestionDraft {
  const named = labels.filter((label) => label !== '');
  const drafts = named.length === 0 ? [newLabel(), newLabel()] : named.map((label) => newLabel(label));
  return { ...newQuestion(question), labels: drafts, isMultiple: multiple };
}

/** What keeps the questions from being used, by their keys. */
export function questionProblems(questions: readonly QuestionDraft[]): ReadonlyMap<string, string> {
  const problems = new Map<string, string>();
  for (const { key, title, labels } of questions) {
    if (writtenLabels(labels).length === 0) problems.set(key, 'At least one label is needed; two or more make a choice');
    else if (labelProblems(labels).size > 0) problems.set(key, 'See the labels');
    else if (title.trim() === '' && questions.length > 1) problems.set(key, 'With several questions, each needs words');
  }
  return problems;
}

/** The first is known as `label`, as in the files of most people; the others by their titles. */
export function writtenQuestions(questions: readonly QuestionDraft[]): Question[] {
  const ids: string[] = [];
  return questions.map(({ title, labels, isMultiple, isTree }, at) => {
    const id = at === 0 ? 'label' : freeQuestionId(title, ids);
    ids.push(id);
    const written = writtenLabels(isTree ? labels : atTop(labels));
    return { kind: 'choice', id, title: title.trim() || 'Which label fits?', labels: written, multiple: isMultiple };
  });
}
