import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Format } from '@labelwright/core/formats/format';
import { formatNamed } from '@labelwright/core/formats/detect';
import { formats } from '@labelwright/core/formats/index';
import { CoreError } from '@labelwright/core/model/errors';
import { writeFileAtomic } from '@labelwright/engine/files/write-file';
import { sql } from 'kysely';
import type { Context, Db } from '../context.ts';
import { definitionOf } from '../explaining/definition.ts';
import { explainer } from '../explaining/explainer.ts';
import { shownItem } from '../present-item.ts';
import { questionIn } from '../project-question.ts';
import { presentCertificate, validCertificate } from '../stores/audits.ts';
import type { ExportOptions, ExportResult, ExportRow } from '../stores/exports.ts';
import { findProject, type ProjectRow, settingsOf } from '../stores/projects.ts';
import { type CardLabeler, dataSetCard } from './card.ts';
import { columnsOf, entriesOf, type ExportScope, namesFor, newTally, type Why } from './dataset.ts';

/** @throws CoreError 'bad-options' */
export function writableFormat(name: string): Format & Required<Pick<Format, 'write'>> {
  const known = formats.filter(({ write }) => write);
  const format = known.find((each) => each.name === name);
  if (!format)
    throw new CoreError(
      'bad-options',
      messageOf(() => formatNamed(known, name)),
      { path: 'format' },
    );
  return format as Format & Required<Pick<Format, 'write'>>;
}

function messageOf(attempt: () => unknown): string {
  try {
    attempt();
  } catch (error) {
    if (error instanceof Error) return error.message;
  }
  return 'This format cannot be written';
}

export function exportsFolder(dataDirectory: string): string {
  return join(dataDirectory, 'exports');
}

/** Never the name that users see. */
export function exportPath(dataDirectory: string, id: number): string {
  return join(exportsFolder(dataDirectory), `${id}`);
}

/** Everything within one transaction that changes nothing: an export is of one moment, however long it takes. */
export function atOneMoment<Result>(db: Db, work: (transaction: Db) => Promise<Result>): Promise<Result> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (transaction) => {
      for (const name of ['statement_timeout', 'idle_in_transaction_session_timeout'])
        await sql`select set_config(${name}, '0', true)`.execute(transaction);
      return work(transaction);
    });
}

export function scopeOf(project: ProjectRow, format: string, options: ExportOptions): ExportScope {
  return {
    project: project.id,
    question: questionIn(project, options.question),
    run: project.current_run,
    n: project.items,
    options,
    format,
  };
}

/** The file of an export, whole or not at all: written beside its place, synced, renamed. */
export async function makeExport(context: Context, row: ExportRow, signal: AbortSignal): Promise<ExportResult> {
  const { db, files, version } = context;
  const options = row.options as ExportOptions;
  const format = writableFormat(row.format);
  const path = exportPath(files.dataDirectory, row.id);
  await mkdir(exportsFolder(files.dataDirectory), { recursive: true, mode: 0o700 });
  await removeLeftovers(files.dataDirectory, row.id);
  return atOneMoment(db, async (transaction) => {
    const project = await findProject(transaction, row.project_id);
    if (!project) throw new CoreError('not-found', 'The project is gone');
    const scope = scopeOf(project, row.format, options);
    const names = await namesFor(transaction, scope);
    const tally = newTally();
    const writing = format.write({
      schema: { questions: [scope.question] },
      entries: entriesOf(transaction, scope, names, tally, { signal, why: whyOf(context, project, scope) }),
      fields: columnsOf(names, scope),
    });
    await writeFileAtomic(path, writing.chunks);
    const { size } = await stat(path);
    const sha256 = await hashOf(path);
    const losses = writing.losses();
    const { labelers, people, expectedError } = await evidenceFor(transaction, scope);
    const certificate = await validCertificate(transaction, { project: project.id, question: scope.question.id });
    const card = dataSetCard({
      project: project.name,
      number: row.number,
      question: scope.question,
      settings: settingsOf(project),
      options,
      format: format.title,
      tally,
      labelers,
      people,
      expectedError,
      certificate: certificate && presentCertificate(certificate),
      date: row.created_at,
      sha256,
      losses,
      version,
    });
    const fileName = `${slug(project.name)}-v${row.number}${format.extensions[0]}`;
    return { fileName, items: tally.items, sizeBytes: size, sha256, losses, card };
  });
}

/** Beyond it an item goes without: an export does not wait for ever for a rule that does not say. */
const reasonsWithinMs = 4_000;

export function whyOf(context: Context, project: ProjectRow, { question }: ExportScope): Why {
  const settings = settingsOf(project);
  return (item, votes) =>
    explainer.explain(
      shownItem(item, settings),
      votes.map((vote) => definitionOf(context, question, vote)),
      reasonsWithinMs,
    );
}

/** Halves of a file that a killed process left. */
async function removeLeftovers(dataDirectory: string, id: number): Promise<void> {
  const folder = exportsFolder(dataDirectory);
  for (const name of await readdir(folder))
    if (name.startsWith(`${id}.`) && name.endsWith('.tmp')) await rm(join(folder, name), { force: true });
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

function slug(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '');
  return plain.slice(0, 80).toLowerCase() || 'labels';
}

async function evidenceFor(
  db: Db,
  { project, question, run }: ExportScope,
): Promise<{ labelers: CardLabeler[]; people: number; expectedError: number | undefined }> {
  const { rows: labelers } = await sql<CardLabeler>`
    select r.name, l.use, r.version, (l.statistics ->> 'coverage')::float8 as coverage, (l.statistics ->> 'estimatedAccuracy')::float8 as accuracy
    from runs u cross join jsonb_to_recordset(u.labelers) as r (id int, name text, version int)
    join labelers l on l.id = r.id and l.question = ${question.id} where u.id = ${run}`.execute(db);
  const { rows: counted } = await sql<{ people: number }>`
    select count(distinct person_id)::int as people from current_answers
    where project_id = ${project} and question = ${question.id} and kind = 'answer'`.execute(db);
  const { rows: results } = await sql<{ error: number | null }>`
    select (r ->> 'expectedError')::float8 as error from runs u cross join jsonb_array_elements(u.results) as r
    where u.id = ${run} and r ->> 'question' = ${question.id}`.execute(db);
  return { labelers, people: counted[0].people, expectedError: results[0]?.error ?? undefined };
}
