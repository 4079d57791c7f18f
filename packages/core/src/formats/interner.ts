import { unguard } from './formula-guard.ts';
import { TextDecoder, TextEncoder } from './platform.ts';

/** In place of a number: it is empty, it is not fit to be an id, it is not one of the known names. */
export const noName = -1;
export const badName = -2;
export const unknownName = -3;

/** Names to numbers, in the order of first appearance: straight from the bytes of a file, or from text. Equal names get one number whichever way
 *  they come. Memory: the bytes of each distinct name twice (once as text), and some 30 bytes more. */
export class Interner<Name extends string> {
  readonly names: Name[] = [];
  private readonly check: (name: string) => Name;
  /** No names beside those that were there from the start. */
  private readonly closed: boolean;
  private readonly encoder = new TextEncoder();
  private readonly decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  /** The spellings seen, one behind the other: entry e is `arena[starts[e] .. starts[e + 1])` and means `numbers[e]`. */
  private arena = new Uint8Array(1 << 12);
  private starts = new Int32Array(1 << 8);
  private numbers = new Int32Array(1 << 8);
  private entries = 0;
  /** Hash table of pairs: entry + 1 (0 where free), hash. */
  private slots = new Int32Array(1 << 10);
  /** The entry that was found last: the next one is likely to come next, where a file goes through the items again and again. */
  private last = -1;
  private byName: Map<string, number> | undefined;

  /** @param known the only names allowed; their numbers are their positions */
  constructor(check: (name: string) => Name, known?: readonly Name[]) {
    this.check = check;
    this.closed = known !== undefined;
    if (!known) return;
    for (const name of known) {
      const bytes = this.encoder.encode(name);
      const hash = hashOf(bytes, 0, bytes.length);
      const slot = this.slotOf(bytes, 0, bytes.length, hash);
      if (this.slots[slot] === 0) this.put(slot, hash, bytes, 0, bytes.length, this.names.length);
      this.names.push(name);
    }
  }

  /** @param hash of the bytes
   *  @returns the number, or one of `noName`, `badName`, `unknownName`   @throws TypeError for bytes that are not UTF-8 */
  ofBytes(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const next = this.last + 1;
    if (next < this.entries && this.isSpelled(next, bytes, start, end - start)) {
      this.last = next;
      return this.numbers[next];
    }
    const slot = this.slotOf(bytes, start, end, hash);
    const entry = this.slots[slot] - 1;
    if (entry >= 0) {
      this.last = entry;
      return this.numbers[entry];
    }
    const text = this.decoder.decode(bytes.subarray(start, end));
    const number = this.numberOf(text);
    this.put(slot, hash, bytes, start, end, number);
    return number;
  }

  ofText(text: string): number {
    this.byName ??= new Map(this.names.map((name, index) => [name, index]));
    // Cells are slices of the text around them, and would keep it in memory: a name is copied.
    return this.byName.get(unguard(text)) ?? this.numberOf(this.decoder.decode(this.encoder.encode(text)));
  }

  private numberOf(spelled: string): number {
    const text = unguard(spelled);
    if (text === '') return noName;
    // Two spellings of one name: `=x` and, guarded, `'=x`.
    if (text !== spelled) this.byName ??= new Map(this.names.map((name, index) => [name, index]));
    const known = this.byName?.get(text);
    if (known !== undefined) return known;
    if (this.closed) return unknownName;
    let name: Name;
    try {
      name = this.check(text);
    } catch {
      return badName;
    }
    this.byName?.set(text, this.names.length);
    return this.names.push(name) - 1;
  }

  private slotOf(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const { slots } = this;
    const mask = slots.length - 2;
    for (let slot = spread(hash) & mask; ; slot = (slot + 2) & mask) {
      const entry = slots[slot] - 1;
      if (entry < 0 || (slots[slot + 1] === hash && this.isSpelled(entry, bytes, start, end - start))) return slot;
    }
  }

  private isSpelled(entry: number, bytes: Uint8Array, start: number, length: number): boolean {
    const { arena, starts } = this;
    const from = starts[entry];
    if (starts[entry + 1] - from !== length) return false;
    for (let at = 0; at < length; at++) if (arena[from + at] !== bytes[start + at]) return false;
    return true;
  }

  private put(slot: number, hash: number, bytes: Uint8Array, start: number, end: number, number: number): void {
    const from = this.starts[this.entries];
    const to = from + end - start;
    if (to > this.arena.length) this.arena = grown(this.arena, to);
    this.arena.set(bytes.subarray(start, end), from);
    if (this.entries + 2 > this.starts.length) this.starts = grown(this.starts, this.entries + 2);
    if (this.entries + 1 > this.numbers.length) this.numbers = grown(this.numbers, this.entries + 1);
    this.starts[this.entries + 1] = to;
    this.numbers[this.entries] = number;
    this.slots[slot] = ++this.entries;
    this.slots[slot + 1] = hash;
    if (this.entries * 4 > this.slots.length) this.growSlots();
  }

  private growSlots(): void {
    const old = this.slots;
    const slots = new Int32Array(old.length * 2);
    const mask = slots.length - 2;
    for (let from = 0; from < old.length; from += 2) {
      if (old[from] === 0) continue;
      let slot = spread(old[from + 1]) & mask;
      while (slots[slot] !== 0) slot = (slot + 2) & mask;
      slots[slot] = old[from];
      slots[slot + 1] = old[from + 1];
    }
    this.slots = slots;
  }
}

function grown<List extends Uint8Array | Int32Array>(list: List, atLeast: number): List {
  const Kind = list.constructor as new (length: number) => List;
  const bigger = new Kind(Math.max(2 * list.length, atLeast));
  bigger.set(list);
  return bigger;
}

/** FNV-1a over bytes. */
export const hashStart = 0x811c9dc5 | 0;
export const hashFactor = 0x01000193;

export function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = hashStart;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at], hashFactor);
  return hash;
}

/** FNV's low bits alone would cluster. */
function spread(hash: number): number {
  const bits = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return bits ^ (bits >>> 13);
}
