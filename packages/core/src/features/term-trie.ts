/** Sequences of symbols (word ids, or characters) as paths in one trie: every n-gram is a node, found without building its text.
 *  Node 0 is the root. Open addressing on typed arrays: some 40 bytes per node, a million look-ups in a fraction of a second. */
export interface TermTrie {
  readonly size: () => number;
  /** −1 where there is none. */
  readonly find: (parent: number, symbol: number) => number;
  readonly add: (parent: number, symbol: number) => number;
  readonly parentOf: (node: number) => number;
  readonly symbolOf: (node: number) => number;
}

export function createTermTrie(): TermTrie {
  let parents = new Int32Array(1024);
  let symbols = new Int32Array(1024);
  let table = new Int32Array(4096);
  let size = 1;

  const slotOf = (parent: number, symbol: number): number => {
    const mask = table.length - 1;
    let slot = spread(parent, symbol) & mask;
    for (;;) {
      const node = table[slot];
      if (node === 0 || (parents[node] === parent && symbols[node] === symbol)) return slot;
      slot = (slot + 1) & mask;
    }
  };

  const grow = (): void => {
    parents = resized(parents, 2 * parents.length);
    symbols = resized(symbols, 2 * symbols.length);
    table = new Int32Array(4 * parents.length);
    for (let node = 1; node < size; node++) table[slotOf(parents[node], symbols[node])] = node;
  };

  return {
    size: () => size,
    find: (parent, symbol) => table[slotOf(parent, symbol)] || -1,
    add(parent, symbol) {
      const slot = slotOf(parent, symbol);
      if (table[slot] !== 0) return table[slot];
      table[slot] = size;
      parents[size] = parent;
      symbols[size] = symbol;
      size += 1;
      if (size === parents.length) grow();
      return size - 1;
    },
    parentOf: (node) => parents[node],
    symbolOf: (node) => symbols[node],
  };
}

function spread(parent: number, symbol: number): number {
  let hash = Math.imul(parent, 0x9e3779b1) ^ Math.imul(symbol, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

export function resized(array: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(length);
  larger.set(array.subarray(0, Math.min(array.length, length)));
  return larger;
}
