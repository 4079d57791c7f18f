/** Keywords as sequences of letter classes, in a trie with the failure links of Aho & Corasick. Nodes are numbered breadth first, the root is 0, so the
 *  children of a node are consecutive and a failure link always leads to a smaller number.
 *  A. V. Aho & M. J. Corasick (1975), Communications of the ACM 18(6), doi:10.1145/360825.360855. */
export interface KeywordTrie {
  readonly size: number;
  /** Children of node v: `[firstChild[v], firstChild[v + 1])`, ascending by class. */
  readonly firstChild: Int32Array;
  readonly parent: Int32Array;
  /** The class that leads to a node. */
  readonly via: Uint16Array;
  /** The longest proper suffix of a node's sequence that is a node. */
  readonly fail: Int32Array;
  /** Which sequence ends at a node, -1: none. */
  readonly sequence: Int32Array;
  /** The next node on the failure links at which a sequence ends; 0: none. */
  readonly nextEnding: Int32Array;
}

/** @param sequences of classes, as strings whose UTF-16 units are the classes; none empty, no two alike, sorted */
export function keywordTrie(sequences: readonly string[]): KeywordTrie {
  const low: number[] = [0];
  const high: number[] = [sequences.length];
  const depth: number[] = [0];
  const parents: number[] = [0];
  const vias: number[] = [0];
  const ends: number[] = [];
  const children: number[] = [];
  // A node is a range of the sorted sequences with a common beginning; its children split the range by the class that follows.
  for (let node = 0; node < low.length; node++) {
    let at = low[node];
    ends.push(sequences[at].length === depth[node] ? at++ : -1);
    children.push(low.length);
    while (at < high[node]) {
      const start = at;
      const via = sequences[start].charCodeAt(depth[node]);
      while (at < high[node] && sequences[at].charCodeAt(depth[node]) === via) at++;
      low.push(start);
      high.push(at);
      depth.push(depth[node] + 1);
      parents.push(node);
      vias.push(via);
    }
  }
  children.push(low.length);
  const trie = {
    size: low.length,
    firstChild: Int32Array.from(children),
    parent: Int32Array.from(parents),
    via: Uint16Array.from(vias),
    fail: new Int32Array(low.length),
    sequence: Int32Array.from(ends),
    nextEnding: new Int32Array(low.length),
  };
  for (let node = 1; node < trie.size; node++) {
    if (parents[node] !== 0) trie.fail[node] = advance(trie, trie.fail[parents[node]], vias[node]);
    const suffix = trie.fail[node];
    trie.nextEnding[node] = trie.sequence[suffix] >= 0 ? suffix : trie.nextEnding[suffix];
  }
  return trie;
}

/** The node of the longest suffix of what was read that is a node. */
export function advance(trie: KeywordTrie, from: number, via: number): number {
  for (let node = from; ; node = trie.fail[node]) {
    const child = childOf(trie, node, via);
    if (child >= 0) return child;
    if (node === 0) return 0;
  }
}

function childOf(trie: KeywordTrie, node: number, via: number): number {
  let low = trie.firstChild[node];
  let high = trie.firstChild[node + 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (trie.via[middle] < via) low = middle + 1;
    else high = middle;
  }
  return low < trie.firstChild[node + 1] && trie.via[low] === via ? low : -1;
}
