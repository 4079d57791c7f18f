/** Disjoint sets over 0..n−1, by path halving; the smallest member stands for its set, so that the order of joins does not show.
 *  R. E. Tarjan & J. van Leeuwen (1984), J. ACM 31(2), doi:10.1145/62.2160. */
export interface UnionFind {
  /** The smallest member of the set of `member`. */
  readonly find: (member: number) => number;
  readonly join: (a: number, b: number) => void;
  /** Sets of at least `smallest` members, by their smallest member; members ascending. */
  readonly sets: (smallest?: number) => number[][];
}

export function createUnionFind(n: number): UnionFind {
  const parent = Int32Array.from({ length: n }, (_, member) => member);
  const find = (member: number): number => {
    let at = member;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]];
      at = parent[at];
    }
    return at;
  };
  return {
    find,
    join: (a, b) => {
      const left = find(a);
      const right = find(b);
      if (left < right) parent[right] = left;
      else parent[left] = right;
    },
    sets: (smallest = 1) => {
      const members = new Map<number, number[]>();
      for (let member = 0; member < n; member++) {
        const head = find(member);
        const set = members.get(head);
        if (set) set.push(member);
        else members.set(head, [member]);
      }
      return [...members.values()].filter(({ length }) => length >= smallest);
    },
  };
}
