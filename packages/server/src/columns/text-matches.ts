import type { Pool } from 'pg';
import type { Context } from '../context.ts';
import { matchingOrdinals, ordinalsById, type TextCondition } from '../stores/text-conditions.ts';
import { OrdinalSet } from './ordinal-set.ts';
import { Recent } from './recent.ts';
import { compareValues, orderById, searchTexts } from './text-search.ts';

/** What is known of the texts of projects. Items never change: what was found once holds, and only items that came since are looked at. */
interface Known {
  readonly matches: Recent<{ found: OrdinalSet | undefined; running: Promise<OrdinalSet> | undefined }>;
  readonly orders: Recent<{ found: Int32Array | undefined; running: Promise<Int32Array> | undefined }>;
}

const perPool = new WeakMap<Pool, Known>();

function knownOf({ pool }: Context): Known {
  let known = perPool.get(pool);
  if (!known) perPool.set(pool, (known = { matches: new Recent(60), orders: new Recent(4) }));
  return known;
}

/** The items below n that meet a condition, if that is known. */
export function knownMatches(context: Context, project: number, condition: TextCondition, n: number): OrdinalSet | undefined {
  const found = knownOf(context).matches.get(`${project} ${condition.key}`)?.found;
  return found?.n === n ? found : undefined;
}

/** The items below n that meet a condition. Asked twice at once, it is found once. */
export async function findMatches(context: Context, project: number, condition: TextCondition, n: number): Promise<OrdinalSet> {
  const { matches } = knownOf(context);
  const key = `${project} ${condition.key}`;
  const entry = matches.get(key) ?? { found: undefined, running: undefined };
  matches.set(key, entry);
  if (entry.running) await entry.running;
  const { found } = entry;
  if (found?.n === n) return found;
  const find = async () => {
    const set = new OrdinalSet(n, found);
    const from = found?.n ?? 0;
    const { contains, compares } = condition;
    const bits = compares && (await compareValues(context, { project, ...compares, n }));
    const packed = contains && (await searchTexts(context, { project, ...contains, from, n }));
    if (bits) set.addBits(bits);
    else set.addPacked(packed ?? (await matchingOrdinals(context.db, project, condition, from)));
    entry.found = set;
    return set;
  };
  entry.running = find().finally(() => (entry.running = undefined));
  return entry.running;
}

export function knownIdOrder(context: Context, project: number, n: number): Int32Array | undefined {
  const found = knownOf(context).orders.get(String(project))?.found;
  return found?.length === n ? found : undefined;
}

/** All ordinals of a project, by id. */
export async function findIdOrder(context: Context, project: number, n: number): Promise<Int32Array> {
  const { orders } = knownOf(context);
  const entry = orders.get(String(project)) ?? { found: undefined, running: undefined };
  orders.set(String(project), entry);
  if (entry.running) await entry.running;
  if (entry.found?.length === n) return entry.found;
  const find = async () => {
    const kept = await orderById(context, project, n);
    if (kept) return (entry.found = kept);
    const packed = await ordinalsById(context.db, project);
    const order = new Int32Array(packed.length / 4);
    for (let at = 0; at < order.length; at++) order[at] = packed.readInt32BE(at * 4);
    entry.found = order;
    return order;
  };
  entry.running = find().finally(() => (entry.running = undefined));
  return entry.running;
}
