import type { Settings } from '@labelwright/contract/projects';
import type { Run } from '@labelwright/contract/runs';
import type { LabelSummary } from '@labelwright/core/pipeline/question-summary';
import { type Selectable, sql } from 'kysely';
import type { Db } from '../context.ts';
import type { Tables } from '../database/tables.ts';
import type { LabelerStatistics } from './labelers.ts';

export type RunRow = Selectable<Tables['runs']> & { readonly person: string };
export type RunResult = Run['results'][number];
export type RanLabeler = Run['labelers'][number];

/** What screens ask of a finished run, by question: the row's `details`. */
export interface RunDetails {
  readonly questions: Readonly<Record<string, QuestionDetails>>;
  /** What people said later than this, the run does not know. */
  readonly peopleReadAt: string;
  /** What the results depend on beside labelers, items and people: other settings make a run stale. */
  readonly settings: string;
}

export interface QuestionDetails {
  /** Of the posterior, in its order. */
  readonly labels: readonly LabelSummary[];
  readonly confidence: { readonly accepted: readonly number[]; readonly waiting: readonly number[] };
  /** The labelers of `overlaps` and `conflicts` (m×m), in their order: `7`, or `person:3`. */
  readonly matrix: readonly string[];
  readonly overlaps: readonly number[];
  readonly conflicts: readonly number[];
  readonly people: readonly { readonly id: number; readonly name: string; readonly statistics: LabelerStatistics }[];
  /** Of the answers that people gave after a run and before the next, how many said what that run had said; over all runs so far. */
  readonly agreement: { readonly agreed: number; readonly n: number };
}

/** Settings of which a change makes a run stale. */
export function settingsKey({ targetError, aggregator, textFields, hiddenFields, goldField, goldLabels }: Settings): string {
  return JSON.stringify([targetError, aggregator, textFields, hiddenFields, goldField ?? null, goldLabels ?? null]);
}

export function presentRun(row: RunRow): Run {
  return {
    id: row.id,
    number: row.number,
    state: row.state,
    phase: row.phase,
    done: row.done,
    total: row.total,
    itemsPerSecond: row.items_per_second,
    person: row.person,
    createdAt: row.created_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    finishedAt: row.finished_at?.toISOString() ?? null,
    error: row.error,
    labelers: row.labelers as RanLabeler[],
    results: row.results as RunResult[],
  };
}

/** Without the details, which are large. */
const shown = [
  'runs.id',
  'runs.project_id',
  'runs.number',
  'runs.person_id',
  'runs.state',
  'runs.phase',
  'runs.done',
  'runs.total',
  'runs.items_per_second',
  'runs.labelers',
  'runs.results',
  'runs.only_labeler',
  'runs.error',
  'runs.cancel_requested',
  'runs.created_at',
  'runs.started_at',
  'runs.finished_at',
  'runs.heartbeat_at',
] as const;

function runs(db: Db) {
  return db
    .selectFrom('runs')
    .innerJoin('people', 'people.id', 'runs.person_id')
    .select([...shown, 'people.name as person', sql<object>`'{}'::jsonb`.as('details')]);
}

export function findRun(db: Db, project: number, id: number): Promise<RunRow | undefined> {
  return runs(db).where('runs.project_id', '=', project).where('runs.id', '=', id).executeTakeFirst();
}

/** Newest first. */
export function runsOf(db: Db, project: number, limit = 100): Promise<RunRow[]> {
  return runs(db).where('runs.project_id', '=', project).orderBy('runs.number', 'desc').limit(limit).execute();
}

export function runUnderWay(db: Db, project: number): Promise<RunRow | undefined> {
  return runs(db).where('runs.project_id', '=', project).where('runs.state', 'in', ['queued', 'running']).executeTakeFirst();
}

/** The run whose results a project shows. */
export async function detailsOf(db: Db, run: number): Promise<RunDetails | undefined> {
  const row = await db.selectFrom('runs').select('details').where('id', '=', run).where('state', '=', 'done').executeTakeFirst();
  return row?.details as RunDetails | undefined;
}

/** In a transaction that holds the project's lock. */
export async function addRun(db: Db, project: number, person: number, onlyLabeler: number | undefined): Promise<number> {
  const { id } = await db
    .insertInto('runs')
    .values({
      project_id: project,
      person_id: person,
      number: sql<number>`(select coalesce(max(number), 0) + 1 from runs where project_id = ${project})`,
      only_labeler: onlyLabeler ?? null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/** @returns whether it was queued or running */
export async function endRun(db: Db, id: number, state: 'failed' | 'cancelled', error: string | null): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('runs')
    .set({ state, error, finished_at: sql<Date>`now()`, phase: '' })
    .where('id', '=', id)
    .where('state', 'in', ['queued', 'running'])
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export interface RunProgress {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
  readonly itemsPerSecond: number;
}

/** @returns whether the run is still wanted */
export async function saveRunProgress(db: Db, id: number, { phase, done, total, itemsPerSecond }: RunProgress): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('runs')
    .set({ phase, done, total, items_per_second: itemsPerSecond, heartbeat_at: sql<Date>`now()` })
    .where('id', '=', id)
    .where('state', '=', 'running')
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Also a run that another process began and did not end. @returns undefined where it is over, or cancelled */
export async function beginRun(db: Db, id: number): Promise<Selectable<Tables['runs']> | undefined> {
  return db
    .updateTable('runs')
    .set({ state: 'running', started_at: sql<Date>`coalesce(started_at, now())`, heartbeat_at: sql<Date>`now()`, done: 0 })
    .where('id', '=', id)
    .where('state', 'in', ['queued', 'running'])
    .returningAll()
    .executeTakeFirst();
}

export async function setRunLabelers(db: Db, id: number, labelers: readonly RanLabeler[]): Promise<void> {
  await db
    .updateTable('runs')
    .set({ labelers: JSON.stringify(labelers) })
    .where('id', '=', id)
    .execute();
}

/** Of the answers that people gave between two times, how many said what a run had said. */
export async function agreementWith(
  db: Db,
  { project, question, run }: { readonly project: number; readonly question: string; readonly run: number },
  since: string,
  until?: string,
): Promise<{ readonly agreed: number; readonly n: number }> {
  const { rows } = await sql<{ agreed: number; n: number }>`
    select count(*)::int as n, (count(*) filter (where to_jsonb(e.answer) = a.labels))::int as agreed
    from current_answers a join estimates e on e.run_id = ${run} and e.question = ${question} and e.ordinal = a.ordinal
    where a.project_id = ${project} and a.question = ${question} and a.kind = 'answer' and e.votes > 0 and a.created_at >= ${since}::timestamptz
      ${until === undefined ? sql`` : sql`and a.created_at < ${until}::timestamptz`}`.execute(db);
  return rows[0];
}
