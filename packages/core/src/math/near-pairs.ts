import { base64 } from './near-pairs-wasm.ts';
import { fromBase64 } from './packed-numbers.ts';

/** Scores of a block of rows against a block of candidates, of which only those come out that pass a bar.
 *  score = (Σ a·b − half of the row) − half of the candidate, in float32: with halves of the squared lengths it is −distance² / 2. */
export interface NearPairs {
  /** Most rows, and most candidates, of one scan. */
  readonly block: number;
  /** Row-major, `block` rows. */
  readonly rows: Float32Array;
  /** As `packCandidates` makes it. */
  readonly candidates: Float32Array;
  readonly halfOfRows: Float32Array;
  readonly halfOfCandidates: Float32Array;
  /** A pair is a hit where its score is at least the bar of its row or that of its candidate. */
  readonly barOfRows: Float32Array;
  readonly barOfCandidates: Float32Array;
  /** `rowCount` rounded up to 4, `candidateCount` to 8: what lies there is scanned too. Returns how many vectors of four scores hold a hit:
   *  vector v stands at 6 v in `hits` (row, first candidate) and at 6 v + 2 in `scores`; not every score of a vector is a hit. */
  readonly scan: (rowCount: number, candidateCount: number) => number;
  readonly hits: Int32Array;
  readonly scores: Float32Array;
}

const group = 8;

/** Rows (row-major, n×d) in groups of 8, in a group feature by feature: what one vector load of the kernel takes. Padded with zero rows. */
export function packCandidates(values: Float32Array, rows: number, columns: number): Float32Array {
  const packed = new Float32Array(Math.ceil(rows / group) * group * columns);
  for (let row = 0; row < rows; row++) {
    let to = (row - (row % group)) * columns + (row % group);
    for (let from = row * columns; from < (row + 1) * columns; from++, to += group) packed[to] = values[from];
  }
  return packed;
}

/** By WebAssembly with vectors of four where there is such a thing, else in JavaScript: bit for bit the same scores.
 *  @param columns at least 1   @param use which of the two, for tests and measurements */
export function createNearPairs(columns: number, use?: 'wasm' | 'javascript'): NearPairs {
  const block = 128;
  const lengths = [block * columns, block * columns, block, block, block, block, (block * block * 6) / 4];
  const bytes = 4 * lengths.reduce((sum, length) => sum + length, 0);
  const wasm = use === 'javascript' ? undefined : instantiate(Math.ceil(bytes / 65_536));
  const buffer = wasm?.buffer ?? new ArrayBuffer(bytes);
  const at: number[] = [];
  let next = 0;
  for (const length of lengths) {
    at.push(next);
    next += 4 * length;
  }
  const floats = at.map((from, part) => new Float32Array(buffer, from, lengths[part]));
  const [rows, candidates, halfOfRows, halfOfCandidates, barOfRows, barOfCandidates, scores] = floats;
  const hits = new Int32Array(buffer, at[6], lengths[6]);
  const parts = { block, rows, candidates, halfOfRows, halfOfCandidates, barOfRows, barOfCandidates, hits, scores };
  if (!wasm) return { ...parts, scan: (rowCount, candidateCount) => scanInJavaScript(parts, columns, rowCount, candidateCount) };
  const { scan } = wasm;
  return {
    ...parts,
    scan: (rowCount, candidateCount) => scan(at[0], rowCount, at[1], candidateCount, columns, at[2], at[3], at[4], at[5], at[6]),
  };
}

type Scan = (...given: number[]) => number;

/** The little of the WebAssembly interface that is used: core is compiled without the types of browsers or Node. */
interface WasmGlobal {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: { readonly scan: Scan } };
  readonly Memory: new (description: { initial: number }) => { readonly buffer: ArrayBuffer };
}

function instantiate(pages: number): { buffer: ArrayBuffer; scan: Scan } | undefined {
  const wasm = (globalThis as { WebAssembly?: WasmGlobal }).WebAssembly;
  if (!wasm) return undefined;
  try {
    const memory = new wasm.Memory({ initial: pages });
    const { exports } = new wasm.Instance(new wasm.Module(fromBase64(base64)), { near: { memory } });
    return { buffer: memory.buffer, scan: exports.scan };
  } catch {
    return undefined; // an engine without vectors, or a page whose security policy forbids WebAssembly
  }
}

/** `Math.fround` after every step: float32 as the kernel has it, and what engines compile to single instructions. */
function scanInJavaScript(parts: Omit<NearPairs, 'scan'>, columns: number, rowCount: number, candidateCount: number): number {
  const { rows, candidates, halfOfRows, halfOfCandidates, barOfRows, barOfCandidates, hits, scores } = parts;
  const { fround } = Math;
  let written = 0;
  for (let first = 0; first < candidateCount; first += group) {
    for (let row = 0; row < Math.ceil(rowCount / 4) * 4; row++) {
      for (let candidate = first; candidate < first + group; candidate += 4) {
        let sum0 = fround(0);
        let sum1 = fround(0);
        let sum2 = fround(0);
        let sum3 = fround(0);
        const end = (row + 1) * columns;
        for (let a = row * columns, b = first * columns + candidate - first; a < end; a++, b += group) {
          const value = rows[a];
          sum0 = fround(sum0 + fround(value * candidates[b]));
          sum1 = fround(sum1 + fround(value * candidates[b + 1]));
          sum2 = fround(sum2 + fround(value * candidates[b + 2]));
          sum3 = fround(sum3 + fround(value * candidates[b + 3]));
        }
        const half = halfOfRows[row];
        const to = 6 * written;
        scores[to + 2] = fround(fround(sum0 - half) - halfOfCandidates[candidate]);
        scores[to + 3] = fround(fround(sum1 - half) - halfOfCandidates[candidate + 1]);
        scores[to + 4] = fround(fround(sum2 - half) - halfOfCandidates[candidate + 2]);
        scores[to + 5] = fround(fround(sum3 - half) - halfOfCandidates[candidate + 3]);
        let isHit = false;
        for (let c = 0; c < 4; c++) {
          if (scores[to + 2 + c] >= barOfRows[row] || scores[to + 2 + c] >= barOfCandidates[candidate + c]) isHit = true;
        }
        if (!isHit) continue;
        hits[to] = row;
        hits[to + 1] = candidate;
        written += 1;
      }
    }
  }
  return written;
}
