import type { Json, JsonObject } from '../model/json.ts';
import { type ChoiceQuestion, isTree } from '../model/schema.ts';
import type { LabelId } from '../model/ids.ts';
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

/** By the first bytes of a JSON list. */
export function looksLikeTasks(head: string): boolean {
  return /^\[\s*\{/.test(head) && /"(annotations|predictions|completions)"\s*:\s*\[|"data"\s*:\s*\{/.test(head);
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
