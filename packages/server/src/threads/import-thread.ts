import { sql } from 'kysely';
import { tidySearch } from '../stores/imported-items.ts';
import { importFile, type ImportReport } from './import-file.ts';
import { serveThread } from './in-thread.ts';
import { openThreadDatabase, type Whereabouts } from './thread-database.ts';

export interface ImportTaskData {
  readonly where: Whereabouts;
  readonly path: string;
  readonly import: number;
}

/** From so many new items on, the statistics of the query planner do not fit any more. */
const manyItems = 5000;

await serveThread<ImportTaskData, ImportReport, void>(async ({ data, signal, report }) => {
  const database = openThreadDatabase(data.where, 'labelwright import');
  try {
    const row = await importFile(database, data.path, data.import, { signal, report });
    report({ share: row.share, state: row.state });
    await tidySearch(database.db);
    if (row.items >= manyItems) await sql`analyze items`.execute(database.db);
  } finally {
    await database.close();
  }
});
