import type { NeighbourGraph } from './neighbour-graph.ts';

export interface SpreadOptions {
  /** Share that comes from the neighbours in each sweep, 0..1; the rest from the seeds. Default 0.95. */
  readonly alpha?: number;
  /** Default 50. */
  readonly sweeps?: number;
}

/** F ← α S F + (1 − α) Y, from F = Y: what of the seeds reaches each item. Seeds of one column should sum to 1, or a label with many seeds floods
 *  the others. D. Zhou, O. Bousquet, T. Lal, J. Weston & B. Schölkopf (2004), Learning with Local and Global Consistency, NIPS 16.
 *  @param seeds n × width row-major, at least 0   @returns n × width, at least 0; rows that no seed reaches are 0 */
export function spreadLabels(graph: NeighbourGraph, seeds: Float64Array, width: number, options: SpreadOptions = {}): Float64Array {
  const { alpha = 0.95, sweeps = 50 } = options;
  const { rows, offsets, indices, values } = graph;
  let now = Float64Array.from(seeds);
  let next = new Float64Array(seeds.length);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (let row = 0, first = 0; row < rows; row++, first += width) {
      for (let c = 0; c < width; c++) next[first + c] = (1 - alpha) * seeds[first + c];
      for (let e = offsets[row]; e < offsets[row + 1]; e++) {
        const weight = alpha * values[e];
        for (let c = 0, from = indices[e] * width; c < width; c++, from++) next[first + c] += weight * now[from];
      }
    }
    [now, next] = [next, now];
  }
  return now;
}
