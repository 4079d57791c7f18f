import { serveThread } from './in-thread.ts';
import { runProject, type RunReport } from './run-project.ts';
import { openThreadDatabase, type Whereabouts } from './thread-database.ts';

export interface RunTaskData {
  readonly where: Whereabouts;
  readonly run: number;
  /** Of Labelwright: another one may answer otherwise. */
  readonly version: string;
}

await serveThread<RunTaskData, RunReport, void>(async ({ data, signal, report }) => {
  const database = openThreadDatabase(data.where, 'labelwright run');
  try {
    await runProject(database, data, { signal, report });
  } finally {
    await database.close();
  }
});
