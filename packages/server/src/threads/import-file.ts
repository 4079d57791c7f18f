import { setTimeout as sleep } from 'node:timers/promises';
import type { Entry } from '@labelwright/core/formats/format';
import { CoreError } from '@labelwright/core/model/errors';
import type { Json } from '@labelwright/core/model/json';
import type { Problem } from '@labelwright/core/model/problem';
import type { Schema } from '@labelwright/core/model/schema';
import type { ClientBase } from 'pg';
import type { Db } from '../context.ts';
import { appendItems, positionPrefixOf, tidySearch, tryLockItems } from '../stores/imported-items.ts';
import { addImportedVotes, ImportedLabelers } from '../stores/imported-votes.ts';
import { changeImport, type ImportRow, keptProblems, optionsOf } from '../stores/imports.ts';
import { dropSearchIndex, isBetterBuiltLater } from '../stores/search-index.ts';
import { checkedSchema } from '../project-checks.ts';
import { findProject } from '../stores/projects.ts';
import { type OpenedUpload, openUpload, sha256Of } from './open-upload.ts';
import type { ThreadCall } from './in-thread.ts';
import type { ThreadDatabase } from './thread-database.ts';

export interface ImportReport {
  readonly share: number;
  readonly state: ImportRow['state'];
}

/** The row says that the import is cancelled, or that somebody else is at it. */
class Cancelled extends Error {}

const batchItems = 1000;
const batchCharacters = 4_000_000;
const reportMs = 250;
/** Beyond them, searching what is not in its index takes seconds. */
const tidiedItems = 200_000;

/** Reads an upload into its project, batch by batch; how far it came is stored in the transaction of each batch, so that a killed import goes
 *  on there. With `all-or-nothing` the file is read twice: if it has no problem, it is stored in one transaction.
 *  @returns the row at its end: done, failed or cancelled  @throws what is nobody's fault, to be tried again */
export async function importFile(
  database: ThreadDatabase,
  path: string,
  id: number,
  call: Pick<ThreadCall<unknown, ImportReport>, 'signal' | 'report'>,
): Promise<ImportRow> {
  const { db } = database;
  const row = await presentRow(db, id);
  if (row.state !== 'queued' && row.state !== 'running') return row;
  try {
    const job = await prepare(db, row, path);
    if (await isBetterBuiltLater(db, row.size_bytes)) await dropSearchIndex(database.pool);
    const reader = new Reader(database, job, call);
    if (optionsOf(row).onProblem === 'all-or-nothing') await storeWhole(reader);
    else await storeInBatches(reader);
    return (await changeImport(db, id, { state: 'done', share: 1, error: null }, ['running'])) ?? (await presentRow(db, id));
  } catch (error) {
    if (error instanceof Cancelled) return presentRow(db, id);
    if (error instanceof CoreError) return await fail(db, row, error.message);
    throw error;
  }
}

export async function fail(db: Db, { id }: Pick<ImportRow, 'id'>, error: string): Promise<ImportRow> {
  const failed = await changeImport(db, id, { state: 'failed', error }, ['queued', 'running']);
  return failed ?? presentRow(db, id);
}

function presentRow(db: Db, id: number): Promise<ImportRow> {
  return db.selectFrom('imports').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
}

interface ImportTask {
  readonly row: ImportRow;
  readonly upload: OpenedUpload;
  readonly schema: Schema;
  readonly positionPrefix: string;
}

async function prepare(db: Db, row: ImportRow, path: string): Promise<ImportTask> {
  const given = optionsOf(row);
  const project = await findProject(db, row.project_id);
  if (!project) throw new CoreError('not-found', 'The project is gone');
  const upload = await openUpload(path, row.file_name, given.format);
  const sha256 = given.sha256 ?? (await sha256Of(path));
  const positionPrefix = given.positionPrefix ?? (await positionPrefixOf(db, row.project_id, row.id, sha256));
  const started = await changeImport(db, row.id, { state: 'running', options: { ...given, sha256, positionPrefix } }, [
    'queued',
    'running',
  ]);
  if (!started) throw new Cancelled();
  return { row: started, upload, schema: checkedSchema(project.schema), positionPrefix };
}

/** A part of the file: entries, and what was wrong on the way. `records` counts both, from the start of the file. */
interface Batch {
  readonly entries: readonly Entry[];
  readonly problems: readonly Problem[];
  readonly problemCount: number;
  readonly records: number;
  readonly fatal: Problem | undefined;
}

class Reader {
  readonly database: ThreadDatabase;
  readonly job: ImportTask;
  private readonly call: Pick<ThreadCall<unknown, ImportReport>, 'signal' | 'report'>;
  private reported = 0;

  constructor(database: ThreadDatabase, job: ImportTask, call: Pick<ThreadCall<unknown, ImportReport>, 'signal' | 'report'>) {
    this.database = database;
    this.job = job;
    this.call = call;
  }

  get share(): number {
    const { source } = this.job.upload;
    return source.size === 0 ? 1 : Math.min(1, source.bytesRead() / source.size);
  }

  /** At most four times a second. */
  report(share: number): void {
    if (performance.now() - this.reported < reportMs) return;
    this.reported = performance.now();
    this.call.report({ share, state: 'running' });
  }

  checkWanted(): void {
    this.call.signal.throwIfAborted();
  }

  /** From record `from` on. */
  async *batches(from: number): AsyncGenerator<Batch> {
    const { upload, row, schema, positionPrefix } = this.job;
    const { idField, encoding } = optionsOf(row);
    const options = { schema, positionPrefix, ...(idField !== undefined && { idField }), ...(encoding !== undefined && { encoding }) };
    let records = 0;
    let entries: Entry[] = [];
    let problems: Problem[] = [];
    let problemCount = 0;
    let characters = 0;
    let fatal: Problem | undefined;
    const note = (problem: Problem): void => {
      problemCount += 1;
      if (problems.length < keptProblems) problems.push(problem);
    };
    const cut = (): Batch => {
      const batch = { entries, problems, problemCount, records, fatal };
      entries = [];
      problems = [];
      problemCount = 0;
      characters = 0;
      return batch;
    };
    for await (const event of upload.format.read(upload.source, options)) {
      records += 1;
      if (records <= from) continue;
      if (event.kind === 'problem') {
        note(event.problem);
        if (event.problem.fatal) fatal = event.problem;
      } else {
        const entry = storable(event.entry, row.file_name, note);
        entries.push(entry);
        characters += sizeOf(entry);
      }
      if (entries.length >= batchItems || characters >= batchCharacters || problemCount >= batchItems * 10) yield cut();
    }
    yield cut();
  }
}

/** Halves of surrogate pairs, which PostgreSQL refuses, become U+FFFD, as NULs have already. */
function storable(entry: Entry, file: string, note: (problem: Problem) => void): Entry {
  if (!/\\ud[89a-f]/.test(JSON.stringify(entry.fields))) return entry;
  let key: string | undefined;
  const mended = (value: Json, name: string): Json => {
    if (typeof value === 'string') {
      const whole = value.replace(/\p{Surrogate}/gu, '\ufffd');
      if (whole !== value) key ??= name;
      return whole;
    }
    if (Array.isArray(value)) return value.map((inner: Json) => mended(inner, name));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([inner, held]) => [mended(inner, name) as string, mended(held, name)]));
  };
  const fields = Object.fromEntries(
    Object.entries(entry.fields).map(([name, value]) => [mended(name, name) as string, mended(value, name)]),
  );
  if (key === undefined) return entry;
  const place = { file, ...(entry.line !== undefined && { line: entry.line }), key };
  note({ ...place, message: 'holds halves of characters (lone surrogates): they are replaced by U+FFFD' });
  return { ...entry, fields };
}

function sizeOf({ fields }: Entry): number {
  let size = 0;
  for (const name in fields) {
    const value = fields[name];
    size += typeof value === 'string' ? value.length : 20;
  }
  return size;
}

/** What is stored so far, as the row says. */
interface Progress {
  readonly records: number;
  readonly items: number;
  readonly duplicates: number;
  readonly problems: number;
  readonly first_problems: readonly Problem[];
}

async function storeInBatches(reader: Reader): Promise<void> {
  const { row } = reader.job;
  let progress: Progress = { ...row, first_problems: row.first_problems as Problem[] };
  let fatal: Problem | undefined;
  const tidied = new Tidying(reader.database.db);
  // The next batch is read while the one before is being stored.
  let storing: Promise<Progress> = Promise.resolve(progress);
  try {
    for await (const batch of reader.batches(row.records)) {
      fatal ??= batch.fatal;
      progress = await storing;
      reader.checkWanted();
      storing = storeBatch(reader, batch, progress);
      storing.catch(() => undefined);
      tidied.after(batch.entries.length);
    }
  } finally {
    await storing.catch(() => undefined);
    await tidied.end();
  }
  progress = await storing;
  checkEnd(progress, fatal);
}

/** The search index, now and then, while the import goes on. */
class Tidying {
  private readonly db: Db;
  private items = 0;
  private running: Promise<void> | undefined;

  constructor(db: Db) {
    this.db = db;
  }

  after(items: number): void {
    this.items += items;
    if (this.items < tidiedItems || this.running) return;
    this.items = 0;
    this.running = tidySearch(this.db)
      .catch(() => undefined)
      .finally(() => {
        this.running = undefined;
      });
  }

  async end(): Promise<void> {
    await this.running;
  }
}

async function storeBatch(reader: Reader, batch: Batch, before: Progress): Promise<Progress> {
  const { share } = reader;
  const after = await inTransaction(reader, async (client) => {
    const progress = await append(reader, client, batch, before);
    await saveProgress(client, reader.job.row.id, before.records, progress, share);
    return progress;
  });
  reader.report(share);
  return after;
}

/** A file with a fault is as if it had never come. */
async function storeWhole(reader: Reader): Promise<void> {
  const { row } = reader.job;
  const none: Progress = { records: 0, items: 0, duplicates: 0, problems: 0, first_problems: [] };
  let checked = none;
  let fatal: Problem | undefined;
  for await (const batch of reader.batches(0)) {
    reader.checkWanted();
    fatal ??= batch.fatal;
    checked = withProblems(checked, batch);
    await showProgress(reader, reader.share / 2, { problems: checked.problems, first_problems: checked.first_problems });
  }
  if (checked.problems > 0) {
    await changeImport(reader.database.db, row.id, { problems: checked.problems, first_problems: checked.first_problems }, ['running']);
    const count = `${checked.problems.toLocaleString('en')} problem${checked.problems === 1 ? '' : 's'}`;
    throw new CoreError(
      'bad-file',
      fatal ? `The file cannot be read to its end: ${fatal.message}` : `The file has ${count}, so nothing of it was stored`,
    );
  }
  await inTransaction(reader, async (client) => {
    let progress = none;
    for await (const batch of reader.batches(0)) {
      reader.checkWanted();
      progress = await append(reader, client, batch, progress);
      await showProgress(reader, 0.5 + reader.share / 2, {});
    }
    checkEnd(progress, undefined);
    await saveProgress(client, row.id, row.records, progress, 1);
  });
}

/** Outside of the transaction that stores. @throws Cancelled */
async function showProgress(reader: Reader, share: number, change: Pick<Partial<Progress>, 'problems' | 'first_problems'>): Promise<void> {
  const shown = await changeImport(reader.database.db, reader.job.row.id, { share, ...change }, ['running']);
  if (!shown) throw new Cancelled();
  reader.report(share);
}

async function append(reader: Reader, client: ClientBase, batch: Batch, before: Progress): Promise<Progress> {
  const { row, schema } = reader.job;
  const { ordinals, added } = await appendItems(client, row.project_id, row.id, batch.entries);
  const labelers = new ImportedLabelers(client, row.project_id, schema, row.file_name);
  const problems = await addImportedVotes(client, labelers, batch.entries, ordinals);
  const counted = withProblems(before, {
    ...batch,
    problems: [...batch.problems, ...problems],
    problemCount: batch.problemCount + problems.length,
  });
  return { ...counted, items: before.items + added, duplicates: before.duplicates + batch.entries.length - added };
}

function withProblems(
  before: Progress,
  { problems, problemCount, records }: Pick<Batch, 'problems' | 'problemCount' | 'records'>,
): Progress {
  const first_problems = [...before.first_problems, ...problems].slice(0, keptProblems);
  return { ...before, records, problems: before.problems + problemCount, first_problems };
}

/** In the transaction of what it counts. @param before records that were dealt with: others, where another process has taken over  @throws Cancelled */
async function saveProgress(client: ClientBase, id: number, before: number, progress: Progress, share: number): Promise<void> {
  const { records, items, duplicates, problems, first_problems } = progress;
  const { rowCount } = await client.query(
    `update imports set records = $2, items = $3, duplicates = $4, problems = $5, first_problems = $6, share = $7, heartbeat_at = now()
     where id = $1 and state = 'running' and records = $8`,
    [id, records, items, duplicates, problems, JSON.stringify(first_problems), share, before],
  );
  if (rowCount === 0) throw new Cancelled();
}

async function inTransaction<Result>(reader: Reader, work: (client: ClientBase) => Promise<Result>): Promise<Result> {
  const client = await reader.database.pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    while (!(await tryLockItems(client, reader.job.row.project_id))) {
      reader.checkWanted();
      await sleep(100);
    }
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((fault: Error) => {
      broken = fault;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/** @throws CoreError 'bad-file' for a file that ends before its end, or of which nothing could be used */
function checkEnd({ items, duplicates, problems, first_problems }: Progress, fatal: Problem | undefined): void {
  if (fatal) {
    const stored = items > 0 ? `; the ${items.toLocaleString('en')} items before that are stored` : '';
    throw new CoreError('bad-file', `The file cannot be read to its end: ${fatal.message}${stored}`);
  }
  if (items + duplicates > 0) return;
  const reason = problems > 0 ? `its first problem: ${first_problems[0].message}` : 'it holds none';
  throw new CoreError('bad-file', `No item could be read from the file: ${reason}`);
}
