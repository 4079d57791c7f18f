import type { BrowserDatabase, Draft } from './browser-database.ts';

/** A draft that says nothing is no draft: saving it would hide that nothing was done. */
export async function saveDraft(database: BrowserDatabase, key: string, draft: Draft): Promise<void> {
  if (draft.labels.length === 0 && draft.comment === '') await database.delete('drafts', key);
  else await database.put('drafts', draft, key);
}

/** What was left unfinished, if it stands on the version that the item has now. One on an older version is thrown away: somebody (perhaps the same
 *  person in another tab) has answered since, and an old thought must not pass for a new one. */
export async function findDraft(database: BrowserDatabase, key: string, version: number): Promise<Draft | undefined> {
  const draft = await database.get('drafts', key);
  if (!draft || draft.base === version) return draft;
  await database.delete('drafts', key);
  return undefined;
}

export async function dropDraft(database: BrowserDatabase, key: string): Promise<void> {
  await database.delete('drafts', key);
}
