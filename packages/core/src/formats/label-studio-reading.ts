import { abstain, answerOf } from '../model/answer.ts';
import { reasonOf } from '../model/errors.ts';
import { type ItemId, type LabelerId, labelerId, labelId, type QuestionId, questionId } from '../model/ids.ts';
import type { Json, JsonObject } from '../model/json.ts';
import type { Problem } from '../model/problem.ts';
import type { ChoiceQuestion } from '../model/schema.ts';
import type { Vote } from '../model/vote.ts';
import { goldLabeler, labelNamesOf, objectsIn, personPrefix, type Task, unknownModel, unknownPerson } from './label-studio-task.ts';
import { isObject, textOfJson } from './json-values.ts';
import { defaultQuestion } from './native-votes.ts';

type Report = (problem: Problem) => void;

/** Turns the annotations and predictions of tasks into votes. */
export class TaskVotes {
  private readonly nameLabel = new Map<string, (path: readonly string[]) => string>();
  private readonly schema: readonly ChoiceQuestion[];
  /** What a skipped task leaves unanswered. */
  questions: readonly QuestionId[] | undefined;

  constructor(schema: readonly ChoiceQuestion[] | undefined) {
    this.schema = schema ?? [];
    this.questions = schema?.map((question) => question.id);
  }

  of(task: Task, item: ItemId, report: Report): Vote[] {
    const votes: Vote[] = [];
    for (const [index, annotation] of task.annotations.entries()) {
      this.guarded(`annotations.${index}`, report, (told) => votes.push(...this.annotationVotes(annotation, item, told)));
    }
    for (const [index, prediction] of task.predictions.entries()) {
      this.guarded(`predictions.${index}`, report, (told) => votes.push(...this.predictionVotes(prediction, item, told)));
    }
    return votes;
  }

  private guarded(key: string, report: Report, read: (report: Report) => void): void {
    try {
      read((problem) => report({ ...problem, key: problem.key === undefined ? key : `${key}.${problem.key}` }));
    } catch (error) {
      report({ key, message: `${reasonOf(error)}: it is left out` });
    }
  }

  private annotationVotes(given: JsonObject, item: ItemId, report: Report): Vote[] {
    const answers = this.answersIn(given, report);
    const questions = answers.size > 0 ? [...answers.keys()] : isEmpty(given) ? (this.questions ?? []) : [];
    const time = timeOf(given.updated_at) ?? timeOf(given.created_at);
    const details = { ...(typeof given.lead_time === 'number' && { seconds: given.lead_time }), ...(time !== undefined && { time }) };
    return labelersOf(given).flatMap((labeler) =>
      questions.map((question) => {
        const found = answers.get(question);
        const skipped = given.was_cancelled === true || (!found && !this.questionOf(question)?.multiple);
        return { item, labeler, question, answer: skipped ? abstain : answerOf(found?.labels ?? [], found?.score), ...details };
      }),
    );
  }

  private predictionVotes(given: JsonObject, item: ItemId, report: Report): Vote[] {
    const { model_version: version } = given;
    const labeler = labelerId(typeof version === 'string' && version !== '' ? version : unknownModel);
    const time = timeOf(given.created_at) ?? timeOf(given.updated_at);
    const score = scoreOf(given.score, report);
    return Array.from(this.answersIn(given, report), ([question, found]) => ({
      item,
      labeler,
      question,
      answer: answerOf(found.labels, found.score ?? score),
      ...(time !== undefined && { time }),
    }));
  }

  /** The choices in a result, by question. */
  private answersIn(given: JsonObject, report: Report): Map<QuestionId, { labels: ReturnType<typeof labelId>[]; score?: number }> {
    const answers = new Map<QuestionId, { labels: ReturnType<typeof labelId>[]; score?: number }>();
    const skipped = new Set<string>();
    for (const [index, result] of objectsIn(given.result).entries()) {
      const kind = choiceKind(result);
      if (typeof kind === 'string') {
        if (!skipped.has(kind))
          report({ key: `result.${index}`, message: `${kind} is not read: only choices and taxonomies of whole items are` });
        skipped.add(kind);
        continue;
      }
      const question = questionId(result.from_name ?? defaultQuestion);
      const answer = answers.get(question) ?? { labels: [] };
      for (const path of kind.paths) {
        const label = labelId(this.labelOf(question, path));
        if (!answer.labels.includes(label)) answer.labels.push(label);
      }
      const score = scoreOf(result.score, report);
      if (score !== undefined) answer.score = score;
      answers.set(question, answer);
    }
    return answers;
  }

  private labelOf(question: QuestionId, path: readonly string[]): string {
    let name = this.nameLabel.get(question);
    if (!name) {
      name = labelNamesOf(this.questionOf(question));
      this.nameLabel.set(question, name);
    }
    return name(path);
  }

  private questionOf(id: QuestionId): ChoiceQuestion | undefined {
    return this.schema.find((question) => question.id === id);
  }
}

/** Skipped, or submitted with nothing chosen: which questions it leaves open, only the schema or the other tasks can tell. */
export function isEmpty(annotation: JsonObject): boolean {
  return objectsIn(annotation.result).length === 0;
}

/** The names of the controls that results answer by choices. */
export function* controlsIn(task: Task): Generator<string> {
  for (const given of [...task.annotations, ...task.predictions]) {
    for (const result of objectsIn(given.result)) {
      if (typeof choiceKind(result) !== 'string' && typeof result.from_name === 'string') yield result.from_name;
    }
  }
}

/** What was chosen, as paths; or what the result is instead. */
function choiceKind(result: JsonObject): { paths: readonly (readonly string[])[] } | string {
  const { type, value } = result;
  if ((type !== 'choices' && type !== 'taxonomy') || !isObject(value)) return `'${textOfJson(type ?? 'nothing')}'`;
  if ('start' in value || 'x' in value) return `'${type}' at a region`;
  const chosen = value[type];
  if (!Array.isArray(chosen)) return `'${type}' without a list of them`;
  return { paths: chosen.map((choice: Json) => (Array.isArray(choice) ? choice.map(textOfJson) : [textOfJson(choice)])) };
}

function labelersOf(annotation: JsonObject): LabelerId[] {
  const { completed_by: by, ground_truth: gold } = annotation;
  const who = isObject(by) ? (by.email ?? by.id) : by;
  const person = who === undefined || who === null || who === '' ? [] : [labelerId(`${personPrefix}${textOfJson(who)}`)];
  if (gold === true) return [...person, labelerId(goldLabeler)];
  return person.length > 0 ? person : [labelerId(unknownPerson)];
}

function scoreOf(given: Json | undefined, report: Report): number | undefined {
  if (typeof given !== 'number') return undefined;
  if (given >= 0 && given <= 1) return given;
  report({ key: 'score', message: `must be 0..1 to be a confidence, got ${given}: the vote is read without` });
  return undefined;
}

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/;

/** ISO 8601 in UTC; other times of day are counted over. */
export function timeOf(given: Json | undefined): string | undefined {
  if (typeof given !== 'string' || !isoTime.test(given)) return undefined;
  if (given.endsWith('Z')) return given;
  const time = new Date(given);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}
