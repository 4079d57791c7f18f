import type { Sourced } from '../items/item-source.ts';
import { chunkSize } from './labeling-task.ts';

export interface Batch {
  /** Ordinal of the first item. */
  readonly first: number;
  readonly items: readonly Sourced[];
}

const maxItems = 1024;
const maxCharacters = 4_000_000;

/** Cuts a stream of items into batches for the worker threads: by count, by size of the texts, and at the borders of chunks.
 *  The cuts depend on the items alone, so that a resumed run cuts in the same places. */
export async function* batchesOf(items: AsyncIterable<Sourced>): AsyncGenerator<Batch> {
  let first = 0;
  let batch: Sourced[] = [];
  let characters = 0;
  for await (const sourced of items) {
    batch.push(sourced);
    characters += sizeOf(sourced);
    if (batch.length < maxItems && characters < maxCharacters && (first + batch.length) % chunkSize !== 0) continue;
    yield { first, items: batch };
    first += batch.length;
    batch = [];
    characters = 0;
  }
  if (batch.length > 0) yield { first, items: batch };
}

function sizeOf({ item }: Sourced): number {
  let size = 0;
  for (const name in item.parts) {
    const part = item.parts[name];
    if (part.modality === 'text') size += part.content.length;
  }
  return size;
}
