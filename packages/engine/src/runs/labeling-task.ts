import type { LabelerId } from '@labelwright/core/model/ids';
import type { Json } from '@labelwright/core/model/json';
import type { Question } from '@labelwright/core/model/schema';
import type { PackedItems } from './packed-items.ts';

/** A labeler as a worker thread receives it: plain data. */
export interface WorkerLabeler {
  readonly id: LabelerId;
  readonly use: string;
  readonly with: Json;
  readonly question: Question;
  /** One model (null for rules), or one per cross-fitting fold: an item is answered by the model of its fold, which never saw it. */
  readonly models: readonly Json[];
  /** Seed of the folds. */
  readonly seed: number;
}

/** Items `first …` of a chunk are to be answered; codes go straight into the chunk's shared memory. */
export interface LabelingTask {
  readonly items: PackedItems;
  /** Position of the first item within the chunk. */
  readonly first: number;
  readonly chunk: ChunkMemory;
}

/** m columns of `chunkSize` entries each: column c starts at c × chunkSize. */
export interface ChunkMemory {
  readonly codes: SharedArrayBuffer;
  readonly confidences: SharedArrayBuffer;
}

export interface LabelingResult {
  /** Per labeler: the label sets behind the codes of this batch, as `firstAnswer + index`. */
  readonly answers: readonly (readonly (readonly string[])[])[];
  /** Per labeler. */
  readonly hasConfidence: readonly boolean[];
  readonly seconds: readonly number[];
  readonly failures: readonly { readonly labeler: number; readonly count: number; readonly first: string; readonly item: string }[];
}

/** DESIGN §2: dense ordinals in chunks of 65,536 items. */
export const chunkSize = 65_536;
