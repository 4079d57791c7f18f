import { isSameToken, randomToken } from './random-token.ts';

/** Lets one person make the first account: printed on the terminal, good for an hour and for one use. Only this process knows it. */
export interface SetupKey {
  readonly key: string;
  matches(given: string): boolean;
  use(): void;
}

const lifetimeMs = 3_600_000;

export function makeSetupKey(clock: () => number): SetupKey {
  const key = randomToken();
  const end = clock() + lifetimeMs;
  let isUsed = false;
  return {
    key,
    matches: (given) => isSameToken(given, key) && !isUsed && clock() < end,
    use: () => void (isUsed = true),
  };
}
