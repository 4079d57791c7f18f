import type { Audit, Certificate } from '@labelwright/contract/quality';
import { type Selectable, sql } from 'kysely';
import type { Db } from '../context.ts';
import type { Tables } from '../database/tables.ts';
import type { Asked } from './item-states.ts';

export type AuditLook = Audit['looks'][number];

/** How every certificate so far was computed. */
export const method = 'learn-then-test';

export type AuditRow = Omit<Selectable<Tables['audits']>, 'looks'> & {
  readonly person: string;
  readonly runNumber: number;
  readonly answered: number;
  readonly looks: readonly AuditLook[];
};
export type CertificateRow = Selectable<Tables['certificates']> & { readonly runNumber: number };

/** The labels that a sample is drawn from, by ascending ordinal. */
export interface AuditPool {
  readonly ordinals: Int32Array;
  readonly probabilities: Float32Array;
}

export interface NewAudit extends Asked {
  readonly run: number;
  readonly person: number;
  readonly targetError: number;
  readonly confidence: number;
  readonly plannedLooks: number | null;
  readonly looksBefore: number;
  readonly seed: number;
  readonly pool: AuditPool;
}

/** In a transaction that holds the project's lock. */
export async function addAudit(db: Db, given: NewAudit): Promise<number> {
  const { project, question, run, person, targetError, confidence, plannedLooks, looksBefore, seed, pool } = given;
  const { id } = await db
    .insertInto('audits')
    .values({
      project_id: project,
      number: sql<number>`(select coalesce(max(number), 0) + 1 from audits where project_id = ${project})`,
      question,
      run_id: run,
      held_run: run,
      person_id: person,
      target_error: targetError,
      confidence,
      planned_looks: plannedLooks,
      looks_before: looksBefore,
      seed,
      pool: pool.ordinals.length,
      drawn: 0,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await db
    .insertInto('audit_pools')
    .values({ audit_id: id, ordinals: bytesOf(pool.ordinals), probabilities: bytesOf(pool.probabilities) })
    .execute();
  return id;
}

function bytesOf({ buffer, byteOffset, byteLength }: Int32Array | Float32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

export async function poolOf(db: Db, audit: number): Promise<AuditPool> {
  const row = await db.selectFrom('audit_pools').selectAll().where('audit_id', '=', audit).executeTakeFirstOrThrow();
  return { ordinals: new Int32Array(copied(row.ordinals)), probabilities: new Float32Array(copied(row.probabilities)) };
}

/** A buffer of the driver begins wherever it likes; a typed array does not. */
function copied(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

/** Adds items to the end of a sample, in this order, with the labels that the run gave them. */
export async function addToSample(
  db: Db,
  audit: { readonly id: number; readonly drawn: number; readonly run: number; readonly question: string },
  ordinals: readonly number[],
): Promise<void> {
  const { numAffectedRows } = await sql`
    insert into audit_items (audit_id, place, ordinal, labels, probability)
    select ${audit.id}::int, ${audit.drawn}::int + o.place - 1, e.ordinal, e.answer, e.probability
    from unnest(${ordinals}::int[]) with ordinality as o (ordinal, place)
    join estimates e on e.run_id = ${audit.run} and e.question = ${audit.question} and e.ordinal = o.ordinal`.execute(db);
  if (Number(numAffectedRows) !== ordinals.length) throw new Error('audit: the run has no estimate for some of the sample');
  await db
    .updateTable('audits')
    .set({ drawn: audit.drawn + ordinals.length, state: 'open', closed_at: null })
    .where('id', '=', audit.id)
    .execute();
}

function audits(db: Db) {
  return db
    .selectFrom('audits')
    .innerJoin('people', 'people.id', 'audits.person_id')
    .innerJoin('runs', 'runs.id', 'audits.run_id')
    .selectAll('audits')
    .select(['people.name as person', 'runs.number as runNumber'])
    .select(sql<number>`(select count(*)::int from audit_items i where i.audit_id = audits.id and i.action is not null)`.as('answered'));
}

export async function findAudit(db: Db, project: number, id: number): Promise<AuditRow | undefined> {
  return (await audits(db).where('audits.project_id', '=', project).where('audits.id', '=', id).executeTakeFirst()) as AuditRow | undefined;
}

/** Newest first. */
export async function auditsOf(db: Db, { project, question }: Asked, limit = 100): Promise<AuditRow[]> {
  return (await audits(db)
    .where('audits.project_id', '=', project)
    .where('audits.question', '=', question)
    .orderBy('audits.number', 'desc')
    .limit(limit)
    .execute()) as AuditRow[];
}

/** Nobody else changes the audit until the transaction ends. */
export async function lockAudit(db: Db, id: number): Promise<void> {
  await sql`select from audits where id = ${id} for update`.execute(db);
}

/** Audits of labels that are still those of this run. */
export async function auditsOnLabels(db: Db, { project, question }: Asked, run: number): Promise<AuditRow[]> {
  return (await audits(db)
    .where('audits.project_id', '=', project)
    .where('audits.question', '=', question)
    .where('audits.held_run', '=', run)
    .where('audits.state', 'in', ['open', 'certified', 'not-certified'])
    .orderBy('audits.number', 'desc')
    .execute()) as AuditRow[];
}

export async function endAudit(db: Db, id: number, state: 'void' | 'cancelled', reason: string | null): Promise<void> {
  await db.updateTable('audits').set({ state, reason, closed_at: sql<Date>`now()` }).where('id', '=', id).execute();
}

/** Places of the sample at which looks are taken: with a plan at equal parts of it, else at its end. @returns the next one after `looked` */
export function nextLookAt({
  drawn,
  looked,
  planned_looks: planned,
  looks,
}: Pick<AuditRow, 'drawn' | 'looked' | 'planned_looks' | 'looks'>) {
  if (looked >= drawn) return null;
  if (planned === null) return drawn;
  return looks.length + 1 >= planned ? drawn : Math.max(looked + 1, Math.ceil((drawn * (looks.length + 1)) / planned));
}

export interface FoundItem {
  readonly ordinal: number;
  readonly outcome: 'right' | 'wrong' | 'unclear' | null;
}

/** The first places of a sample. */
export async function findingsOf(db: Db, audit: number, below: number): Promise<FoundItem[]> {
  return db
    .selectFrom('audit_items')
    .select(['ordinal', 'outcome'])
    .where('audit_id', '=', audit)
    .where('place', '<', below)
    .orderBy('place')
    .execute();
}

/** What somebody said of an item of the sample: a label set, or that it cannot be told. In a transaction that holds the item's lock.
 *  @returns the state of the audit, and whether the item is one of it that no look rests on yet */
export async function recordFinding(
  db: Db,
  asked: Asked,
  audit: number,
  { ordinal, action, labels }: { readonly ordinal: number; readonly action: string; readonly labels: readonly string[] | null },
): Promise<'recorded' | 'closed' | 'not-in-sample'> {
  const { rows } = await sql<{ open: boolean; there: boolean; updated: boolean }>`
    with u as (
      update audit_items i set action = ${action}::uuid, answered_at = now(),
        outcome = case when ${labels === null} then 'unclear' when to_jsonb(i.labels) = ${JSON.stringify(labels ?? [])}::jsonb then 'right' else 'wrong' end
      from audits a
      where a.id = ${audit} and i.audit_id = a.id and i.ordinal = ${ordinal} and a.project_id = ${asked.project} and a.question = ${asked.question}
        and a.state = 'open' and i.place >= a.looked
      returning 1)
    select a.state = 'open' as open, i.ordinal is not null as there, exists (select from u) as updated
    from audits a left join audit_items i on i.audit_id = a.id and i.ordinal = ${ordinal}
    where a.id = ${audit} and a.project_id = ${asked.project} and a.question = ${asked.question}`.execute(db);
  if (rows.length === 0 || !rows[0].there) return 'not-in-sample';
  return rows[0].updated ? 'recorded' : 'closed';
}

/** Takes findings back whose answers are taken back. @returns whether a look rests on one of them */
export async function forgetFindings(db: Db, actions: readonly string[]): Promise<boolean> {
  const { rows } = await sql<{ looked: boolean }>`
    select coalesce(bool_or(i.place < a.looked), false) as looked from audit_items i join audits a on a.id = i.audit_id
    where i.action = any(${actions}::uuid[])`.execute(db);
  if (rows[0].looked) return true;
  await sql`update audit_items set action = null, outcome = null, answered_at = null where action = any(${actions}::uuid[])`.execute(db);
  return false;
}

/** How many items of the sample wait for an answer, those left out that are known to have one under way. */
export async function countWaiting(db: Db, audit: number, except: readonly number[]): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from audit_items where audit_id = ${audit} and action is null and ordinal <> all(${except}::int[])`.execute(
    db,
  );
  return rows[0].count;
}

export interface AuditLease {
  readonly ordinal: number;
  readonly person: number;
  readonly until: Date;
  readonly reason: string;
}

/** Reserves items of the sample for a person, in the order of the draw: those that the person has already first, those that the person skipped last,
 *  and never one that somebody else has. */
export async function leaseSample(db: Db, asked: Asked, audit: number, given: SampleWish): Promise<AuditLease[]> {
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const { leases, seen } = await tryLeases(db, asked, audit, given);
    // Where somebody else was faster between the look and the lock, there may be others.
    if (leases.length > 0 || seen === 0) return leases;
  }
  return [];
}

const mostAttempts = 5;

export interface SampleWish {
  readonly person: number;
  /** Places of the sample that are asked for. */
  readonly below: number;
  readonly count: number;
  /** Answered already, but not sent yet. */
  readonly except: readonly number[];
  readonly seconds: number;
}

function tryLeases(db: Db, asked: Asked, audit: number, given: SampleWish): Promise<{ leases: AuditLease[]; seen: number }> {
  const { project, question } = asked;
  const { person, below, count, except, seconds } = given;
  return db.transaction().execute(async (transaction) => {
    await sql`set local synchronous_commit = off`.execute(transaction);
    const { rows } = await sql<{ ordinal: number; place: number; own: boolean; skipped: boolean }>`
      select i.ordinal, i.place, l.until > now() as own, c.kind is not null as skipped from audit_items i
      left join leases l on l.project_id = ${project} and l.question = ${question} and l.ordinal = i.ordinal and l.person_id = ${person}
      left join current_answers c on c.project_id = ${project} and c.question = ${question} and c.ordinal = i.ordinal
        and c.person_id = ${person} and c.kind = 'skip'
      where i.audit_id = ${audit} and i.place < ${below} and i.action is null and i.ordinal <> all(${except}::int[])
        and not exists (select from leases o where o.project_id = ${project} and o.question = ${question} and o.ordinal = i.ordinal
          and o.person_id <> ${person} and o.until > now())
      order by c.kind is not null, coalesce(l.until > now(), false) desc, i.place limit ${count} for update of i skip locked`.execute(
      transaction,
    );
    if (rows.length === 0) return { leases: [], seen: 0 };
    const ordinals = rows.map(({ ordinal }) => ordinal);
    const { rows: leases } = await sql<AuditLease>`
      insert into leases (project_id, question, ordinal, person_id, until, reason)
      select ${project}::int, ${question}, ordinal, ${person}::int, now() + make_interval(secs => ${seconds}), 'audit'
      from unnest(${ordinals}::int[]) as o (ordinal)
      where not exists (select from leases o2 where o2.project_id = ${project} and o2.question = ${question} and o2.ordinal = o.ordinal
        and o2.person_id <> ${person} and o2.until > now())
      on conflict (project_id, question, ordinal, person_id) do update set until = excluded.until, reason = excluded.reason
      returning ordinal, person_id as person, until, reason`.execute(transaction);
    return { leases: ordinals.flatMap((ordinal) => leases.filter((lease) => lease.ordinal === ordinal)), seen: rows.length };
  });
}

export async function addLook(db: Db, audit: AuditRow, look: AuditLook, looked: number, state: AuditRow['state']): Promise<void> {
  await db
    .updateTable('audits')
    .set({
      looked,
      looks: JSON.stringify([...audit.looks, look]),
      state,
      closed_at: state === 'open' ? null : sql<Date>`now()`,
    })
    .where('id', '=', audit.id)
    .execute();
}

export type NewCertificate = Pick<
  CertificateRow,
  | 'project_id'
  | 'audit_id'
  | 'run_id'
  | 'question'
  | 'text'
  | 'pool'
  | 'accepted'
  | 'threshold'
  | 'audited'
  | 'wrong'
  | 'bound'
  | 'confidence'
> &
  Pick<CertificateRow, 'look' | 'risk_spent' | 'seed'>;

/** It takes the place of the one before. */
export async function addCertificate(db: Db, given: NewCertificate): Promise<void> {
  await voidCertificates(db, { project: given.project_id, question: given.question }, 'A later audit took its place');
  await db
    .insertInto('certificates')
    .values({ ...given, method })
    .execute();
}

export async function voidCertificates(db: Db, { project, question }: Asked, reason: string): Promise<void> {
  await db
    .updateTable('certificates')
    .set({ state: 'void', reason, voided_at: sql<Date>`now()` })
    .where('project_id', '=', project)
    .where('question', '=', question)
    .where('state', '=', 'valid')
    .execute();
}

function certificates(db: Db) {
  return db
    .selectFrom('certificates')
    .innerJoin('runs', 'runs.id', 'certificates.run_id')
    .selectAll('certificates')
    .select('runs.number as runNumber');
}

/** The one that holds. */
export function validCertificate(db: Db, { project, question }: Asked): Promise<CertificateRow | undefined> {
  return certificates(db)
    .where('certificates.project_id', '=', project)
    .where('certificates.question', '=', question)
    .where('certificates.state', '=', 'valid')
    .executeTakeFirst();
}

/** The last of each audit. */
export async function certificatesOf(db: Db, audits: readonly number[]): Promise<ReadonlyMap<number, CertificateRow>> {
  if (audits.length === 0) return new Map();
  const rows = await certificates(db)
    .where('audit_id', 'in', [...audits])
    .orderBy('certificates.id')
    .execute();
  return new Map(rows.map((row) => [row.audit_id, row]));
}

export function presentCertificate(row: CertificateRow): Certificate {
  return {
    id: row.id,
    state: row.state,
    reason: row.reason,
    text: row.text,
    run: { id: row.run_id, number: row.runNumber },
    accepted: row.accepted,
    pool: row.pool,
    threshold: row.threshold,
    audited: row.audited,
    wrong: row.wrong,
    bound: row.bound,
    confidence: row.confidence,
    look: row.look,
    riskSpent: row.risk_spent,
    method: row.method,
    seed: row.seed,
    createdAt: row.created_at.toISOString(),
    voidedAt: row.voided_at?.toISOString() ?? null,
  };
}

export function presentAudit(row: AuditRow, certificate: CertificateRow | undefined): Audit {
  return {
    id: row.id,
    number: row.number,
    question: row.question,
    state: row.state,
    reason: row.reason,
    run: { id: row.run_id, number: row.runNumber },
    person: row.person,
    pool: row.pool,
    drawn: row.drawn,
    answered: row.answered,
    targetError: row.target_error,
    confidence: row.confidence,
    plannedLooks: row.planned_looks,
    nextLookAt: row.state === 'open' ? nextLookAt(row) : null,
    method,
    seed: row.seed,
    looks: [...row.looks],
    certificate: certificate ? presentCertificate(certificate) : null,
    createdAt: row.created_at.toISOString(),
    closedAt: row.closed_at?.toISOString() ?? null,
  };
}

/** A run has other accepted labels than the one before, or the same: then what was proven of them holds on.
 *  In the transaction that makes the run the present one. */
export async function carryAuditsOver(db: Db, project: number, before: number, after: number): Promise<void> {
  const held = (await audits(db)
    .where('audits.project_id', '=', project)
    .where('audits.held_run', '=', before)
    .where('audits.state', 'in', ['open', 'certified', 'not-certified'])
    .execute()) as AuditRow[];
  for (const row of held) {
    const { rows } = await sql<{ changed: number; number: number }>`
      select (count(*) filter (where a.decision is distinct from b.decision or a.answer is distinct from b.answer))::int as changed,
        (select number from runs where id = ${after}) as number
      from estimates b left join estimates a on a.run_id = ${after} and a.question = b.question and a.ordinal = b.ordinal
      where b.run_id = ${before} and b.question = ${row.question} and b.decision = 2
        and not exists (select from item_states s where s.project_id = ${project} and s.question = b.question and s.ordinal = b.ordinal
          and s.answered > 0)`.execute(db);
    const [{ changed, number }] = rows;
    if (changed === 0) {
      await db.updateTable('audits').set({ held_run: after }).where('id', '=', row.id).execute();
      continue;
    }
    const labels = `${changed.toLocaleString('en')} of the accepted label${changed === 1 ? '' : 's'}`;
    const reason = `Run ${number} changed ${labels}: what was audited is no longer what is accepted`;
    if (row.state !== 'certified') await endAudit(db, row.id, 'void', reason);
    else await db.updateTable('audits').set({ state: 'void', reason }).where('id', '=', row.id).execute();
    await db
      .updateTable('certificates')
      .set({ state: 'void', reason, voided_at: sql<Date>`now()` })
      .where('audit_id', '=', row.id)
      .where('state', '=', 'valid')
      .execute();
  }
}
