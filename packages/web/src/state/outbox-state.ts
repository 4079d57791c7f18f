export interface OutboxState {
  /** `signed-out`: the session ended; what waits is sent after the next login of the same person. */
  readonly kind: 'saved' | 'saving' | 'offline' | 'signed-out' | 'refused';
  /** Answers that the server has not confirmed yet. */
  readonly waiting: number;
  /** Answers that the server did not take: the person has to decide. */
  readonly refused: number;
}

let state: OutboxState = { kind: 'saved', waiting: 0, refused: 0 };
const listeners = new Set<() => void>();

/** How the outbox stands, for whoever shows it. */
export const outboxState = {
  get: (): OutboxState => state,
  set: (next: OutboxState): void => {
    if (next.kind === state.kind && next.waiting === state.waiting && next.refused === state.refused) return;
    state = next;
    for (const listener of listeners) listener();
  },
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
