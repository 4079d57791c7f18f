import type { ItemFilter } from '@labelwright/contract/items';
import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../context.ts';

export type FieldFilter = NonNullable<ItemFilter['field']>[number];

/** A condition on `items i` that depends on nothing but what was imported: once true, always true. */
export interface TextCondition {
  readonly key: string;
  readonly sql: RawBuilder<unknown>;
  /** That it comes to: a field holds a text, large or small letters. */
  readonly contains?: { readonly field: string; readonly text: string };
  /** The same of other comparisons. */
  readonly compares?: { readonly field: string; readonly is: Exclude<FieldFilter['is'], 'contains'>; readonly value: string };
}

/** Words in any order, "phrases" as they stand, `or`, and `-without`. */
export function searchCondition(search: string): TextCondition {
  return { key: JSON.stringify(['search', search]), sql: sql`item_words(i.fields) @@ websearch_to_tsquery('simple', ${search})` };
}

export async function fieldCondition(db: Db, filter: FieldFilter): Promise<TextCondition> {
  const { name, is, value = '' } = filter;
  const text = sql`(i.fields ->> ${name}::text)`;
  const condition = is === 'equals' && (await isFoundByWords(db, value)) ? equalByWords(text, value) : conditionOn(text, is, value);
  const key = JSON.stringify(['field', name, is, value]);
  return {
    key,
    sql: condition,
    ...(is === 'contains' ? { contains: { field: name, text: value } } : { compares: { field: name, is, value } }),
  };
}

function conditionOn(text: RawBuilder<unknown>, is: FieldFilter['is'], value: string): RawBuilder<unknown> {
  const conditions: Record<FieldFilter['is'], () => RawBuilder<unknown>> = {
    empty: () => sql`coalesce(${text}, '') = ''`,
    equals: () => sql`${text} = ${value}`,
    contains: () => sql`${text} ilike ${`%${value.replace(/[\\%_]/g, '\\$&')}%`}`,
    above: () => comparison(text, sql`>`, value),
    below: () => comparison(text, sql`<`, value),
  };
  return conditions[is]();
}

function equalByWords(text: RawBuilder<unknown>, value: string): RawBuilder<unknown> {
  return sql`item_words(i.fields) @@ plainto_tsquery('simple', ${value}) and ${text} = ${value}`;
}

/** The search index knows the words of texts, and nothing of numbers and of texts without words. */
async function isFoundByWords(db: Db, value: string): Promise<boolean> {
  if (/^\s*(-?\d|true$|false$|null$|[[{"])/.test(value)) return false;
  const { rows } = await sql<{ words: number }>`select numnode(plainto_tsquery('simple', ${value})) as words`.execute(db);
  return rows[0].words > 0;
}

/** Texts that the database takes for numbers. */
export const numberPattern = '^\\s*[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d{1,2})?\\s*$';

/** As numbers where both are; dates and the like as texts. */
function comparison(text: RawBuilder<unknown>, operator: RawBuilder<unknown>, value: string): RawBuilder<unknown> {
  const number = value.trim() === '' ? Number.NaN : Number(value);
  if (Number.isNaN(number)) return sql`${text} collate "C" ${operator} ${value}`;
  return sql`case when ${text} ~ ${sql.lit(numberPattern)} then ${text}::float8 ${operator} ${number}::float8 else false end`;
}

/** The items of a project, from an ordinal on, that meet a condition: big-endian integers. */
export async function matchingOrdinals(db: Db, project: number, { sql: condition }: TextCondition, from: number): Promise<Buffer> {
  const { rows } = await sql<{ packed: Buffer | null }>`
    select string_agg(int4send(i.ordinal), ''::bytea) as packed from items i
    where i.project_id = ${project} and i.ordinal >= ${from} and ${condition}`.execute(db);
  return rows[0].packed ?? Buffer.alloc(0);
}

/** Which of these meet all conditions. */
export async function matchesAmong(
  db: Db,
  project: number,
  conditions: readonly TextCondition[],
  ordinals: readonly number[],
): Promise<ReadonlySet<number>> {
  const { rows } = await sql<{ ordinal: number }>`
    select i.ordinal from items i
    where i.project_id = ${project} and i.ordinal = any(${ordinals}) and ${sql.join(
      conditions.map((condition) => condition.sql),
      sql` and `,
    )}`.execute(db);
  return new Set(rows.map(({ ordinal }) => ordinal));
}

/** All ordinals of a project by id: big-endian integers. */
export async function ordinalsById(db: Db, project: number): Promise<Buffer> {
  const { rows } = await sql<{ packed: Buffer | null }>`
    select string_agg(int4send(ordinal), ''::bytea order by id) as packed from items where project_id = ${project}`.execute(db);
  return rows[0].packed ?? Buffer.alloc(0);
}
