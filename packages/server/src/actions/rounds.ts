/** Calls that come while a round is being played wait for the next one, and share it: many callers cost little more than one. */
export class Rounds<Call, Result> {
  private readonly play: (calls: readonly Call[]) => Promise<readonly Result[]>;
  private readonly mayShare: (call: Call, round: readonly Call[]) => boolean;
  private waiting: Waiting<Call, Result>[] = [];
  private isPlaying = false;

  /** @param play a result per call, in their order  @param mayShare false: the call waits for the round after */
  constructor(play: (calls: readonly Call[]) => Promise<readonly Result[]>, mayShare: (call: Call, round: readonly Call[]) => boolean) {
    this.play = play;
    this.mayShare = mayShare;
  }

  get isIdle(): boolean {
    return !this.isPlaying && this.waiting.length === 0;
  }

  /** @throws what the round threw */
  join(call: Call): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.waiting.push({ call, resolve, reject });
      if (!this.isPlaying) void this.playAll();
    });
  }

  private async playAll(): Promise<void> {
    this.isPlaying = true;
    while (this.waiting.length > 0) {
      const round = this.nextRound();
      try {
        const results = await this.play(round.map(({ call }) => call));
        round.forEach(({ resolve }, at) => resolve(results[at]));
      } catch (error) {
        for (const { reject } of round) reject(error);
      }
    }
    this.isPlaying = false;
  }

  private nextRound(): Waiting<Call, Result>[] {
    const round: Waiting<Call, Result>[] = [];
    const calls: Call[] = [];
    const later: Waiting<Call, Result>[] = [];
    for (const each of this.waiting) {
      const isIn = this.mayShare(each.call, calls);
      (isIn ? round : later).push(each);
      if (isIn) calls.push(each.call);
    }
    this.waiting = later;
    return round;
  }
}

interface Waiting<Call, Result> {
  readonly call: Call;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}
