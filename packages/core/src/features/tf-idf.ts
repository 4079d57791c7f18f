import type { SparseMatrix } from '../math/matrix.ts';
import { createSparseBuilder } from '../math/sparse.ts';
import { createTermCounter, createTermReader, type TermReader } from './terms.ts';

export interface TfIdfOptions {
  /** Sequences of 1 up to so many words. Default 2. */
  readonly ngrams?: number;
  /** Character sequences inside words, word ends marked by a space: for misspellings and rich inflection. Default none. */
  readonly characters?: { readonly min: number; readonly max: number } | undefined;
  /** Terms of fewer texts are dropped. Default 1 below 50 texts, else 2. */
  readonly minDocuments?: number;
  /** The terms of most texts are kept. Default 50,000. */
  readonly maxFeatures?: number;
}

/** Plain JSON. Feature f is `terms[f]`, in the order of code units; character sequences start with ~. */
export type TfIdfModel = {
  readonly ngrams: number;
  readonly characters: { readonly min: number; readonly max: number } | null;
  /** Texts that it was fitted on. */
  readonly documents: number;
  readonly terms: readonly string[];
  /** Texts that each term occurs in. */
  readonly frequencies: readonly number[];
};

/** Learns the vocabulary in one pass. Terms at the edge of `maxFeatures` are chosen by document frequency, then by text:
 *  the order of the texts does not matter. Texts of any language, see `findWords`. */
export function fitTfIdf(texts: Iterable<string>, options: TfIdfOptions = {}): TfIdfModel {
  const { ngrams = 2, characters, maxFeatures = 50_000 } = options;
  const counter = createTermCounter({ ngrams, characters: characters ?? null });
  for (const text of texts) counter.add(text);
  const { minDocuments = counter.documents() < 50 ? 1 : 2 } = options;
  const chosen = counter.choose(minDocuments, maxFeatures);
  return {
    ngrams,
    characters: characters ?? null,
    documents: counter.documents(),
    terms: chosen.map(({ term }) => term),
    frequencies: chosen.map(({ frequency }) => frequency),
  };
}

export function transformTfIdf(model: TfIdfModel, texts: Iterable<string>): SparseMatrix {
  const vectorizer = createTfIdf(model);
  const builder = createSparseBuilder();
  for (const text of texts) {
    vectorizer.read(text);
    builder.addRow(vectorizer.indices, vectorizer.values, vectorizer.count());
  }
  return builder.build(model.terms.length);
}

/** A model made ready to read text after text; what the last `read` found stands in `indices` (ascending) and `values` up to `count()`. */
export interface TfIdfVectorizer {
  readonly read: (text: string) => void;
  readonly count: () => number;
  readonly indices: Int32Array;
  readonly values: Float64Array;
  /** Where terms stand, as UTF-16 places. */
  readonly places: TermReader['places'];
}

/** Rows are (1 + ln count) · (1 + ln((1 + n) / (1 + frequency))), then of Euclidean length 1; a text without known terms is an empty row.
 *  As scikit-learn's TfidfVectorizer(sublinear_tf=True). K. Spärck Jones (1972), J. Documentation 28(1), doi:10.1108/eb026526;
 *  G. Salton & C. Buckley (1988), Inf. Process. Manag. 24(5), doi:10.1016/0306-4573(88)90021-0. */
export function createTfIdf(model: TfIdfModel): TfIdfVectorizer {
  const reader = createTermReader(model);
  const idf = Float64Array.from(model.frequencies, (frequency) => 1 + Math.log((1 + model.documents) / (1 + frequency)));
  const counts = new Int32Array(model.terms.length);
  const indices = new Int32Array(model.terms.length);
  const values = new Float64Array(model.terms.length);
  let used = 0;
  const take = (feature: number): void => {
    if (counts[feature]++ === 0) indices[used++] = feature;
  };
  return {
    indices,
    values,
    count: () => used,
    places: reader.places,
    read(text) {
      used = 0;
      reader.each(text, take);
      indices.subarray(0, used).sort();
      let squares = 0;
      for (let e = 0; e < used; e++) {
        const feature = indices[e];
        values[e] = (1 + Math.log(counts[feature])) * idf[feature];
        squares += values[e] * values[e];
        counts[feature] = 0;
      }
      const length = Math.sqrt(squares);
      for (let e = 0; e < used; e++) values[e] /= length;
    },
  };
}
