import type { VotePatterns } from '../math/vote-patterns.ts';
import type { Silence } from '../model/vote.ts';

/** Who said what beside whom: the second moments of the votes. */
export interface PairCounts {
  /** Neighbours of every labeler, ascending: those with whom it has an item in common. */
  readonly partners: readonly (readonly number[])[];
  /** a, b → items on which a said `l` and b said `r`, at `l · k + r`; nothing where they have no item in common. */
  readonly said: (a: number, b: number, l: number, r: number) => number;
  /** Items on which both could have voted: where silence is an answer all of them, else those voted on. */
  readonly common: (a: number, b: number) => number;
  /** m: items that a labeler could have voted on. */
  readonly could: Float64Array;
}

/** O(Σ votes per item²). */
export function pairCounts({ m, k, n, size, offsets, codes, count }: VotePatterns, silence: readonly Silence[]): PairCounts {
  const blocks = new Map<number, Float64Array>();
  const voted = new Float64Array(m);
  for (let p = 0; p < size; p++) {
    const times = count ? count[p] : 1;
    for (let e = offsets[p]; e < offsets[p + 1]; e++) {
      const a = Math.floor(codes[e] / k);
      voted[a] += times;
      for (let f = e + 1; f < offsets[p + 1]; f++) {
        const b = Math.floor(codes[f] / k);
        let block = blocks.get(a * m + b);
        if (!block) blocks.set(a * m + b, (block = new Float64Array(k * k)));
        block[(codes[e] % k) * k + (codes[f] % k)] += times;
      }
    }
  }
  const partners = Array.from({ length: m }, (): number[] => []);
  const both = new Map<number, number>();
  for (const [key, block] of blocks) {
    const a = Math.floor(key / m);
    partners[a].push(key % m);
    partners[key % m].push(a);
    both.set(
      key,
      block.reduce((sum, value) => sum + value, 0),
    );
  }
  for (const list of partners) list.sort((a, b) => a - b);
  const isRule = silence.map((meaning) => meaning === 'abstained');
  return {
    partners,
    said: (a, b, l, r) => (a < b ? blocks.get(a * m + b)?.[l * k + r] : blocks.get(b * m + a)?.[r * k + l]) ?? 0,
    common: (a, b) => {
      if (isRule[a]) return isRule[b] ? n : voted[b];
      return isRule[b] ? voted[a] : (both.get(Math.min(a, b) * m + Math.max(a, b)) ?? 0);
    },
    could: voted.map((items, j) => (isRule[j] ? n : items)),
  };
}
