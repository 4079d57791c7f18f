import { Sample } from '@labelwright/core/labelers/labeler';
import { createRandom } from '@labelwright/core/math/random';
import { checkOptions } from '@labelwright/core/model/about';
import type { LabelId } from '@labelwright/core/model/ids';
import type { Item } from '@labelwright/core/model/item';
import type { Json } from '@labelwright/core/model/json';
import { labelers as techniques } from '../labelers.ts';

export interface TrainingTask {
  readonly use: string;
  readonly with: Json;
  readonly items: readonly Item[];
  readonly labels: readonly LabelId[];
  /** n×k, rows sum to 1. */
  readonly posterior: Float64Array;
  readonly seed: number;
}

/** Runs in a worker thread: learning takes seconds. */
export default function learn(task: TrainingTask): Json {
  const technique = techniques.find(({ name }) => name === task.use);
  if (!technique?.learn) throw new Error(`'${task.use}' does not learn`);
  const samples = task.items.map((item) => new Sample(item));
  const options: unknown = checkOptions(technique, task.with);
  return technique.learn({ samples, labels: task.labels, posterior: task.posterior }, options, createRandom(task.seed)) as Json;
}
