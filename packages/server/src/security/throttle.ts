import { CoreError } from '@labelwright/core/model/errors';

interface Bucket {
  tokens: number;
  atMs: number;
}

const mostBuckets = 20_000;

/** A bucket of tokens per key that fills up again over a minute. In the memory of this process: n servers let n times as much through. */
export class Throttle {
  private readonly buckets = new Map<string, Bucket>();
  private readonly perMinute: number;
  private readonly clock: () => number;

  constructor(perMinute: number, clock: () => number) {
    this.perMinute = perMinute;
    this.clock = clock;
  }

  /** @returns 0 where there was enough, else the seconds to wait */
  take(key: string, cost = 1): number {
    const bucket = this.bucketOf(key);
    if (bucket.tokens < cost) return Math.ceil(((cost - bucket.tokens) / this.perMinute) * 60);
    bucket.tokens -= cost;
    return 0;
  }

  giveBack(key: string, cost = 1): void {
    const bucket = this.bucketOf(key);
    bucket.tokens = Math.min(this.perMinute, bucket.tokens + cost);
  }

  private bucketOf(key: string): Bucket {
    const now = this.clock();
    let bucket = this.buckets.get(key);
    if (bucket === undefined) {
      if (this.buckets.size >= mostBuckets) this.forgetFull(now);
      bucket = { tokens: this.perMinute, atMs: now };
      this.buckets.set(key, bucket);
    }
    bucket.tokens = Math.min(this.perMinute, bucket.tokens + ((now - bucket.atMs) / 60_000) * this.perMinute);
    bucket.atMs = now;
    return bucket;
  }

  /** A key that was quiet for a minute is as good as new; where none was, the oldest half goes. */
  private forgetFull(now: number): void {
    for (const [key, { atMs }] of this.buckets) if (now - atMs > 60_000) this.buckets.delete(key);
    let surplus = this.buckets.size - mostBuckets / 2;
    for (const key of this.buckets.keys()) if (surplus-- > 0) this.buckets.delete(key);
  }
}

export function tooMany(what: string, retryAfterSeconds: number): CoreError {
  return new CoreError('too-many-requests', `Too many ${what}: try again in ${retryAfterSeconds} s`, { retryAfterSeconds });
}
