import type { Context } from '../context.ts';
import { hasSearchIndex } from '../stores/search-index.ts';
import { whereaboutsOf } from '../threads/thread-database.ts';
import { runThread } from '../threads/thread.ts';

/** After an import that did without it, or one that was killed. What goes wrong is in the log: searches find the same without it. */
export async function restoreSearchIndex({ pool, connection, log }: Context, signal: AbortSignal): Promise<void> {
  try {
    if (await hasSearchIndex(pool)) return;
    await runThread('threads/search-index-thread', { where: whereaboutsOf(connection) }, { signal });
  } catch (error) {
    if (!signal.aborted) log.warn({ err: error }, 'the search index is not there: searches look through the items');
  }
}
