import { findWords, foldWord } from '../features/words.ts';
import { hashText } from '../math/random.ts';
import { createUnionFind } from '../math/union-find.ts';
import { CoreError } from '../model/errors.ts';

export interface DuplicateGroup {
  /** Rows of the texts, ascending; at least two. */
  readonly rows: readonly number[];
  /** The least Jaccard similarity of a pair that joined the group; 1 where all say the same words in the same order. */
  readonly similarity: number;
}

export interface NearDuplicatesOptions {
  /** Jaccard similarity of word sequences from which two texts are the same, 0.5..1. Default 0.8. */
  readonly similarity?: number | undefined;
  /** Words to a sequence. Default 3. */
  readonly words?: number | undefined;
}

/** Texts that say the same, or nearly: case, punctuation and spaces do not count. MinHash finds the candidates, the exact Jaccard similarity of
 *  their word sequences decides; a group is what hangs together by such pairs. A pair at similarity 0.8 is missed with probability 5 · 10⁻⁵,
 *  at 0.5 with 0.45. O(n · words). Texts without a word are nobody's duplicates.
 *  A. Z. Broder (1997), SEQUENCES, doi:10.1109/SEQUEN.1997.666900; bands after J. Leskovec, A. Rajaraman & J. Ullman, MMDS, chapter 3.
 *  @throws CoreError 'bad-options' for a similarity outside 0.5..1 */
export function nearDuplicates(texts: Iterable<string>, options: NearDuplicatesOptions = {}): DuplicateGroup[] {
  const { similarity = 0.8, words = 3 } = options;
  if (!(similarity >= 0.5 && similarity <= 1))
    throw new CoreError('bad-options', `near duplicates: similarity must be 0.5..1, got ${similarity}`);
  const sets: Int32Array[] = [];
  for (const text of texts) sets.push(sequencesOf(text, words));
  const groups = createUnionFind(sets.length);
  const weakest = new Float64Array(sets.length).fill(1);
  const link = (a: number, b: number, jaccard: number): void => {
    const least = Math.min(jaccard, weakest[groups.find(a)], weakest[groups.find(b)]);
    groups.join(a, b);
    weakest[groups.find(a)] = least;
  };
  const signatures = signaturesOf(sets);
  for (let band = 0; band < bands; band++) {
    for (const rows of bucketsOf(signatures, sets, band)) joinAlike(rows, sets, similarity, groups.find, link);
  }
  return groups.sets(2).map((rows) => ({ rows, similarity: weakest[rows[0]] }));
}

/** Ascending hashes of the sequences of `words` words, each once; a shorter text is one sequence. */
function sequencesOf(text: string, words: number): Int32Array {
  findWords(text, bounds);
  const count = bounds.length / 2;
  if (count === 0) return none;
  const folded: string[] = [];
  for (let word = 0; word < count; word++) folded.push(foldWord(text.slice(bounds[2 * word], bounds[2 * word + 1])));
  const hashes = new Set<number>();
  for (let first = 0; first <= Math.max(0, count - words); first++) hashes.add(hashText(folded.slice(first, first + words).join(' ')));
  return Int32Array.from(hashes).sort();
}

const bounds: number[] = [];
const none = new Int32Array(0);

const bands = 25;
const rowsPerBand = 5;
const width = bands * rowsPerBand;

/** Per text the least value that each of the hash functions gives to one of its sequences. */
function signaturesOf(sets: readonly Int32Array[]): Int32Array {
  const signatures = new Int32Array(sets.length * width).fill(0x7fffffff);
  sets.forEach((set, row) => {
    const first = row * width;
    for (const hash of set) {
      for (let at = 0; at < width; at++) {
        // Multiply-shift, then an avalanche: multiplication alone leaves the low bits of a product to the low bits of the hash.
        let mixed = Math.imul(hash, multipliers[at]) + addends[at];
        mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
        mixed ^= mixed >>> 13;
        if (mixed < signatures[first + at]) signatures[first + at] = mixed;
      }
    }
  });
  return signatures;
}

const multipliers = Int32Array.from({ length: width }, (_, at) => hashText(`multiplier ${at}`) | 1);
const addends = Int32Array.from({ length: width }, (_, at) => hashText(`addend ${at}`));

/** Rows whose signatures agree in one band. */
function bucketsOf(signatures: Int32Array, sets: readonly Int32Array[], band: number): Iterable<number[]> {
  const buckets = new Map<string, number[]>();
  sets.forEach((set, row) => {
    if (set.length === 0) return;
    const first = row * width + band * rowsPerBand;
    const key = signatures.subarray(first, first + rowsPerBand).join();
    const bucket = buckets.get(key);
    if (bucket) bucket.push(row);
    else buckets.set(key, [row]);
  });
  return [...buckets.values()].filter(({ length }) => length > 1);
}

/** A thousand copies are joined to the first of them, not pair by pair. */
function joinAlike(
  rows: readonly number[],
  sets: readonly Int32Array[],
  similarity: number,
  find: (row: number) => number,
  link: (a: number, b: number, jaccard: number) => void,
): void {
  const heads: number[] = [];
  for (const row of rows) {
    const alike = heads.some((head) => {
      if (find(head) === find(row)) return true;
      const jaccard = jaccardOf(sets[head], sets[row]);
      if (jaccard >= similarity) link(head, row, jaccard);
      return jaccard >= similarity;
    });
    if (!alike && heads.length < mostHeads) heads.push(row);
  }
}

/** Different texts in one bucket are rare: past so many, later ones are compared with these alone. */
const mostHeads = 50;

/** |a ∩ b| / |a ∪ b| of two ascending lists. */
export function jaccardOf(a: Int32Array, b: Int32Array): number {
  let shared = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) {
      shared += 1;
      i += 1;
      j += 1;
    } else if (a[i] < b[j]) i += 1;
    else j += 1;
  }
  return shared === 0 ? 0 : shared / (a.length + b.length - shared);
}
