/** Which ids came before, in 16 bytes an id at the worst, whatever their length: two independent 32-bit hashes stand for the id. Of ten million
 *  different ids, two pass for one with probability 3e-6; of a million, 3e-8. */
export class IdSet {
  size = 0;
  private slots = 1 << 10;
  private table = new Uint32Array(2 * this.slots);

  /** Whether it is new. */
  add(id: string): boolean {
    let first = 0x811c9dc5;
    let second = 0x9747b28c;
    for (let at = 0; at < id.length; at++) {
      const code = id.charCodeAt(at);
      first = Math.imul(first ^ code, 0x01000193);
      second = Math.imul(second ^ code, 0x5bd1e995);
      second ^= second >>> 15;
    }
    if (this.size * 2 >= this.slots) this.grow();
    // 0 marks a free slot.
    return this.put(mixed(first) || 1, mixed(second ^ id.length) || 1);
  }

  private put(first: number, second: number): boolean {
    const { table, slots } = this;
    for (let slot = first & (slots - 1); ; slot = (slot + 1) & (slots - 1)) {
      if (table[2 * slot] === 0) {
        table[2 * slot] = first;
        table[2 * slot + 1] = second;
        this.size++;
        return true;
      }
      if (table[2 * slot] === first && table[2 * slot + 1] === second) return false;
    }
  }

  private grow(): void {
    const { table, slots } = this;
    this.slots *= 2;
    this.table = new Uint32Array(2 * this.slots);
    this.size = 0;
    for (let slot = 0; slot < slots; slot++) if (table[2 * slot] !== 0) this.put(table[2 * slot], table[2 * slot + 1]);
  }
}

function mixed(hash: number): number {
  let bits = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
