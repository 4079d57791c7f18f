import { sql } from 'kysely';
import type { Json } from '@labelwright/core/model/json';
import type { Db } from '../context.ts';
import type { Asked } from './item-states.ts';

/** What a labeler said to an item in a run, and what it takes to say why. */
export interface MachineVote {
  readonly ordinal: number;
  readonly labeler: number;
  readonly version: number;
  readonly name: string;
  readonly use: string;
  readonly options: Json;
  /** Of what the answers were made by: technique, options, question, what items show. */
  readonly fingerprint: string;
  readonly labels: readonly string[];
  readonly confidence: number | null;
  /** How far the aggregator trusts it, 0..1. */
  readonly accuracy: number | null;
}

/** The labelers that a run had, in its versions. */
export interface RunLabeler {
  readonly id: number;
  readonly name: string;
  readonly version: number;
}

const chunkSize = 65_536;

/** The votes of a run's labelers on these items, in the order of the labelers. Two bytes of each column are read. */
export async function votesAt(db: Db, run: number, question: string, ordinals: readonly number[]): Promise<MachineVote[]> {
  const { rows } = await sql<Omit<MachineVote, 'confidence'> & { confidence: Buffer | null }>`
    select o.ordinal, l.id as labeler, r.version, r.name, l.use, coalesce(v.options, l.options) as options, c.fingerprint,
      c.answers -> (k.code - 2) as labels, s.confidence, (l.statistics ->> 'estimatedAccuracy')::float8 as accuracy
    from runs u
    cross join rows from (jsonb_to_recordset(u.labelers) as (id int, name text, version int)) with ordinality as r (id, name, version, place)
    join labelers l on l.id = r.id and l.question = ${question}
    left join labeler_versions v on v.labeler_id = r.id and v.version = r.version
    cross join unnest(${ordinals}::int[]) as o (ordinal)
    join answer_chunks c on c.labeler_id = r.id and c.version = r.version and c.chunk = o.ordinal / ${sql.lit(chunkSize)}
    cross join lateral (select substring(c.codes from (o.ordinal % ${sql.lit(chunkSize)}) * 2 + 1 for 2) as code,
      substring(c.confidences from (o.ordinal % ${sql.lit(chunkSize)}) * 4 + 1 for 4) as confidence) s
    cross join lateral (select case when length(s.code) = 2 then get_byte(s.code, 0) + 256 * get_byte(s.code, 1) else 0 end as code) k
    where u.id = ${run} and k.code >= 2
    order by o.ordinal, r.place`.execute(db);
  return rows.map(({ confidence, ...vote }) => ({ ...vote, confidence: confidenceIn(confidence) }));
}

function confidenceIn(bytes: Buffer | null): number | null {
  const value = bytes?.length === 4 ? bytes.readFloatLE(0) : Number.NaN;
  return Number.isNaN(value) ? null : Math.min(1, Math.max(0, value));
}

/** The labeler of that name in a run, by the name that it had then. */
export async function labelerOfRun(
  db: Db,
  run: number,
  question: string,
  name: string,
): Promise<{ readonly id: number; readonly version: number } | undefined> {
  const { rows } = await sql<{ id: number; version: number }>`
    select r.id, r.version from runs u cross join jsonb_to_recordset(u.labelers) as r (id int, name text, version int)
    join labelers l on l.id = r.id and l.question = ${question} where u.id = ${run} and r.name = ${name} limit 1`.execute(db);
  return rows[0];
}

export interface ColumnChunk {
  /** Ordinal of the first item. */
  readonly first: number;
  /** 2 + index into answers; 0 abstained, 1 failed. */
  readonly codes: Uint16Array;
  readonly answers: readonly (readonly string[])[];
}

/** All that a labeler said, chunk by chunk. */
export async function* columnOf(db: Db, { id, version }: { readonly id: number; readonly version: number }): AsyncGenerator<ColumnChunk> {
  for (let next = 0; ; ) {
    const chunks = await db
      .selectFrom('answer_chunks')
      .select(['chunk', 'codes', 'answers'])
      .where('labeler_id', '=', id)
      .where('version', '=', version)
      .where('chunk', '>=', next)
      .orderBy('chunk')
      .limit(chunksAtOnce)
      .execute();
    for (const { chunk, codes, answers } of chunks) yield { first: chunk * chunkSize, codes: codesIn(codes), answers };
    if (chunks.length < chunksAtOnce) return;
    next = chunks[chunks.length - 1].chunk + 1;
  }
}

/** Half a megabyte. */
const chunksAtOnce = 4;

/** Columns are stored as the machine has them, little-endian. */
function codesIn(bytes: Buffer): Uint16Array {
  const codes = new Uint16Array(bytes.length >>> 1);
  for (let i = 0; i < codes.length; i++) codes[i] = bytes[2 * i] | (bytes[2 * i + 1] << 8);
  return codes;
}

/** Of those who ever answered in the project. */
export async function personNamed(db: Db, project: number, name: string): Promise<number | undefined> {
  const { rows } = await sql<{ id: number }>`
    select p.id from people p where p.name = ${name} and exists (select from answers a where a.project_id = ${project} and a.person_id = p.id)
    order by p.id limit 1`.execute(db);
  return rows[0]?.id;
}

export async function ordinalsOfPerson(db: Db, { project, question }: Asked, person: number, label: string | undefined): Promise<number[]> {
  const { rows } = await sql<{ ordinal: number }>`
    select ordinal from current_answers where project_id = ${project} and question = ${question} and person_id = ${person} and kind = 'answer'
      and ${label === undefined ? sql`true` : sql`labels ? ${label}`}`.execute(db);
  return rows.map(({ ordinal }) => ordinal);
}
