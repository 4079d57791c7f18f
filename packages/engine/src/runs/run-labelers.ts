import { availableParallelism } from 'node:os';
import { CoreError } from '@labelwright/core/model/errors';
import { Piscina } from 'piscina';
import type { Sourced } from '../items/item-source.ts';
import { workerFile } from '../worker-file.ts';
import { AnswerLog } from './answer-log.ts';
import { type Batch, batchesOf } from './batches.ts';
import { packItems } from './packed-items.ts';
import { ColumnStore, type FinishedChunk, type StoredLabeler } from './column-store.ts';
import { chunkSize, type LabelingResult, type LabelingTask } from './labeling-task.ts';

export interface RunOptions {
  readonly threads?: number;
  readonly signal?: AbortSignal;
  /** Called after each batch with the number of items answered so far. */
  readonly onProgress?: (done: number) => void;
  /** Keeps finished batches in this file and goes on from it; `fingerprint` says what the answers depend on. */
  readonly log?: { readonly path: string; readonly fingerprint: string };
  /** Takes each chunk when it is whole, to keep it elsewhere: the store that is returned then has no columns. In any order; what is handed
   *  out was answered even where the run is stopped later. */
  readonly onChunk?: (chunk: FinishedChunk) => Promise<void>;
}

/** Lets labelers answer a stream of items in worker threads. The answers depend on the items alone: not on the number of threads, not on which
 *  batch is done first. At most two batches per thread are in memory.
 *  @throws CoreError 'stopped' when the signal aborts: batches under way are finished and kept in the log */
export async function runLabelers(
  labelers: readonly StoredLabeler[],
  items: AsyncIterable<Sourced>,
  options: RunOptions = {},
): Promise<{ store: ColumnStore; count: number }> {
  const threads = options.threads ?? availableParallelism();
  const store = new ColumnStore(labelers);
  const opened = options.log && (await AnswerLog.open(options.log.path, options.log.fingerprint, labelers.length, store));
  const pool = new Piscina<LabelingTask, LabelingResult>({
    filename: workerFile('runs/labeling-worker'),
    workerData: { labelers },
    minThreads: threads,
    maxThreads: threads,
  });
  const running = new Set<Promise<void>>();
  let count = 0;
  let answered = 0;
  let broken: unknown;
  const chunks = new Map<number, { running: number; items: number; isWhole: boolean }>();
  const deliver = async (index: number): Promise<void> => {
    const chunk = chunks.get(index);
    if (!chunk?.isWhole || chunk.running > 0) return;
    chunks.delete(index);
    await options.onChunk?.(store.take(index, chunk.items));
  };
  const answer = async ({ first, items }: Batch): Promise<void> => {
    if (opened?.done.get(first) !== items.length) {
      const task = { items: packItems(items.map(({ item }) => item)), first: first % chunkSize, chunk: store.chunkOf(first) };
      const result = await pool.run(task);
      const logged = opened?.log.append(result, first, items.length, store);
      store.accept(result, first, items.length);
      await logged;
    }
    answered += items.length;
    options.onProgress?.(answered);
    const index = Math.floor(first / chunkSize);
    const chunk = chunks.get(index);
    if (!chunk) return;
    chunk.running -= 1;
    await deliver(index);
  };
  try {
    for await (const batch of batchesOf(items)) {
      count += batch.items.length;
      if (options.onChunk) {
        const index = Math.floor(batch.first / chunkSize);
        const chunk = chunks.get(index) ?? { running: 0, items: 0, isWhole: false };
        chunk.running += 1;
        chunk.items += batch.items.length;
        chunk.isWhole = chunk.items === chunkSize;
        chunks.set(index, chunk);
      }
      const work = answer(batch)
        .catch((error) => {
          broken ??= error;
        })
        .finally(() => running.delete(work));
      running.add(work);
      if (running.size >= threads * 2) await Promise.race(running);
      if (broken !== undefined || options.signal?.aborted) break;
    }
    await Promise.all(running);
    if (broken !== undefined) throw broken;
    if (!options.signal?.aborted) {
      for (const [index, chunk] of chunks) {
        chunk.isWhole = true;
        await deliver(index);
      }
    }
    if (options.signal?.aborted)
      throw new CoreError('stopped', `stopped after ${answered.toLocaleString('en')} items; go on with --resume`);
    return { store, count };
  } finally {
    await Promise.all(running);
    await opened?.log.close();
    await pool.destroy();
  }
}
