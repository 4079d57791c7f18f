import { findWords, foldWord } from './words.ts';

/** Words and pairs of neighbouring words, each once: what two texts are compared by. Case, signs and spaces do not count. */
export function termsOf(text: string): Set<string> {
  const terms = new Set<string>();
  let last: string | undefined;
  for (const word of wordsOf(text)) {
    terms.add(word);
    if (last !== undefined) terms.add(`${last} ${word}`);
    last = word;
  }
  return terms;
}

function wordsOf(text: string): string[] {
  const bounds: number[] = [];
  findWords(text, bounds);
  return Array.from({ length: bounds.length / 2 }, (_, word) => foldWord(text.slice(bounds[2 * word], bounds[2 * word + 1])));
}

/** |A ∩ B| / |A ∪ B|; 0 where one of them is empty. P. Jaccard (1912), New Phytologist 11(2). */
export function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const [small, large] = a.size <= b.size ? [a, b] : [b, a];
  let shared = 0;
  for (const term of small) if (large.has(term)) shared += 1;
  return shared === 0 ? 0 : shared / (a.size + b.size - shared);
}

/** Texts to compare others with, one by one. */
export interface OverlapIndex {
  readonly add: (terms: ReadonlySet<string>) => void;
  /** The greatest similarity to any text added so far, exact. O(postings of the text's terms). */
  readonly nearest: (terms: ReadonlySet<string>) => number;
}

export function createOverlapIndex(): OverlapIndex {
  const postings = new Map<string, number[]>();
  const sizes: number[] = [];
  return {
    add(terms) {
      for (const term of terms) {
        const rows = postings.get(term);
        if (rows) rows.push(sizes.length);
        else postings.set(term, [sizes.length]);
      }
      sizes.push(terms.size);
    },
    nearest(terms) {
      const shared = new Map<number, number>();
      for (const term of terms) for (const row of postings.get(term) ?? []) shared.set(row, (shared.get(row) ?? 0) + 1);
      let most = 0;
      for (const [row, count] of shared) most = Math.max(most, count / (terms.size + sizes[row] - count));
      return most;
    },
  };
}

export interface Diversity {
  readonly texts: number;
  /** Distinct words over all words, and the same of pairs of words: 1 where nothing repeats. Falls with the amount of text: compare equal amounts.
   *  J. Li et al. (2016), A Diversity-Promoting Objective Function, arXiv:1510.03055. */
  readonly distinct1: number;
  readonly distinct2: number;
  /** Mean Jaccard similarity of pairs of texts; 0 where there are fewer than two. */
  readonly meanSimilarity: number;
}

/** Pairs beyond `maxPairs` are taken at even steps through all of them. */
export function diversityOf(texts: readonly string[], maxPairs = 100_000): Diversity {
  const words = texts.map(wordsOf);
  const pairsOfWords = words.map((list) => list.slice(1).map((word, i) => `${list[i]} ${word}`));
  const terms = texts.map(termsOf);
  const pairs = (texts.length * (texts.length - 1)) / 2;
  const step = Math.max(1, Math.ceil(pairs / maxPairs));
  let similarity = 0;
  let compared = 0;
  let pair = 0;
  for (let a = 0; a < texts.length; a++) {
    for (let b = a + 1; b < texts.length; b++) {
      if (pair++ % step !== 0) continue;
      similarity += jaccard(terms[a], terms[b]);
      compared += 1;
    }
  }
  return {
    texts: texts.length,
    distinct1: distinctShare(words),
    distinct2: distinctShare(pairsOfWords),
    meanSimilarity: compared === 0 ? 0 : similarity / compared,
  };
}

function distinctShare(lists: readonly (readonly string[])[]): number {
  const all = lists.flat();
  return all.length === 0 ? 0 : new Set(all).size / all.length;
}
