import type { BrowserDatabase, Entry, Refusal } from './browser-database.ts';
import { type Action, baseOf, itemKey, itemsOf, questionsOf } from './outbox-action.ts';

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

/** On top of what the person saw, or of what our own later actions made of it: the newer, question by question. */
export async function toSend(database: BrowserDatabase, action: Action): Promise<{ action: Action; base: number }> {
  const ownVersion = async (item: string | undefined) => (item === undefined ? 0 : ((await database.get('versions', item))?.version ?? 0));
  const base = Math.max(baseOf(action), await ownVersion(itemsOf(action)[0]));
  if (action.kind !== 'submit' || !action.also) return { action, base };
  const also = [];
  for (const other of action.also)
    also.push({ ...other, base: Math.max(other.base, await ownVersion(itemKey(action.project, other.question, action.ordinal))) });
  return { action: { ...action, also }, base };
}

/** What the server made of an item, under one question. */
export interface ItemVersion {
  readonly item: string;
  readonly version: number;
}

/** Confirmed: the entry goes and the item's versions move, together. */
export async function settleEntry(database: BrowserDatabase, { seq }: Entry, versions: readonly ItemVersion[], now: number): Promise<void> {
  const transaction = database.transaction(['entries', 'versions'], 'readwrite', strict);
  await transaction.objectStore('entries').delete(seq);
  for (const { item, version } of versions) await transaction.objectStore('versions').put({ version, at: now }, item);
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

/** The person decided: send it after all, on top of the versions that there are now. */
export async function retryEntry(
  database: BrowserDatabase,
  seq: number,
  versions: QuestionVersions | undefined,
  now: number,
): Promise<void> {
  const transaction = database.transaction(['entries', 'versions'], 'readwrite', strict);
  const found = await transaction.objectStore('entries').get(seq);
  if (found) {
    const { refusal: _, ...entry } = found;
    const action = versions === undefined ? found.action : onTopOf(found.action, versions);
    await transaction.objectStore('entries').put({ ...entry, failures: 0, action });
    for (const { item, version } of versions === undefined ? [] : itemVersions(action, versions))
      await transaction.objectStore('versions').put({ version, at: now }, item);
  }
  await transaction.done;
}

/** The person decided: let it go. */
export async function dropEntry(database: BrowserDatabase, seq: number): Promise<void> {
  await database.delete('entries', seq);
}

/** Question → version; a bare number is that of the question that the action is about first. */
export type QuestionVersions = number | readonly { readonly question: string; readonly version: number }[];

/** As far as they are known: of which item, under which question. */
export function itemVersions(action: Action, versions: QuestionVersions): ItemVersion[] {
  const questions = questionsOf(action);
  return itemsOf(action).flatMap((item, at) => {
    const version = versionIn(versions, questions[at], at === 0);
    return version === undefined ? [] : [{ item, version }];
  });
}

function versionIn(versions: QuestionVersions, question: string, isFirst: boolean): number | undefined {
  if (typeof versions === 'number') return isFirst ? versions : undefined;
  return versions.find((each) => each.question === question)?.version;
}

function onTopOf(action: Action, versions: QuestionVersions): Action {
  const now = (question: string, base: number, isFirst = false) => versionIn(versions, question, isFirst) ?? base;
  if (action.kind === 'submit') {
    const also = action.also?.map((other) => ({ ...other, base: now(other.question, other.base) }));
    return { ...action, base: now(action.question, action.base, true), ...(also && { also }) };
  }
  return action.kind === 'undo' && action.of
    ? { ...action, of: { ...action.of, base: now(action.of.question, action.of.base, true) } }
    : action;
}

async function entriesIn(store: { getAll(): Promise<(Omit<Entry, 'seq'> & { seq?: number })[]> }): Promise<Entry[]> {
  return (await store.getAll()).map(asEntry);
}

function asEntry(stored: Omit<Entry, 'seq'> & { seq?: number }): Entry {
  return stored as Entry;
}
