import type { VotePatterns } from '../math/vote-patterns.ts';

/** How labelers voted against a posterior, as log P(said | y) by `code · k + y`, for aggregators that keep no confusions of their own:
 *  smoothed by one vote per row, nine tenths of it on the diagonal. */
export function agreementEvidence(patterns: VotePatterns, posterior: Float64Array): Float64Array {
  const { m, k } = patterns;
  const evidence = votesAgainst(patterns, posterior);
  for (let j = 0; j < m; j++) {
    for (let y = 0; y < k; y++) {
      let votes = 1;
      for (let l = 0; l < k; l++) votes += evidence[(j * k + l) * k + y];
      for (let l = 0; l < k; l++) {
        const at = (j * k + l) * k + y;
        const belief = k === 1 ? 1 : l === y ? 0.9 : 0.1 / (k - 1);
        evidence[at] = Math.log((evidence[at] + belief) / votes);
      }
    }
  }
  return evidence;
}

/** m·k·k by `code · k + y`: Σ posterior[y] over the items where that vote was cast. */
export function votesAgainst({ m, k, size, offsets, codes, count }: VotePatterns, posterior: Float64Array): Float64Array {
  const sums = new Float64Array(m * k * k);
  for (let p = 0; p < size; p++) {
    const times = count ? count[p] : 1;
    for (let e = offsets[p]; e < offsets[p + 1]; e++) for (let y = 0; y < k; y++) sums[codes[e] * k + y] += times * posterior[p * k + y];
  }
  return sums;
}
