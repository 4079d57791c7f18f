// oxlint-disable-next-line import/no-unassigned-import -- it puts itself where a browser has its own
import 'fake-indexeddb/auto';
import { expect, test } from 'vitest';
import { forgetOld, openBrowserDatabase } from './browser-database.ts';
import { findDraft, saveDraft } from './drafts.ts';

const draft = { base: 4, labels: ['spam'], comment: '', at: 0 };

test('a draft comes back after the tab has crashed', async () => {
  const before = await openBrowserDatabase('drafts-crash');
  await saveDraft(before, '7/3/q', draft);
  before.close();
  const after = await openBrowserDatabase('drafts-crash');
  expect(await findDraft(after, '7/3/q', 4)).toEqual(draft);
});

test('a stale draft never overrides a newer version (P71)', async () => {
  const database = await openBrowserDatabase('drafts-stale');
  await saveDraft(database, '7/3/q', draft);
  expect(await findDraft(database, '7/3/q', 5)).toBeUndefined();
  expect(await findDraft(database, '7/3/q', 4)).toBeUndefined();
});

test('an empty draft is not a save', async () => {
  const database = await openBrowserDatabase('drafts-empty');
  await saveDraft(database, '7/3/q', draft);
  await saveDraft(database, '7/3/q', { ...draft, labels: [] });
  expect(await database.count('drafts')).toBe(0);
});

test('drafts of last month are forgotten, answers that wait never are', async () => {
  const database = await openBrowserDatabase('drafts-old');
  await saveDraft(database, 'old', draft);
  await saveDraft(database, 'new', { ...draft, at: 40 * 86_400_000 });
  const comment = { kind: 'comment', id: 'a', project: 7, ordinal: 1, text: 'hm' } as const;
  await database.add('entries', { person: 1, at: 0, failures: 0, action: comment });
  await forgetOld(database, 41 * 86_400_000);
  expect(await database.getAllKeys('drafts')).toEqual(['new']);
  expect(await database.count('entries')).toBe(1);
});
