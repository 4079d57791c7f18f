import { ensureSearchIndex } from '../stores/search-index.ts';
import { serveThread } from './in-thread.ts';
import { openThreadDatabase, type Whereabouts } from './thread-database.ts';

await serveThread<{ readonly where: Whereabouts }, never, void>(async ({ data, signal }) => {
  // What is half built is built anew at the next start.
  signal.addEventListener('abort', () => process.exit());
  const database = openThreadDatabase(data.where, 'labelwright search index');
  try {
    await ensureSearchIndex(database.pool);
  } finally {
    await database.close();
  }
});
