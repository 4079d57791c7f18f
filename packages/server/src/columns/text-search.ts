import { CoreError } from '@labelwright/core/model/errors';
import type { Context } from '../context.ts';
import { LiveThread } from '../threads/live-thread.ts';
import type { Wanted } from '../threads/text-columns.ts';
import { whereaboutsOf } from '../threads/thread-database.ts';

/** One thread per server process: it keeps the texts that people search, for as long as they do. */
const threads = new WeakMap<Context['pool'], LiveThread>();
/** Projects and fields with more text than it keeps. */
const tooLarge = new WeakMap<Context['pool'], Set<string>>();

/** Fewer items the database looks through as fast. */
const fewItems = 20_000;
const searchMs = 60_000;

/** Parts of words, in texts kept in memory: the database, which has to unpack each item first, takes ten times as long.
 *  @returns as `matchingOrdinals`; undefined where the database is to look */
export async function searchTexts(context: Context, wanted: Wanted): Promise<Buffer | undefined> {
  const { pool, connection, log } = context;
  const key = JSON.stringify([wanted.project, wanted.field]);
  if (wanted.text === '' || wanted.n < fewItems || tooLarge.get(pool)?.has(key)) return undefined;
  const thread = threads.get(pool) ?? new LiveThread('threads/text-thread', { where: whereaboutsOf(connection) });
  threads.set(pool, thread);
  try {
    return Buffer.from(await thread.ask<Uint8Array>('search', wanted, { timeoutMs: searchMs }));
  } catch (error) {
    if (error instanceof CoreError && ['too-large', 'too-slow', 'out-of-memory'].includes(error.code)) {
      const large = tooLarge.get(pool) ?? new Set<string>();
      tooLarge.set(pool, large.add(key));
    }
    log.warn({ err: error }, 'texts are not kept in memory: the database looks through them');
    return undefined;
  }
}
