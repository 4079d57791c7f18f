import type { Context } from '../context.ts';
import { findIdOrder } from './text-matches.ts';
import { plannedFields, prepareField } from './text-search.ts';

/** From so many on, reading a field takes so long that it is worth beginning before somebody asks. */
const manyItems = 100_000;
/** Shorter than the texts are kept unasked for. */
const warmForMs = 240_000;
const warmed = new WeakMap<Context['pool'], Map<number, number>>();

/** Somebody looks around in a project: what they may ask for next is read, and kept for as long as somebody does. */
export async function keepWarm(context: Context, project: number, n: number): Promise<void> {
  if (n < manyItems) return;
  const times = warmed.get(context.pool) ?? new Map<number, number>();
  warmed.set(context.pool, times);
  const now = performance.now();
  if (now - (times.get(project) ?? Number.NEGATIVE_INFINITY) < warmForMs) return;
  times.set(project, now);
  await findIdOrder(context, project, n);
  // One after the other: whoever asks meanwhile waits for one at most.
  for (const field of await plannedFields(context, project, n)) await prepareField(context, project, n, field);
}
