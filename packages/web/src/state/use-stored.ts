import { useState } from 'react';

/** A choice of this person in this browser. Where the browser keeps nothing, it lasts as long as the page. */
export function useStored<Value>(key: string, initial: Value): [Value, (next: Value) => void] {
  const [value, setValue] = useState<Value>(() => read(key, initial));
  const store = (next: Value) => {
    setValue(next);
    try {
      localStorage.setItem(key, JSON.stringify(next));
    } catch {
      // Full, or not allowed: it holds for this page all the same.
    }
  };
  return [value, store];
}

function read<Value>(key: string, initial: Value): Value {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(key) ?? 'null');
    return typeof stored === typeof initial && Array.isArray(stored) === Array.isArray(initial) && stored !== null
      ? (stored as Value)
      : initial;
  } catch {
    return initial;
  }
}
