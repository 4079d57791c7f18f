/** Time as an argument: tests turn the hands themselves. */
export interface Clock {
  readonly now: () => number;
  /** Resolves after so many milliseconds, or when the signal aborts. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

export const wallClock: Clock = {
  now: () => performance.now(),
  sleep: (milliseconds, signal) =>
    new Promise((done) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        done();
      };
      const timer = setTimeout(end, milliseconds);
      signal.addEventListener('abort', end, { once: true });
      if (signal.aborted) end();
    }),
};

export interface TrafficOptions {
  /** Calls at once, at most. */
  readonly concurrency: number;
  /** Calls that start within a minute, at most; absent: any. */
  readonly callsPerMinute?: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Lets calls out to one model: so many at once, so many a minute, none while the provider wants to be left alone. Each time it says so the number at
 *  once is halved; it grows by one again with every round that goes well (additive increase, multiplicative decrease).
 *  D.-M. Chiu & R. Jain (1989), Computer Networks 17(1), doi:10.1016/0169-7552(89)90019-6. */
export class Traffic {
  private readonly options: TrafficOptions;
  private readonly waiting: (() => void)[] = [];
  private running = 0;
  private limit: number;
  private credit = 0;
  private closedUntil = Number.NEGATIVE_INFINITY;
  private nextStart = Number.NEGATIVE_INFINITY;

  constructor(options: TrafficOptions) {
    this.options = options;
    this.limit = options.concurrency;
    options.signal.addEventListener('abort', () => this.wake(this.waiting.length), { once: true });
  }

  /** Resolves when a call may start; false where it must not start any more. */
  async enter(): Promise<boolean> {
    const { clock, signal, callsPerMinute } = this.options;
    for (;;) {
      if (signal.aborted) return false;
      const now = clock.now();
      const waitMs = Math.max(this.closedUntil, this.nextStart) - now;
      if (this.running >= this.limit) await new Promise<void>((done) => this.waiting.push(done));
      else if (waitMs > 0) await clock.sleep(waitMs, signal);
      else {
        this.running += 1;
        if (callsPerMinute !== undefined) this.nextStart = Math.max(now, this.nextStart) + 60_000 / callsPerMinute;
        return true;
      }
    }
  }

  leave(): void {
    this.running -= 1;
    this.wake(1);
  }

  /** A call went well. */
  credited(): void {
    this.credit += 1;
    if (this.credit < this.limit || this.limit >= this.options.concurrency) return;
    this.limit += 1;
    this.credit = 0;
    this.wake(1);
  }

  /** The provider wants no calls for so long. Calls that were under way then say the same: they count once. */
  closeFor(milliseconds: number): void {
    const now = this.options.clock.now();
    if (now >= this.closedUntil) {
      this.limit = Math.max(1, Math.floor(this.limit / 2));
      this.credit = 0;
    }
    this.closedUntil = Math.max(this.closedUntil, now + milliseconds);
  }

  private wake(count: number): void {
    for (const done of this.waiting.splice(0, count)) done();
  }
}
