import { createHash } from 'node:crypto';
import type { Json, JsonObject } from '@labelwright/core/model/json';
import { sql } from 'kysely';
import type { Db } from '../context.ts';

export interface AuditEntry {
  /** 'login', 'login.failed', 'denied', 'member.set', 'token.create', 'project.archive' … */
  readonly action: string;
  readonly person?: number | undefined;
  readonly project?: number | undefined;
  /** Ids, names, counts. Never a secret, never an item's content. */
  readonly details?: JsonObject;
}

/** Any constant: one writer at a time, else two entries would follow the same one. */
const lockKey = 7_610_444;

/** Adds an entry to the chain. Say it last in the transaction of the action itself: others wait from here to its end. */
export async function audit(db: Db, { action, person, project, details = {} }: AuditEntry): Promise<void> {
  if (!db.isTransaction) return db.transaction().execute((transaction) => audit(transaction, { action, person, project, details }));
  await sql`select pg_advisory_xact_lock(${lockKey})`.execute(db);
  const { rows } = await sql<{ id: number; hash: Buffer; time: Date }>`
    select coalesce(last.id, 0)::int8 as id, coalesce(last.hash, '') as hash, date_trunc('milliseconds', clock_timestamp()) as time
    from (select 1) as one left join (select id, hash from audit order by id desc limit 1) as last on true`.execute(db);
  const id = rows[0].id + 1;
  const { time } = rows[0];
  const hash = hashEntry(rows[0].hash, { id, time, person_id: person ?? null, action, project_id: project ?? null, details });
  await sql`insert into audit (id, time, person_id, action, project_id, details, hash) overriding system value
    values (${id}, ${time}, ${person ?? null}, ${action}, ${project ?? null}, ${JSON.stringify(details)}::jsonb, ${hash})`.execute(db);
}

interface Hashed {
  readonly id: number;
  readonly time: Date;
  readonly person_id: number | null;
  readonly action: string;
  readonly project_id: number | null;
  readonly details: Json;
}

function hashEntry(before: Buffer, { id, time, person_id, action, project_id, details }: Hashed): Buffer {
  const text = JSON.stringify([id, time.toISOString(), person_id, action, project_id, sorted(details)]);
  return createHash('sha256').update(before).update(text).digest();
}

/** jsonb forgets the order of keys. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).map(([key, inner]): [string, Json] => [key, sorted(inner)]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

export interface ChainReport {
  readonly entries: number;
  /** The first entry that was changed, or that follows one that is gone. */
  readonly brokenAt: number | null;
}

/** Goes through the chain from its start. What was cut off at its end it cannot know. */
export async function verifyAudit(db: Db): Promise<ChainReport> {
  let before: Buffer = Buffer.alloc(0);
  let last = 0;
  for (;;) {
    const rows = await db.selectFrom('audit').selectAll().where('id', '>', last).orderBy('id').limit(5_000).execute();
    if (rows.length === 0) return { entries: last, brokenAt: null };
    for (const row of rows) {
      const isNext = row.id === last + 1 && hashEntry(before, { ...row, details: row.details as Json }).equals(row.hash);
      if (!isNext) return { entries: last, brokenAt: row.id };
      before = row.hash;
      last = row.id;
    }
  }
}

export function auditEntries(db: Db, { before, limit }: { before?: number | undefined; limit: number }) {
  let query = db
    .selectFrom('audit')
    .leftJoin('people', 'people.id', 'audit.person_id')
    .select(['audit.id', 'audit.time', 'people.name as person', 'audit.action', 'audit.project_id', 'audit.details'])
    .orderBy('audit.id', 'desc')
    .limit(limit);
  if (before !== undefined) query = query.where('audit.id', '<', before);
  return query.execute();
}
