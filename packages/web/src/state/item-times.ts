import { type ActiveClock, activeMs, noteHidden, noteInput, startClock } from './active-clock.ts';

/** Active time per item: the clock goes with the item that is looked at; who comes back to one goes on counting. */
export class ItemTimes {
  readonly #now: () => number;
  readonly #spentMs = new Map<number, number>();
  #clock: ActiveClock;

  constructor(now: () => number) {
    this.#now = now;
    this.#clock = startClock(now());
  }

  /** A sign of life. */
  input(): void {
    this.#clock = noteInput(this.#clock, this.#now());
  }

  setVisible(isVisible: boolean): void {
    this.#clock = isVisible ? noteInput(this.#clock, this.#now()) : noteHidden(this.#clock, this.#now());
  }

  /** On the item that is looked at, so far. */
  seconds(): number {
    return activeMs(this.#clock, this.#now()) / 1_000;
  }

  /** @param from the item that is left unfinished; null where there is nothing to come back to */
  turnTo(from: number | null, to: number | null): void {
    const now = this.#now();
    if (from !== null) this.#spentMs.set(from, activeMs(this.#clock, now));
    this.#clock = startClock(now, this.#clock.lastMs !== null, to === null ? 0 : (this.#spentMs.get(to) ?? 0));
  }

  /** Answered: the next look at it is another piece of work. */
  finish(ordinal: number): void {
    this.#spentMs.delete(ordinal);
  }
}
