import type { BrowserDatabase, Entry, Refusal } from './browser-database.ts';
import { type Action, baseOf, itemOf } from './outbox-action.ts';

const strict = { durability: 'strict' } as const;

/** Once this has resolved, the action survives the tab. An undo of what the server refused takes both away: there is nothing left to ask. */
export async function addEntry(database: BrowserDatabase, person: number, action: Action, now: number): Promise<void> {
  const transaction = database.transaction('entries', 'readwrite', strict);
  const refused =
    action.kind === 'undo' && (await entriesIn(transaction.store)).find((entry) => entry.refusal && entry.action.id === action.undoes);
  if (refused) await transaction.store.delete(refused.seq);
  else await transaction.store.add({ person, at: now, action, failures: 0 });
  await transaction.done;
}

/** In the order in which they were done. */
export async function entriesOf(database: BrowserDatabase, person: number): Promise<Entry[]> {
  return (await database.getAllFromIndex('entries', 'person', person)).map(asEntry).sort((a, b) => a.seq - b.seq);
}

export async function countOfOthers(database: BrowserDatabase, person: number): Promise<number> {
  return (await database.count('entries')) - (await database.countFromIndex('entries', 'person', person));
}

/** The entry as it is now, or undefined where another tab has dealt with it. */
export async function findEntry(database: BrowserDatabase, seq: number): Promise<Entry | undefined> {
  const found = await database.get('entries', seq);
  return found && asEntry(found);
}

/** What the person saw, or what our own later actions made of it: the newer. */
export async function baseToSend(database: BrowserDatabase, action: Action): Promise<number> {
  const item = itemOf(action);
  const own = item === undefined ? undefined : await database.get('versions', item);
  return Math.max(baseOf(action), own?.version ?? 0);
}

/** Confirmed: the entry goes and the item's version moves, together. */
export async function settleEntry(database: BrowserDatabase, { seq, action }: Entry, version: number | null, now: number): Promise<void> {
  const transaction = database.transaction(['entries', 'versions'], 'readwrite', strict);
  const item = itemOf(action);
  await transaction.objectStore('entries').delete(seq);
  if (version !== null && item !== undefined) await transaction.objectStore('versions').put({ version, at: now }, item);
  await transaction.done;
}

export async function noteFailure(database: BrowserDatabase, entry: Entry): Promise<void> {
  await database.put('entries', { ...entry, failures: entry.failures + 1 });
}

/** Set aside, out of the way of the others. If its undo waits already, both go. @returns whether it is still there */
export async function refuseEntry(database: BrowserDatabase, entry: Entry, refusal: Refusal): Promise<boolean> {
  const transaction = database.transaction('entries', 'readwrite', strict);
  const undo = (await entriesIn(transaction.store)).find(({ action }) => action.kind === 'undo' && action.undoes === entry.action.id);
  if (undo) {
    await transaction.store.delete(undo.seq);
    await transaction.store.delete(entry.seq);
  } else await transaction.store.put({ ...entry, refusal });
  await transaction.done;
  return !undo;
}

/** The person decided: send it after all, on top of the version that there is now. */
export async function retryEntry(database: BrowserDatabase, seq: number, version: number | undefined, now: number): Promise<void> {
  const transaction = database.transaction(['entries', 'versions'], 'readwrite', strict);
  const found = await transaction.objectStore('entries').get(seq);
  if (found) {
    const { refusal: _, ...entry } = found;
    const action = version === undefined ? found.action : onTopOf(found.action, version);
    const item = itemOf(action);
    await transaction.objectStore('entries').put({ ...entry, failures: 0, action });
    if (version !== undefined && item !== undefined) await transaction.objectStore('versions').put({ version, at: now }, item);
  }
  await transaction.done;
}

/** The person decided: let it go. */
export async function dropEntry(database: BrowserDatabase, seq: number): Promise<void> {
  await database.delete('entries', seq);
}

function onTopOf(action: Action, version: number): Action {
  if (action.kind === 'submit') return { ...action, base: version };
  return action.kind === 'undo' && action.of ? { ...action, of: { ...action.of, base: version } } : action;
}

async function entriesIn(store: { getAll(): Promise<(Omit<Entry, 'seq'> & { seq?: number })[]> }): Promise<Entry[]> {
  return (await store.getAll()).map(asEntry);
}

function asEntry(stored: Omit<Entry, 'seq'> & { seq?: number }): Entry {
  return stored as Entry;
}
