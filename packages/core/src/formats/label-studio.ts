import { questionId } from '../model/ids.ts';
import type { Json } from '../model/json.ts';
import type { Draft } from './entry-gate.ts';
import type { Dataset, Format, ReadEvent, ReadOptions, SourceFile, Writing } from './format.ts';
import { headText } from './head-text.ts';
import { writeList } from './json-list.ts';
import { entriesOfPieces, parsePiece, readElements } from './json-records.ts';
import { isEmpty, controlsIn, TaskVotes } from './label-studio-reading.ts';
import { looksLikeTasks, taskOf } from './label-studio-task.ts';
import { taskToJson } from './label-studio-writing.ts';
import { isObject } from './json-values.ts';
import { defaultQuestion } from './native-votes.ts';
import { readingOf } from './unreadable.ts';

/** Label Studio's task JSON, as it exports and imports it. Annotations are the votes of people, predictions those of models; choices and taxonomies
 *  are read, the name of the control is the question. https://labelstud.io/guide/task_format.html */
const labelStudio: Format = {
  name: 'label-studio',
  title: 'Label Studio JSON',
  summary: 'Tasks of Label Studio with annotations and predictions (choices and taxonomies), both ways.',
  extensions: ['.json'],
  recognises: (_path, head) => looksLikeTasks(headText(head)),
  read: (file, options) => readingOf(taskEvents(file, options)),
  write: (dataset: Dataset): Writing => writeList(dataset, (entry, losses) => taskToJson(entry, dataset.schema.questions, losses)),
};

function taskEvents(file: SourceFile, options: ReadOptions): AsyncIterable<readonly ReadEvent[]> {
  const votes = new TaskVotes(options.schema?.questions);
  const prepare = (value: Json): Promise<void> | undefined => {
    const unclear = votes.questions === undefined && isObject(value) && taskOf(value).annotations.some(isEmpty);
    return unclear ? learnQuestions(votes, file, options) : undefined;
  };
  return entriesOfPieces(file, readElements(file, options), options, (value, line) => draftOf(value, line, options, votes), prepare);
}

/** One more pass over a file whose schema is not known: a skipped task does not say which questions it skips. */
async function learnQuestions(votes: TaskVotes, file: SourceFile, options: ReadOptions): Promise<void> {
  const found = new Set<string>();
  for await (const pieces of readElements(file, options)) {
    for (const piece of pieces) {
      const parsed = parsePiece(piece);
      if (typeof parsed !== 'string' && isObject(parsed.value)) for (const control of controlsIn(taskOf(parsed.value))) found.add(control);
    }
  }
  const questions = [...found].flatMap((control) => {
    try {
      return [questionId(control)];
    } catch {
      return []; // reported where it is read
    }
  });
  votes.questions = questions.length > 0 ? questions : [questionId(defaultQuestion)];
}

function draftOf(value: Json, line: number, options: ReadOptions, votes: TaskVotes): Draft | string {
  if (!isObject(value)) return `must be a task { … }, got ${Array.isArray(value) ? 'a list' : typeof value}`;
  const task = taskOf(value);
  const { [options.idField ?? 'id']: own, ...data } = task.data;
  const meta = isObject(task.meta) && Object.keys(task.meta).length > 0 && !('meta' in data) ? { meta: task.meta } : {};
  return {
    id: own ?? (options.idField !== undefined || task.data === value ? undefined : task.id),
    fields: { ...data, ...meta },
    line,
    votes: (item, report) => votes.of(task, item, report),
  };
}

export default labelStudio;
