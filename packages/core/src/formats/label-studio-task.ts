import type { Json, JsonObject } from '../model/json.ts';
import { type ChoiceQuestion, isTree } from '../model/schema.ts';
import type { LabelId } from '../model/ids.ts';
import { ElementSplitter } from './json-elements.ts';
import type { JsonPiece } from './json-lines.ts';
import { parsePiece } from './json-records.ts';
import { isObject } from './json-values.ts';

/** The parts of a Label Studio task that mean something here. https://labelstud.io/guide/task_format.html */
export interface Task extends JsonObject {
  readonly data: JsonObject;
  readonly annotations: readonly JsonObject[];
  readonly predictions: readonly JsonObject[];
}

/** A task in full, or (as Label Studio imports them) its data alone. `completions` is what annotations were called before 1.0. */
export function taskOf(value: JsonObject): Task {
  if (!isObject(value.data)) return { data: value, annotations: [], predictions: [] };
  return {
    ...value,
    data: value.data,
    annotations: objectsIn(value.annotations ?? value.completions),
    predictions: objectsIn(value.predictions),
  };
}

const taskKeys =
  /^(id|data|meta|annotations|predictions|completions|drafts|project|overlap|inner_id|file_upload|is_labeled|allow_skip|.*_(at|by|count|annotations|predictions|authors))$/;

/** By the first task of a JSON list: it has data and answers, or data and nothing that Label Studio does not know. */
export function looksLikeTasks(head: string): boolean {
  const answers = /"(annotations|predictions|completions)"\s*:\s*\[/;
  const first = firstElement(head);
  if (first === undefined) return head.startsWith('[') && answers.test(head) && /"data"\s*:\s*\{/.test(head);
  if (!isObject(first) || !isObject(first.data)) return false;
  return (
    ['annotations', 'predictions', 'completions'].some((key) => Array.isArray(first[key])) ||
    Object.keys(first).every((key) => taskKeys.test(key))
  );
}

/** Undefined where it is cut off. */
function firstElement(head: string): Json | undefined {
  const pieces: JsonPiece[] = [];
  try {
    new ElementSplitter().push(head, pieces);
  } catch {
    return undefined;
  }
  const [first] = pieces;
  const parsed = first && parsePiece(first);
  return parsed === undefined || typeof parsed === 'string' ? undefined : parsed.value;
}

export function objectsIn(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** What Label Studio calls a label: its names from the root of the tree to it. A label that is called `animal/dog` and stands under `animal`
 *  is `dog` there. */
export function pathOf(question: ChoiceQuestion | undefined, label: LabelId): readonly string[] {
  const known = question?.labels.find((candidate) => candidate.id === label);
  if (known?.parent === undefined) return [label];
  const own = label.startsWith(`${known.parent}${separator}`) ? label.slice(known.parent.length + separator.length) : label;
  return [...pathOf(question, known.parent), own];
}

const separator = '/';

/** The label of a path: the one that has it in the question; where that is not known, the path in one text. */
export function labelNamesOf(question: ChoiceQuestion | undefined): (path: readonly string[]) => string {
  const known = new Map((question?.labels ?? []).map((label) => [JSON.stringify(pathOf(question, label.id)), label.id as string]));
  return (path) => known.get(JSON.stringify(path)) ?? path.join(separator);
}

/** Which of the two controls of Label Studio asks such a question. */
export function controlOf(question: ChoiceQuestion | undefined): 'choices' | 'taxonomy' {
  return question && isTree(question) ? 'taxonomy' : 'choices';
}

export const personPrefix = 'person:';
/** Who answered an annotation that names nobody. */
export const unknownPerson = 'person:unknown';
/** The labeler of annotations that are marked as ground truth. */
export const goldLabeler = 'gold';
/** The labeler of predictions that name no model. */
export const unknownModel = 'prediction';
