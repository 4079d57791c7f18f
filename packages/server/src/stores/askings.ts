import type { AskingRun } from '@labelwright/contract/llm';
import type { Event } from '@labelwright/contract/system';
import { type Selectable, sql } from 'kysely';
import type { Db } from '../context.ts';
import type { Tables } from '../database/tables.ts';
import { storable } from './llm-ledger.ts';

type Row = Selectable<Tables['askings']>;
export type AskingRow = Row & { readonly name: string; readonly person: string };

export function presentAsking(row: AskingRow): AskingRun {
  return {
    id: row.id,
    labeler: { id: row.labeler_id, name: row.name, version: row.version },
    state: row.state,
    reason: row.reason,
    done: row.done,
    total: row.total,
    cached: row.cached,
    failures: Object.entries(row.failures)
      .map(([reason, count]) => ({ reason, count }))
      .sort((a, b) => b.count - a.count),
    usd: row.settled_usd + row.open_usd,
    budgetUsd: row.budget_usd,
    itemsPerSecond: row.items_per_second,
    person: row.person,
    createdAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
  };
}

export function askingEvent({ id, state, done, total, settled_usd, open_usd }: Row): Event {
  return { kind: 'asking', asking: id, state, done, total, usd: settled_usd + open_usd };
}

function askings(db: Db) {
  return db
    .selectFrom('askings as a')
    .innerJoin('labelers as l', 'l.id', 'a.labeler_id')
    .innerJoin('people as p', 'p.id', 'a.person_id')
    .selectAll('a')
    .select(['l.name', 'p.name as person']);
}

export function findAsking(db: Db, project: number, id: number): Promise<AskingRow | undefined> {
  return askings(db).where('a.project_id', '=', project).where('a.id', '=', id).executeTakeFirst();
}

/** Newest first. */
export function askingsOf(db: Db, project: number, limit = 100): Promise<AskingRow[]> {
  return askings(db).where('a.project_id', '=', project).orderBy('a.id', 'desc').limit(limit).execute();
}

/** Begun and neither over nor cancelled. */
export function askingUnderWay(db: Db, labeler: number): Promise<Row | undefined> {
  return db
    .selectFrom('askings')
    .selectAll()
    .where('labeler_id', '=', labeler)
    .where('state', 'in', ['queued', 'running', 'paused'])
    .executeTakeFirst();
}

export interface NewAsking {
  readonly project: number;
  readonly labeler: number;
  readonly version: number;
  readonly person: number;
  readonly budgetUsd: number | null;
  readonly limit: number | undefined;
  readonly thenRun: boolean;
  readonly total: number;
}

export async function addAsking(db: Db, given: NewAsking): Promise<number> {
  const { id } = await db
    .insertInto('askings')
    .values({
      project_id: given.project,
      labeler_id: given.labeler,
      version: given.version,
      person_id: given.person,
      budget_usd: given.budgetUsd,
      item_limit: given.limit ?? null,
      then_run: given.thenRun,
      total: given.total,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/** For the job: undefined where it is not to run (any more). */
export function beginAsking(db: Db, id: number): Promise<Row | undefined> {
  return db
    .updateTable('askings')
    .set({ state: 'running', reason: null, heartbeat_at: sql<Date>`now()` })
    .where('id', '=', id)
    .where('state', 'in', ['queued', 'running'])
    .returningAll()
    .executeTakeFirst();
}

/** Fixed at the first start. @returns what holds */
export async function fixExamples(db: Db, id: number, examples: string): Promise<string> {
  const row = await db
    .updateTable('askings')
    .set({ examples: sql<string>`coalesce(examples, ${examples})` })
    .where('id', '=', id)
    .returning('examples')
    .executeTakeFirstOrThrow();
  return row.examples as string;
}

export type AskingEnd = Extract<Row['state'], 'queued' | 'paused' | 'done' | 'failed' | 'cancelled'>;

/** @param from only where it is in one of these states  @returns undefined where it was not */
export function moveAsking(
  db: Db,
  id: number,
  from: readonly Row['state'][],
  {
    to,
    reason = null,
    budgetUsd,
  }: { readonly to: AskingEnd; readonly reason?: string | null; readonly budgetUsd?: number | null | undefined },
): Promise<Row | undefined> {
  return db
    .updateTable('askings')
    .set({
      state: to,
      reason,
      ...(budgetUsd !== undefined && { budget_usd: budgetUsd }),
      finished_at: to === 'queued' || to === 'paused' ? null : sql<Date>`now()`,
    })
    .where('id', '=', id)
    .where('state', 'in', from)
    .returningAll()
    .executeTakeFirst();
}

/** Pauses what is asked through a connection of that name. */
export async function pauseThrough(db: Db, project: number, connection: string, reason: string): Promise<Row[]> {
  const { rows } = await sql<Row>`
    update askings a set state = 'paused', reason = ${reason} from labelers l
    where a.project_id = ${project} and a.state in ('queued', 'running') and l.id = a.labeler_id and l.options ->> 'connection' = ${connection}
    returning a.*`.execute(db);
  return rows;
}

/** One answer, as it came. */
export interface AskedAnswer {
  readonly ordinal: number;
  readonly labels: readonly string[] | null;
  readonly confidence: number | null;
  readonly failure: string | null;
  readonly key: string;
  readonly cached: boolean;
}

/** Answers and how far the asking is, in one step. Only failures are ever replaced. @returns undefined where the asking is gone */
export async function saveAnswers(db: Db, asking: Row, answers: readonly AskedAnswer[], itemsPerSecond: number): Promise<Row | undefined> {
  const failures: Record<string, number> = {};
  for (const { failure } of answers) {
    if (failure === null) continue;
    const kind = failure.split(':', 1)[0];
    failures[kind] = (failures[kind] ?? 0) + 1;
  }
  return db.transaction().execute(async (transaction) => {
    const row = await transaction.selectFrom('askings').selectAll().where('id', '=', asking.id).forUpdate().executeTakeFirst();
    if (!row) return undefined;
    const { rows: stored } = await sql<{ ordinal: number }>`
      insert into llm_answers as a (labeler_id, version, ordinal, asking_id, labels, confidence, failure, key)
      select ${row.labeler_id}::int, ${row.version}::int, r.ordinal, ${row.id}::int, nullif(r.labels, 'null'::jsonb), r.confidence, r.failure, r.key
      from jsonb_to_recordset(${storable(answers)}::jsonb) as r (ordinal int, labels jsonb, confidence float8, failure text, key text)
      on conflict (labeler_id, version, ordinal) do update set asking_id = excluded.asking_id, labels = excluded.labels,
        confidence = excluded.confidence, failure = excluded.failure, key = excluded.key, created_at = now() where a.failure is not null
      returning ordinal`.execute(transaction);
    const merged = { ...row.failures };
    for (const [kind, count] of Object.entries(failures)) merged[kind] = (merged[kind] ?? 0) + count;
    return transaction
      .updateTable('askings')
      .set({
        done: row.done + stored.length,
        cached: row.cached + answers.filter(({ cached }) => cached).length,
        failures: JSON.stringify(merged),
        items_per_second: itemsPerSecond,
        heartbeat_at: sql<Date>`now()`,
      })
      .where('id', '=', row.id)
      .returningAll()
      .executeTakeFirst();
  });
}

/** Says how many there are to ask. */
export async function setTotal(db: Db, id: number, total: number): Promise<void> {
  await db.updateTable('askings').set({ total }).where('id', '=', id).execute();
}
