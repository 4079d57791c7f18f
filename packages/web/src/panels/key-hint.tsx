import { Kbd } from '@mantine/core';
import { useSyncExternalStore } from 'react';
import { type CommandId, keysOf, showKey } from '../state/keymap.ts';
import { ownKeys } from '../state/own-keys.ts';

export const isMac = /mac|iphone|ipad/i.test(navigator.userAgent);

/** The key of a command, as the person has it. `taken` are keys that labels have. */
export function KeyHint({ of, taken }: { of: CommandId; taken?: ReadonlySet<string> | undefined }) {
  const own = useSyncExternalStore(ownKeys.subscribe, ownKeys.get);
  const key = keysOf(of, own).find((name) => !taken?.has(name));
  if (key === undefined) return null;
  return (
    <Kbd size="xs" aria-hidden>
      {showKey(key, isMac)}
    </Kbd>
  );
}
