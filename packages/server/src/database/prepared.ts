import type { PoolClient } from 'pg';

/** So often a statement must come before it is prepared, and so many are: each takes some room in every connection. */
const often = 20;
const most = 80;
/** Their best plan depends on what is looked for. */
const isPlannedAnew = /tsquery|ilike/i;

/** Statements that come again and again are prepared: a connection parses and plans them once, which is a third of what short ones cost.
 *  @returns what to call for each connection of a pool. Not for one behind a PgBouncer, which hands connections around between statements. */
export function preparing(): (client: PoolClient) => void {
  const seen = new Map<string, number>();
  const names = new Map<string, string>();
  const nameOf = (text: string): string | undefined => {
    const known = names.get(text);
    if (known !== undefined || names.size >= most || isPlannedAnew.test(text)) return known;
    const times = (seen.get(text) ?? 0) + 1;
    if (times < often) {
      if (seen.size > 1_000) seen.clear();
      seen.set(text, times);
      return undefined;
    }
    seen.delete(text);
    const name = `often_${names.size}`;
    names.set(text, name);
    return name;
  };
  return (client) => {
    const query = client.query.bind(client) as (...given: unknown[]) => unknown;
    const prepared = (text: unknown, values: unknown, ...rest: unknown[]): unknown => {
      const name = typeof text === 'string' && Array.isArray(values) ? nameOf(text) : undefined;
      return name === undefined ? query(text, values, ...rest) : query({ name, text, values }, ...rest);
    };
    client.query = prepared as typeof client.query;
  };
}
