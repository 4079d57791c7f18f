import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { staleKeys } from './stale-keys.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('the first is told at once, a burst once per pause, and nothing after the end', () => {
  const told: unknown[] = [];
  const stale = staleKeys((key) => told.push(key), 1_000);
  stale.add(['a']);
  vi.advanceTimersByTime(0);
  expect(told).toEqual([['a']]);
  for (let n = 0; n < 50; n++) stale.add(n % 2 === 0 ? ['a'] : ['b']);
  vi.advanceTimersByTime(999);
  expect(told).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(told).toEqual([['a'], ['a'], ['b']]);
  vi.advanceTimersByTime(5_000);
  stale.add(['c']);
  stale.stop();
  vi.advanceTimersByTime(5_000);
  expect(told).toHaveLength(3);
});
