import type { Item } from '@labelwright/core/model/item';
import type { Json } from '@labelwright/core/model/json';
import { foldOf } from '@labelwright/core/pipeline/cross-fit';
import type { QuestionEstimate } from '@labelwright/core/pipeline/question-estimate';
import { Piscina } from 'piscina';
import type { LabelerSpec } from '../project/project.ts';
import { workerFile } from '../worker-file.ts';
import type { TrainingTask } from './training-worker.ts';

export interface Lesson {
  readonly spec: Pick<LabelerSpec, 'use' | 'with'>;
  readonly estimate: Pick<QuestionEstimate, 'labels' | 'posterior'>;
  /** Counts of votes per item: nothing is learned from an item without. */
  readonly votes: Uint16Array;
  readonly seed: number;
  /** Spreads the items evenly over the 32-bit integers, so that a sample of them is random and the same every time. */
  readonly rankOf: (ordinal: number) => number;
  readonly itemsAt: (ordinals: ReadonlySet<number>) => AsyncIterable<readonly [number, Item]>;
  readonly threads?: number;
  readonly signal?: AbortSignal;
}

const folds = 5;
const maxTrainingItems = 20_000;

/** A model per fold: fold f learns from a random sample of the voted-on items of the other folds, so that it never saw the votes of the items it will judge.
 *  Empty where there is too little to learn from. */
export async function learnModels({ spec, estimate, votes, seed, rankOf, itemsAt, threads, signal }: Lesson): Promise<Json[]> {
  const k = estimate.labels.length;
  const voted = Int32Array.from(votes.keys()).filter((item) => votes[item] > 0);
  if (voted.length < 2 * folds || k < 2) return [];
  const rows: { item: Item; ordinal: number; fold: number }[] = [];
  for await (const [ordinal, item] of itemsAt(sampleOf(voted, rankOf))) rows.push({ item, ordinal, fold: foldOf(item.id, folds, seed) });
  const pool = new Piscina<TrainingTask, Json>({
    filename: workerFile('runs/training-worker'),
    ...(threads !== undefined && { maxThreads: threads }),
  });
  try {
    const tasks = Array.from({ length: folds }, (_, fold) => {
      const others = rows.filter((row) => row.fold !== fold);
      const posterior = new Float64Array(others.length * k);
      others.forEach(({ ordinal }, row) => posterior.set(estimate.posterior.subarray(ordinal * k, (ordinal + 1) * k), row * k));
      const items = others.map(({ item }) => item);
      const task = { use: spec.use, with: spec.with, items, labels: estimate.labels, posterior, seed: seed + fold };
      return pool.run(task, signal ? { signal } : {});
    });
    return await Promise.all(tasks);
  } finally {
    await pool.destroy();
  }
}

/** Those of the lowest ranks. */
function sampleOf(voted: Int32Array, rankOf: (ordinal: number) => number): ReadonlySet<number> {
  if (voted.length <= maxTrainingItems) return new Set(voted);
  const ranks = Int32Array.from(voted, rankOf);
  const last = ranks.slice().sort()[maxTrainingItems - 1];
  const sure = voted.filter((_, at) => ranks[at] < last);
  const even = voted.filter((_, at) => ranks[at] === last);
  return new Set([...sure, ...even.slice(0, maxTrainingItems - sure.length)]);
}
