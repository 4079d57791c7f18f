import type { DenseMatrix } from '../math/matrix.ts';
import { fromBase64, type PackedNumbers, unpackNumbers } from '../math/packed-numbers.ts';
import { findWords, foldWord } from './words.ts';

/** Vectors of words, learned elsewhere, as a module can hold them. */
export interface PackedWordVectors {
  /** Separated by spaces, the most frequent first. */
  readonly words: string;
  readonly columns: number;
  /** Four bits a number, −7..7 plus 8, the even column in the low half of a byte; row-major. */
  readonly base64: string;
  /** One column: what a word's 7 means, its weight in a sum included. */
  readonly scales: PackedNumbers;
}

export interface WordVectors {
  readonly columns: number;
  /** The row of each folded word. */
  readonly rowOf: ReadonlyMap<string, number>;
  /** Row-major, −7..7. */
  readonly values: Int8Array;
  readonly scales: Float32Array;
}

export function unpackWordVectors({ words, columns, base64, scales }: PackedWordVectors): WordVectors {
  const bytes = fromBase64(base64);
  const values = new Int8Array(2 * bytes.length);
  for (let at = 0; at < bytes.length; at++) {
    values[2 * at] = (bytes[at] & 15) - 8;
    values[2 * at + 1] = (bytes[at] >> 4) - 8;
  }
  return { columns, values, scales: unpackNumbers(scales), rowOf: new Map(words.split(' ').map((word, row) => [word, row])) };
}

/** Each text as the sum of its words' vectors, of length 1; a text without known words is a row of zeros. Frequent words weigh less: the weights
 *  are in the vectors. Texts that share no word can be near. `coverage`: the share of all words that is known; below a half, leave it.
 *  S. Arora, Y. Liang & T. Ma (2017), A Simple but Tough-to-Beat Baseline for Sentence Embeddings, ICLR. */
export function embedTexts(vectors: WordVectors, texts: readonly string[]): { readonly rows: DenseMatrix; readonly coverage: number } {
  const { columns, values, scales, rowOf } = vectors;
  const out = new Float32Array(texts.length * columns);
  const sum = new Float64Array(columns);
  const bounds: number[] = [];
  let known = 0;
  let all = 0;
  texts.forEach((text, row) => {
    sum.fill(0);
    findWords(text, bounds);
    all += bounds.length / 2;
    for (let at = 0; at < bounds.length; at += 2) {
      const word = rowOf.get(foldWord(text.slice(bounds[at], bounds[at + 1])));
      if (word === undefined) continue;
      known += 1;
      for (let c = 0; c < columns; c++) sum[c] += values[word * columns + c] * scales[word];
    }
    const length = Math.sqrt(sum.reduce((squares, value) => squares + value * value, 0));
    if (length > 0) for (let c = 0; c < columns; c++) out[row * columns + c] = sum[c] / length;
  });
  return { rows: { kind: 'dense', rows: texts.length, columns, values: out }, coverage: all === 0 ? 0 : known / all };
}
