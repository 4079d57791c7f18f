/** Dense rows: `values[row * columns + column]`. */
export interface DenseMatrix {
  readonly kind: 'dense';
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

/** Sparse rows (CSR): row r holds `indices[e]`, `values[e]` for e in `[offsets[r], offsets[r + 1])`, indices ascending. */
export interface SparseMatrix {
  readonly kind: 'sparse';
  readonly rows: number;
  readonly columns: number;
  readonly offsets: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float32Array;
}

export type Matrix = DenseMatrix | SparseMatrix;
