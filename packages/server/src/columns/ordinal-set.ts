/** Some of the items of a project, a bit each. */
export class OrdinalSet {
  private readonly bits: Uint8Array;
  readonly n: number;

  constructor(n: number, from?: OrdinalSet) {
    this.n = n;
    this.bits = new Uint8Array((n + 7) >>> 3);
    if (from) this.addBits(from.bits);
  }

  static of(n: number, ordinals: Iterable<number>): OrdinalSet {
    const set = new OrdinalSet(n);
    for (const ordinal of ordinals) set.add(ordinal);
    return set;
  }

  add(ordinal: number): void {
    if (ordinal < this.n) this.bits[ordinal >>> 3] |= 1 << (ordinal & 7);
  }

  has(ordinal: number): boolean {
    return ordinal < this.n && (this.bits[ordinal >>> 3] & (1 << (ordinal & 7))) !== 0;
  }

  /** Whoever is not in the set passes no more. @param passes 0 or 1 for each ordinal */
  sieve(passes: Uint8Array, from: number, to: number): void {
    const { bits } = this;
    const known = Math.max(from, Math.min(to, this.n));
    for (let ordinal = from; ordinal < known; ordinal++) passes[ordinal] &= bits[ordinal >>> 3] >>> (ordinal & 7);
    passes.fill(0, known, to);
  }

  /** A bit each, the lowest of the first byte first. */
  addBits(bits: Uint8Array): void {
    const length = Math.min(bits.length, this.bits.length);
    for (let at = 0; at < length; at++) this.bits[at] |= bits[at];
  }

  /** From big-endian integers, as `int4send` makes them. */
  addPacked(packed: Buffer): void {
    for (let at = 0; at + 4 <= packed.length; at += 4) this.add(packed.readInt32BE(at));
  }
}
