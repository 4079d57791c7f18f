import { commands, type OwnKeys } from './keymap.ts';

const place = 'labelwright-keys';
const listeners = new Set<() => void>();
let own: OwnKeys | undefined;

/** The keys that this person changed, in this browser. */
export const ownKeys = {
  get: (): OwnKeys => {
    own ??= read();
    return own;
  },
  set: (next: OwnKeys): void => {
    own = next;
    localStorage.setItem(place, JSON.stringify(next));
    for (const listener of listeners) listener();
  },
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

/** What cannot be read is as good as nothing: keys must never keep a page from opening. */
function read(): OwnKeys {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(place) ?? '{}');
    if (typeof stored !== 'object' || stored === null) return {};
    const known = Object.entries(stored).filter(
      ([id, keys]) => commands.some((command) => command.id === id) && Array.isArray(keys) && keys.every((key) => typeof key === 'string'),
    );
    return Object.fromEntries(known) as OwnKeys;
  } catch {
    return {};
  }
}
