/** What JSON can hold, and `undefined` for what is absent. */
type Value = unknown;

export interface Difference {
  /** Where: keys, and for lists of things with an `id`, that id. */
  readonly path: readonly string[];
  readonly from: Value;
  readonly to: Value;
}

export function isSame(a: Value, b: Value): boolean {
  return differences(a, b).length === 0;
}

/** What became of `before`, leaf by leaf. Lists of things with ids are compared by id, and by their order; other lists as a whole. */
export function differences(before: Value, after: Value, path: readonly string[] = []): Difference[] {
  const [a, b] = [byId(before), byId(after)];
  if (a && b) {
    const kept = (list: Value, others: Readonly<Record<string, Value>>) => idsOf(list).filter((id) => id in others);
    const [from, to] = [kept(before, b), kept(after, a)];
    const moved = from.join('\n') === to.join('\n') ? [] : [{ path: [...path, 'order'], from, to }];
    return [...differencesOfRecords(a, b, path), ...moved];
  }
  if (isRecord(before) && isRecord(after)) return differencesOfRecords(before, after, path);
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, from: before, to: after }];
}

/** Both changed `base`: what nobody else touched is mine, what I did not touch is theirs. Where both changed the same, mine stays, and it is
 *  named as a conflict with what they made of it. */
export function merge<Whole>(base: Whole, theirs: Whole, mine: Whole): { value: Whole; conflicts: Difference[] } {
  if (isSame(base, theirs) || isSame(theirs, mine)) return { value: mine, conflicts: [] };
  if (isSame(base, mine)) return { value: theirs, conflicts: [] };
  if (!isRecord(base) || !isRecord(theirs) || !isRecord(mine)) return { value: mine, conflicts: differences(base, theirs) };
  const names = [...new Set([...Object.keys(theirs), ...Object.keys(mine)])];
  const merged = names.map((name) => [name, merge(base[name], theirs[name], mine[name])] as const);
  return {
    value: Object.fromEntries(merged.flatMap(([name, { value }]) => (value === undefined ? [] : [[name, value]]))) as Whole,
    conflicts: merged.flatMap(([name, { conflicts }]) => conflicts.map((each) => ({ ...each, path: [name, ...each.path] }))),
  };
}

function differencesOfRecords(
  a: Readonly<Record<string, Value>>,
  b: Readonly<Record<string, Value>>,
  path: readonly string[],
): Difference[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) => differences(a[key], b[key], [...path, key]));
}

function isRecord(value: Value): value is Readonly<Record<string, Value>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function byId(value: Value): Readonly<Record<string, Value>> | undefined {
  if (!Array.isArray(value) || value.length === 0 || !value.every((each) => isRecord(each) && typeof each.id === 'string'))
    return undefined;
  return Object.fromEntries(value.map((each: { id: string }) => [each.id, each]));
}

function idsOf(list: Value): string[] {
  return (list as readonly { id: string }[]).map(({ id }) => id);
}
