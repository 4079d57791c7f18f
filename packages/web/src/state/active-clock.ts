/** How long somebody really worked on an item. A hidden page and a minute without a key or a mouse are not work. Times in milliseconds. */
export interface ActiveClock {
  readonly activeMs: number;
  /** The last sign of life; null while the page is hidden. */
  readonly lastMs: number | null;
}

export const idleAfterMs = 60_000;

export function startClock(nowMs: number, isVisible = true, activeMs = 0): ActiveClock {
  return { activeMs, lastMs: isVisible ? nowMs : null };
}

/** A key, a click, a movement: what lay before it counts, up to the idle limit. */
export function noteInput(clock: ActiveClock, nowMs: number): ActiveClock {
  return { activeMs: activeMs(clock, nowMs), lastMs: nowMs };
}

export function noteHidden(clock: ActiveClock, nowMs: number): ActiveClock {
  return { activeMs: activeMs(clock, nowMs), lastMs: null };
}

export function activeMs({ activeMs, lastMs }: ActiveClock, nowMs: number): number {
  // A clock that was set back must not take away what was worked.
  return lastMs === null ? activeMs : activeMs + Math.min(Math.max(nowMs - lastMs, 0), idleAfterMs);
}
