import type { Item } from '@labelwright/core/model/item';
import { sql } from 'kysely';
import type { Context, Db } from '../context.ts';
import { itemsAt } from '../stores/run-items.ts';
import type { Plan } from './plan.ts';

const pageItems = 256;

interface Wanted {
  readonly project: number;
  readonly question: string;
  readonly run: number | null;
  readonly labeler: number;
  readonly version: number;
  /** Its failures are not asked for a second time. */
  readonly asking?: number;
  readonly limit?: number | undefined;
}

/** Ordinals of items without an answer of this version (failures count as none), the least sure of the present run first; what it does not know
 *  before, and where there is no run all, in an order by chance that is always the same. */
export async function pendingItems(db: Db, { project, question, run, labeler, version, asking, limit }: Wanted): Promise<Int32Array> {
  const { rows } = await sql<{ ordinal: number }>`
    select i.ordinal from items i
    left join estimates e on e.run_id = ${run ?? -1} and e.question = ${question} and e.ordinal = i.ordinal
    where i.project_id = ${project} and not exists (select from llm_answers a where a.labeler_id = ${labeler} and a.version = ${version}
      and a.ordinal = i.ordinal and (a.failure is null or a.asking_id = ${asking ?? -1}))
    order by e.margin nulls first, hashint8extended(i.ordinal, 1), i.ordinal
    limit ${limit ?? null}`.execute(db);
  return Int32Array.from(rows, ({ ordinal }) => ordinal);
}

export async function countAnswered(db: Db, labeler: number, version: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from llm_answers where labeler_id = ${labeler} and version = ${version} and failure is null`.execute(db);
  return rows[0].count;
}

/** In the order of the ordinals, a page in memory at a time. */
export async function* itemsInOrder(
  { pool }: Pick<Context, 'pool'>,
  { project, view }: Pick<Plan, 'project' | 'view'>,
  ordinals: Int32Array,
): AsyncGenerator<Item> {
  for (let at = 0; at < ordinals.length; at += pageItems) {
    const page = ordinals.subarray(at, at + pageItems);
    const items = new Map<number, Item>();
    for await (const [ordinal, item] of itemsAt(pool, project.id, view, new Set(page))) items.set(ordinal, item);
    for (const ordinal of page) {
      const item = items.get(ordinal);
      if (item) yield item;
    }
  }
}
