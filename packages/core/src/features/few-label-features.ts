import type { DenseMatrix, SparseMatrix } from '../math/matrix.ts';
import type { Random } from '../math/random.ts';
import { besideSparse } from '../math/sparse.ts';
import { fitSvd, transformSvd } from './svd.ts';

export interface FewLabelFeatures {
  /** Where neighbours are looked for: directions of length 1, in the space of the components beside that of the word vectors. */
  readonly near: DenseMatrix;
  /** For a classifier that has seen so many answers per label: the terms ⊕ what is dense, which counts less the more there is to learn from. */
  readonly rowsFor: (answersPerLabel: number) => SparseMatrix;
}

/** Texts for models of few answers. Terms alone tell nothing of a text that shares none with the answered ones: their truncated SVD does, and so do
 *  word vectors where the language has them (docs/BENCHMARKS.md, semi-supervised).
 *  @param terms tf-idf rows of length 1   @param vectors `embedTexts`, where its coverage is at least a half */
export function fitFewLabelFeatures(terms: SparseMatrix, vectors: DenseMatrix | undefined, random: Random): FewLabelFeatures {
  const components = transformSvd(fitSvd(terms, { components: 100 }, random), terms);
  const near = vectors ? besideDense(components, vectors) : components;
  return {
    near,
    rowsFor: (answersPerLabel) => besideSparse(terms, weighted(near, answersPerLabel <= 30 ? 1 : answersPerLabel <= 100 ? 0.5 : 0.25)),
  };
}

/** @param matrix kept as entries, zeros too: rows of length 0 are rare */
function weighted({ rows, columns, values }: DenseMatrix, weight: number): SparseMatrix {
  return {
    kind: 'sparse',
    rows,
    columns,
    offsets: Int32Array.from({ length: rows + 1 }, (_, row) => row * columns),
    indices: Int32Array.from(values, (_, at) => at % columns),
    values: values.map((value) => value * weight),
  };
}

function besideDense(left: DenseMatrix, right: DenseMatrix): DenseMatrix {
  const columns = left.columns + right.columns;
  const values = new Float32Array(left.rows * columns);
  for (let row = 0; row < left.rows; row++) {
    values.set(left.values.subarray(row * left.columns, (row + 1) * left.columns), row * columns);
    values.set(right.values.subarray(row * right.columns, (row + 1) * right.columns), row * columns + left.columns);
  }
  return { kind: 'dense', rows: left.rows, columns, values };
}
