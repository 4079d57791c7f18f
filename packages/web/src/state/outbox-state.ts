export interface OutboxState {
  readonly kind: 'saved' | 'saving' | 'offline' | 'refused';
  /** Answers that the server has not confirmed yet. */
  readonly waiting: number;
}

let state: OutboxState = { kind: 'saved', waiting: 0 };
const listeners = new Set<() => void>();

/** How the outbox stands, for whoever shows it. */
export const outboxState = {
  get: (): OutboxState => state,
  set(next: OutboxState): void {
    state = next;
    for (const listener of listeners) listener();
  },
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
