import type { Context } from '../context.ts';
import { LiveThread } from '../threads/live-thread.ts';
import type { PlannedField } from '../threads/planned-fields.ts';
import type { Wanted } from '../threads/text-columns.ts';
import { whereaboutsOf } from '../threads/thread-database.ts';
import type { Compared } from '../threads/value-columns.ts';

/** One thread per server process: it keeps the texts and values that people search, for as long as they do. */
const threads = new WeakMap<Context['pool'], LiveThread>();
/** Projects and fields with more text than it keeps, or with other faults. */
const refused = new WeakMap<Context['pool'], Set<string>>();

/** Fewer items the database looks through as fast. */
const fewItems = 20_000;
const searchMs = 60_000;

/** Parts of words, in texts kept in memory: the database, which has to unpack each item first, takes ten times as long.
 *  @returns as `matchingOrdinals`; undefined where the database is to look */
export async function searchTexts(context: Context, wanted: Wanted): Promise<Buffer | undefined> {
  if (wanted.text === '') return undefined;
  const found = await ask<Uint8Array>(context, 'search', wanted);
  return found && Buffer.from(found);
}

/** Comparisons with the values of a field, kept in memory. @returns a bit for each item; undefined where the database is to look */
export async function compareValues(context: Context, compared: Compared): Promise<Uint8Array | undefined> {
  return (await ask<Uint8Array | null>(context, 'compare', compared)) ?? undefined;
}

/** All ordinals below n, by id. @returns undefined where the database is to look */
export function orderById(context: Context, project: number, n: number): Promise<Int32Array | undefined> {
  return ask<Int32Array>(context, 'orderById', { project, n });
}

/** What people will ask about. */
export async function plannedFields(context: Context, project: number, n: number): Promise<readonly PlannedField[]> {
  return (await ask<PlannedField[]>(context, 'plan', { project, n })) ?? [];
}

/** Reads a field, before somebody asks. */
export async function prepareField(context: Context, project: number, n: number, { kind, field }: PlannedField): Promise<void> {
  await ask(context, kind === 'compare' ? 'prepareValues' : 'prepareTexts', { project, field, n });
}

async function ask<Result>(
  context: Context,
  kind: string,
  payload: { readonly project: number; readonly field?: string; readonly n: number },
): Promise<Result | undefined> {
  const { pool, connection, log } = context;
  const key = JSON.stringify([payload.project, kind, payload.field]);
  if (payload.n < fewItems || refused.get(pool)?.has(key)) return undefined;
  const thread = threads.get(pool) ?? new LiveThread('threads/text-thread', { where: whereaboutsOf(connection) });
  threads.set(pool, thread);
  try {
    return await thread.ask<Result>(kind, payload, { timeoutMs: searchMs });
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (typeof code === 'string' && ['too-large', 'too-slow', 'out-of-memory', outOfRange].includes(code)) {
      const faults = refused.get(pool) ?? new Set<string>();
      refused.set(pool, faults.add(key));
    }
    log.warn({ err: error }, 'texts are not kept in memory: the database looks through them');
    return undefined;
  }
}

/** A number with hundreds of digits. */
const outOfRange = '22003';
