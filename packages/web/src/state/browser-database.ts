import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { Action } from './outbox-action.ts';

/** Why the server will not take an action as it is. It stays, with the person's choices, until the person decides. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** An action that the server has not confirmed yet; `seq` is the order in which the person acted. */
export interface Entry {
  readonly seq: number;
  /** Nobody else's session may send it. */
  readonly person: number;
  readonly at: number;
  readonly action: Action;
  /** How often the server failed on it by its own fault. */
  readonly failures: number;
  readonly refusal?: Refusal;
}

/** What was chosen and written for an item but not submitted, on top of one version of it. */
export interface Draft {
  readonly base: number;
  readonly labels: readonly string[];
  readonly comment: string;
  readonly at: number;
}

interface BrowserTables extends DBSchema {
  entries: { key: number; value: Omit<Entry, 'seq'> & { seq?: number }; indexes: { person: number } };
  /** The version of an item after our own last confirmed action on it. */
  versions: { key: string; value: { version: number; at: number } };
  drafts: { key: string; value: Draft };
}
export type BrowserDatabase = IDBPDatabase<BrowserTables>;

const dayMs = 86_400_000;

/** What this browser keeps until the server has it. Outlives tabs, crashes and logins. */
export async function openBrowserDatabase(name = 'labelwright'): Promise<BrowserDatabase> {
  const database: BrowserDatabase = await openDB<BrowserTables>(name, 1, {
    upgrade(database) {
      database.createObjectStore('entries', { keyPath: 'seq', autoIncrement: true }).createIndex('person', 'person');
      database.createObjectStore('versions');
      database.createObjectStore('drafts');
    },
    // Another tab wants a newer form of the database: let it.
    blocking: () => database.close(),
  });
  return database;
}

/** Versions and drafts that nobody will come back for. Entries are never dropped. */
export async function forgetOld(database: BrowserDatabase, now: number): Promise<void> {
  for (const [store, days] of [
    ['versions', 2],
    ['drafts', 30],
  ] as const) {
    const transaction = database.transaction(store, 'readwrite');
    for (let cursor = await transaction.store.openCursor(); cursor; cursor = await cursor.continue())
      if (cursor.value.at < now - days * dayMs) await cursor.delete();
    await transaction.done;
  }
}
