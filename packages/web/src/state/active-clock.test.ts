import { expect, test } from 'vitest';
import { activeMs, noteHidden, noteInput, startClock } from './active-clock.ts';

test('time between signs of life counts', () => {
  const clock = noteInput(noteInput(startClock(0), 4_000), 9_000);
  expect(activeMs(clock, 10_500)).toBe(10_500);
});

test('a minute without a sign of life stops it, and the next sign starts it again', () => {
  const away = startClock(0);
  expect(activeMs(away, 3_600_000)).toBe(60_000);
  const back = noteInput(away, 3_600_000);
  expect(activeMs(back, 3_605_000)).toBe(65_000);
});

test('a hidden page stops it at once', () => {
  const hidden = noteHidden(startClock(0), 5_000);
  expect(activeMs(hidden, 500_000)).toBe(5_000);
  expect(activeMs(noteInput(hidden, 500_000), 502_000)).toBe(7_000);
});

test('a clock that is set back takes nothing away', () => {
  expect(activeMs(noteInput(startClock(10_000), 12_000), 1_000)).toBe(2_000);
});
