type Key = readonly unknown[];

/** Gathers what is stale, and says so at once for the first, then at most once per pause: each key once. */
export function staleKeys(refresh: (key: Key) => void, pauseMs: number): { add(key: Key): void; stop(): void } {
  const waiting = new Map<string, Key>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    timer = undefined;
    if (waiting.size === 0) return;
    const keys = [...waiting.values()];
    waiting.clear();
    for (const key of keys) refresh(key);
    timer = setTimeout(flush, pauseMs);
  };
  return {
    add(key) {
      waiting.set(JSON.stringify(key), key);
      // What one event names goes together.
      timer ??= setTimeout(flush, 0);
    },
    stop: () => clearTimeout(timer),
  };
}
