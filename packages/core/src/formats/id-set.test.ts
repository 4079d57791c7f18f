import { expect, test } from 'vitest';
import { IdSet } from './id-set.ts';

test('ids that came before are known, others are not', () => {
  const ids = new IdSet();
  const added = (count: number): number => Array.from({ length: count }, (_, id) => ids.add(`item-${id}`)).filter(Boolean).length;
  expect(added(200_000)).toBe(200_000);
  expect(added(300_000)).toBe(100_000);
  expect(ids.size).toBe(300_000);
});
