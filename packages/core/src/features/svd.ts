import type { DenseMatrix, Matrix } from '../math/matrix.ts';
import { type PackedNumbers, packNumbers, unpackNumbers } from '../math/packed-numbers.ts';
import type { Random } from '../math/random.ts';
import { multiply, transpose } from '../math/sparse.ts';
import { symmetricEigen } from '../math/symmetric-eigen.ts';

/** Plain JSON. */
export type SvdModel = {
  /** Largest first; as many as there are components. */
  readonly singularValues: readonly number[];
  /** d rows, one column per component: the right singular vectors. */
  readonly components: PackedNumbers;
};

export interface SvdOptions {
  /** Components wanted; fewer come out where the matrix has fewer. Default 100. */
  readonly components?: number;
  /** Passes of subspace iteration. Default 4: the gap of text spectra is small. */
  readonly passes?: number;
}

const oversampling = 10;

/** Truncated singular value decomposition of n×d features, without centring (latent semantic analysis): a dense view in which texts that share no
 *  word can be near. O(passes · non-zeros · components).
 *  N. Halko, P.-G. Martinsson & J. Tropp (2011), SIAM Review 53(2), algorithm 4.4, doi:10.1137/090771806. */
export function fitSvd(features: Matrix, options: SvdOptions, random: Random): SvdModel {
  const { components = 100, passes = 4 } = options;
  const { rows, columns } = features;
  const width = Math.min(components + oversampling, rows, columns);
  const transposed = transpose(features);
  let range = new Float64Array(rows * width);
  for (let at = 0; at < range.length; at++) range[at] = random.normal();
  range = orthonormal(range, width);
  const image = new Float64Array(columns * width);
  for (let pass = 0; pass < passes; pass++) {
    multiply(transposed, Float32Array.from(range), width, image);
    multiply(features, Float32Array.from(image), width, range);
    range = orthonormal(range, width);
  }
  multiply(transposed, Float32Array.from(range), width, image);
  // image = Aᵀ Q: its left singular vectors are the right ones of A, and so are its singular values.
  const { values, vectors } = symmetricEigen(gram(image, width), width);
  const kept = Math.min(components, values.filter((value) => value > 1e-10 * values[0]).length);
  const singularValues = Array.from(values.subarray(0, kept), Math.sqrt);
  const turn = new Float64Array(width * kept);
  for (let i = 0; i < width; i++) for (let c = 0; c < kept; c++) turn[i * kept + c] = vectors[i * width + c] / singularValues[c];
  const right = Float32Array.from(product(image, turn, width, kept));
  fixSigns(right, kept);
  return { singularValues, components: packNumbers(right, kept) };
}

/** Rows in the space of the components; of length 1 where `normalise` (default), for cosine distances. */
export function transformSvd(model: SvdModel, features: Matrix, normalise = true): DenseMatrix {
  return createSvd(model)(features, normalise);
}

/** A model made ready to transform a few rows again and again. */
export function createSvd(model: SvdModel): (features: Matrix, normalise?: boolean) => DenseMatrix {
  const width = model.components.columns;
  const components = unpackNumbers(model.components);
  return (features, normalise = true) => {
    const out = new Float64Array(features.rows * width);
    multiply(features, components, width, out);
    if (normalise) normaliseRows(out, width);
    return { kind: 'dense', rows: features.rows, columns: width, values: Float32Array.from(out) };
  };
}

function normaliseRows(block: Float64Array, width: number): void {
  for (let first = 0; first < block.length; first += width) {
    let squares = 0;
    for (let c = 0; c < width; c++) squares += block[first + c] * block[first + c];
    if (squares > 0) for (let c = 0; c < width; c++) block[first + c] /= Math.sqrt(squares);
  }
}

/** An orthonormal basis of the columns (rows × width): Y · V · Λ^−½ of its Gram matrix; directions that are not there become 0. */
function orthonormal(block: Float64Array, width: number): Float64Array<ArrayBuffer> {
  const { values, vectors } = symmetricEigen(gram(block, width), width);
  const turn = new Float64Array(width * width);
  for (let c = 0; c < width; c++) {
    if (!(values[c] > 1e-13 * values[0])) continue;
    const length = Math.sqrt(values[c]);
    for (let i = 0; i < width; i++) turn[i * width + c] = vectors[i * width + c] / length;
  }
  return product(block, turn, width, width);
}

/** Yᵀ Y. */
function gram(block: Float64Array, width: number): Float64Array {
  const out = new Float64Array(width * width);
  for (let first = 0; first < block.length; first += width) {
    for (let i = 0; i < width; i++) {
      const value = block[first + i];
      if (value === 0) continue;
      for (let j = i; j < width; j++) out[i * width + j] += value * block[first + j];
    }
  }
  for (let i = 0; i < width; i++) for (let j = 0; j < i; j++) out[i * width + j] = out[j * width + i];
  return out;
}

/** (rows × inner) · (inner × width). */
function product(left: Float64Array, right: Float64Array, inner: number, width: number): Float64Array<ArrayBuffer> {
  const rows = inner === 0 ? 0 : left.length / inner;
  const out = new Float64Array(rows * width);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < inner; i++) {
      const value = left[row * inner + i];
      for (let c = 0, at = row * width, from = i * width; c < width; c++, at++, from++) out[at] += value * right[from];
    }
  }
  return out;
}

/** Singular vectors are known up to their sign: the largest entry becomes positive. */
function fixSigns(vectors: Float32Array, width: number): void {
  for (let c = 0; c < width; c++) {
    let largest = 0;
    for (let at = c; at < vectors.length; at += width) if (Math.abs(vectors[at]) > Math.abs(largest)) largest = vectors[at];
    if (largest < 0) for (let at = c; at < vectors.length; at += width) vectors[at] = -vectors[at];
  }
}
