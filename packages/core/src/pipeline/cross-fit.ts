import { hashText } from '../math/random.ts';
import type { ItemId } from '../model/ids.ts';

/** The fold of an item, 0..folds − 1: by its id and a seed alone, so that runs, workers and machines agree without asking each other. */
export function foldOf(id: ItemId, folds: number, seed: number): number {
  return (hashText(`${seed}:${id}`) >>> 0) % folds;
}
