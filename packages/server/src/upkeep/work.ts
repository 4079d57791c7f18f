import { copyFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CoreError } from '@labelwright/core/model/errors';
import { createExport, type CreateExport } from '../actions/create-export.ts';
import { createImport } from '../actions/create-import.ts';
import { startImport, type StartImport } from '../actions/start-import.ts';
import { startRun } from '../actions/start-run.ts';
import type { Context, Member } from '../context.ts';
import { startEvents } from '../events.ts';
import { exportPath } from '../exporting/make-export.ts';
import { jobHandlers } from '../jobs/job-handlers.ts';
import { startJobs } from '../jobs/start-jobs.ts';
import { makeLog } from '../log.ts';
import { makeEntrance } from '../security/entrance.ts';
import { loadSecret } from '../security/secret.ts';
import { type ExportRow, findExport } from '../stores/exports.ts';
import { changeImport, findImport, type ImportRow, optionsOf } from '../stores/imports.ts';
import { ensureSingleUser } from '../stores/people.ts';
import { findRun, type RunRow } from '../stores/runs.ts';
import { uploadPath } from '../uploads.ts';
import { type DataPlace, openData, ownVersion } from './open-data.ts';

/** What a command does to a project, beside a server that runs or without one: as whoever administers it. */
export interface Work {
  readonly context: Context;
  readonly caller: Member;
  readonly project: number;
  /** Where it took over the jobs of a server that is not there. */
  close(): Promise<void>;
}

/** @param named a project's name or number; without one, the only one  @throws CoreError 'no-project' naming those there are */
export async function openWork(place: DataPlace, named: string | undefined): Promise<Work> {
  const database = await openData(place);
  const log = makeLog({ level: 'silent' });
  const ending: (() => Promise<void>)[] = [() => database.close()];
  const close = async () => {
    for (const end of ending.splice(0).reverse()) await end().catch(() => undefined);
  };
  try {
    const { db, pool, connection } = database;
    const events = await startEvents(connection, log);
    ending.push(() => events.stop());
    const clock = Date.now;
    const secret = await loadSecret(place.dataDirectory);
    const entrance = makeEntrance({ isLoopback: true, accounts: false, secret, clock });
    const context: Context = {
      db,
      pool,
      connection,
      files: { dataDirectory: place.dataDirectory },
      events,
      entrance,
      log,
      version: await ownVersion(),
      clock,
    };
    await ensureSingleUser(db);
    const project = await projectNamed(context, named);
    const person = await db
      .selectFrom('people')
      .select(['id', 'name', 'email', 'admin'])
      .where('admin', '=', true)
      .where('disabled_at', 'is', null)
      .orderBy('id')
      .executeTakeFirstOrThrow();
    const jobs = await startJobs(context, { handlers: jobHandlers, concurrency: 1, isAlone: false });
    ending.push(() => jobs.stop());
    return { context, caller: { person, role: 'owner', by: { kind: 'single-user', csrf: '' } }, project, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function projectNamed({ db }: Context, named: string | undefined): Promise<number> {
  const all = await db.selectFrom('projects').select(['id', 'name']).where('archived_at', 'is', null).orderBy('id').execute();
  const found = named === undefined ? all : all.filter(({ id, name }) => name === named || String(id) === named);
  if (found.length === 1) return found[0].id;
  const list = all.map(({ id, name }) => `${id} (${name})`).join(', ') || 'none';
  const what =
    named === undefined
      ? 'say which project by --project'
      : found.length > 1
        ? `several projects are called '${named}'`
        : `there is no project '${named}'`;
  throw new CoreError('no-project', `${what}; there are: ${list}`);
}

const pollMs = 200;

async function ended<Row extends { readonly state: string }>(
  read: () => Promise<Row | undefined>,
  onRow: (row: Row) => void,
): Promise<Row> {
  for (;;) {
    const row = await read();
    if (!row) throw new CoreError('not-found', 'It is gone');
    onRow(row);
    if (row.state !== 'queued' && row.state !== 'running') return row;
    await sleep(pollMs);
  }
}

/** Reads a file into the project. @throws CoreError 'no-file', 'import-failed' */
export async function importInto(
  { context, caller, project }: Work,
  path: string,
  given: StartImport,
  onRow: (row: ImportRow) => void,
): Promise<ImportRow> {
  const { db, files } = context;
  const { size } = await stat(path).catch(() => {
    throw new CoreError('no-file', `${path}: there is no such file`);
  });
  const { id, options } = await createImport(context, caller, project, { fileName: basename(path), sizeBytes: size });
  await copyFile(path, uploadPath(files.dataDirectory, optionsOf({ options }).file ?? ''));
  await changeImport(db, id, { state: 'uploaded', received_bytes: size });
  await startImport(context, caller, project, id, given);
  const row = await ended(() => findImport(db, project, id), onRow);
  if (row.state !== 'done') throw new CoreError('import-failed', `${path}: ${row.error ?? 'the import was cancelled'}`);
  return row;
}

/** @throws CoreError 'run-failed' */
export async function runProject({ context, caller, project }: Work, onRow: (row: RunRow) => void): Promise<RunRow> {
  const { id } = await startRun(context, caller, project);
  const row = await ended(() => findRun(context.db, project, id), onRow);
  if (row.state !== 'done') throw new CoreError('run-failed', `the run failed: ${row.error ?? 'it was cancelled'}`);
  return row;
}

/** A new version, copied to a place of the user's. @throws CoreError 'export-failed' */
export async function exportTo({ context, caller, project }: Work, out: string, given: CreateExport): Promise<ExportRow> {
  const { id } = await createExport(context, caller, project, given);
  const row = await ended(
    () => findExport(context.db, project, id),
    () => undefined,
  );
  if (row.state !== 'done') throw new CoreError('export-failed', `the export failed: ${row.error ?? ''}`);
  await copyFile(exportPath(context.files.dataDirectory, id), out);
  return row;
}
