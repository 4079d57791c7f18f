import { everyNthPattern, type VotePatterns } from '../math/vote-patterns.ts';
import type { LabelerId } from '../model/ids.ts';
import type { Silence } from '../model/vote.ts';
import { residualCorrelations } from './residual-correlations.ts';

/** Two labelers that say the same beyond what the truth explains. */
export interface RedundantPair {
  /** Indices of labelers; of nested ones, `b` votes (nearly) only where `a` does. */
  readonly a: number;
  readonly b: number;
  readonly kind: 'copy' | 'near-copy' | 'nested' | 'correlated';
  /** -1..1: correlation of what is left of their votes when the truth's part is taken out. */
  readonly correlation: number;
}

export interface Redundancy {
  readonly pairs: readonly RedundantPair[];
  /** m: 1 / size of the group of copies that a labeler belongs to. */
  readonly copyWeights: Float64Array;
  /** m: the first labeler of that group. */
  readonly copyOf: Int32Array;
  /** m×m row-major correlations, symmetric; 0 where nothing significant was found. Absent where there are too many labelers for pairs. */
  readonly correlations?: Float64Array;
}

/** Pairs are looked at up to so many labelers (m² numbers), on so many patterns. */
const mostLabelers = 1500;
const mostPatterns = 20_000;
/** Weaker correlations are left to the common one that every pair is assumed to have. */
const noticed = 0.2;
/** Of a labeler that votes on so large a share of the items it says nothing that others vote only where it does. */
const everywhere = 0.9;

/** Labelers that are the same labeler twice: the same votes on the same items. A rule that fires on the very same items is a copy; of two
 *  people that is said only where so much agreement, by what others say of the same items, happens by chance less than once in 20 times.
 *  Groups of copies count as one. O(votes). */
export function findCopies(patterns: VotePatterns, silence: readonly Silence[]): number[][] {
  const { m, k, size, offsets, codes, count } = patterns;
  const hashes = new Float64Array(m);
  const voted = new Float64Array(m);
  for (let p = 0; p < size; p++) {
    for (let e = offsets[p]; e < offsets[p + 1]; e++) {
      const j = Math.floor(codes[e] / k);
      hashes[j] += fingerprint(p, codes[e] % k);
      voted[j] += count ? count[p] : 1;
    }
  }
  const byHash = new Map<string, number[]>();
  for (let j = 0; j < m; j++) {
    if (voted[j] === 0) continue;
    const key = `${silence[j]} ${voted[j]} ${hashes[j]}`;
    const group = byHash.get(key);
    if (group) group.push(j);
    else byHash.set(key, [j]);
  }
  const groups = [...byHash.values()].filter((group) => group.length > 1);
  if (groups.length === 0) return [];
  const limit = Math.log(0.05);
  return groups.filter((group) => silence[group[0]] === 'abstained' || chanceOf(patterns, group) < limit);
}

/** A sum over patterns that two different sets of votes share with probability near 2^-50; integers, so that the order does not matter. */
function fingerprint(p: number, label: number): number {
  let hash = Math.imul(p + 0x9e3779b9, 0x85ebca6b) ^ Math.imul(label + 1, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** log P(an independent labeler says what the group says), item by item from the share of the others who say it too. */
function chanceOf({ k, size, offsets, codes, count }: VotePatterns, group: readonly number[]): number {
  const members = new Set(group);
  let sum = 0;
  for (let p = 0; p < size; p++) {
    let label = -1;
    for (let e = offsets[p]; e < offsets[p + 1]; e++) if (Math.floor(codes[e] / k) === group[0]) label = codes[e] % k;
    if (label < 0) continue;
    let others = 0;
    let agreeing = 0;
    for (let e = offsets[p]; e < offsets[p + 1]; e++) {
      if (members.has(Math.floor(codes[e] / k))) continue;
      others++;
      if (codes[e] % k === label) agreeing++;
    }
    sum += (count ? count[p] : 1) * Math.log((agreeing + 1.6) / (others + 2));
  }
  return sum;
}

/** The redundancy that copies alone make. */
export function copiesAlone(m: number, copies: readonly number[][]): Redundancy {
  const copyWeights = new Float64Array(m).fill(1);
  const copyOf = new Int32Array(m).map((_, j) => j);
  for (const group of copies) {
    for (const j of group) {
      copyWeights[j] = 1 / group.length;
      copyOf[j] = group[0];
    }
  }
  const pairs = copies.flatMap((group) => group.slice(1).map((b): RedundantPair => ({ a: group[0], b, kind: 'copy', correlation: 1 })));
  return { pairs, copyWeights, copyOf };
}

/** Copies, near-copies, nested and otherwise correlated labelers, given what is believed of the items: the correlation between two
 *  labelers' votes with E[vote | truth] taken out; where silence is evidence it is one more answer. O(votes² per item + m² k²).
 *  @param posterior P×k over the patterns */
export function findRedundancy(
  patterns: VotePatterns,
  posterior: Float64Array,
  silence: readonly Silence[],
  copies: readonly number[][],
): Redundancy {
  const { m } = patterns;
  const alone = copiesAlone(m, copies);
  const { copyWeights, copyOf } = alone;
  const pairs = [...alone.pairs];
  if (m > mostLabelers) return alone;
  const step = Math.max(1, Math.floor(patterns.size / mostPatterns));
  const part = step > 1 ? everyNthPattern(patterns, step) : patterns;
  const k = patterns.k;
  const believed = new Float64Array(part.size * k);
  for (let p = 0; p < part.size; p++) for (let y = 0; y < k; y++) believed[p * k + y] = posterior[p * step * k + y];
  const residuals = residualCorrelations(part, believed, silence);
  const correlations = new Float64Array(m * m);
  const reach = reachOf(part);
  for (let a = 0; a < m; a++) {
    for (let b = a + 1; b < m; b++) {
      if (copyOf[a] === copyOf[b]) continue;
      const within = (inner: number, outer: number): boolean => reach[outer] < everywhere && residuals.isInside(inner, outer);
      const pair = judge(a, b, residuals.correlation(a, b), within(b, a), within(a, b));
      if (!pair) continue;
      pairs.push(pair);
      correlations[a * m + b] = correlations[b * m + a] = pair.correlation;
    }
  }
  return { pairs, copyWeights, copyOf, correlations };
}

/** m: the share of the items that each labeler votes on. */
function reachOf({ m, k, size, offsets, codes, count }: VotePatterns): Float64Array {
  const reach = new Float64Array(m);
  let items = 0;
  for (let p = 0; p < size; p++) {
    const times = count ? count[p] : 1;
    items += times;
    for (let e = offsets[p]; e < offsets[p + 1]; e++) reach[Math.floor(codes[e] / k)] += times;
  }
  return reach.map((voted) => voted / Math.max(1, items));
}

function judge(a: number, b: number, correlation: number, bInA: boolean, aInB: boolean): RedundantPair | undefined {
  if (correlation > 0.9) return { a, b, kind: 'near-copy', correlation };
  if (bInA || aInB) return { a: bInA ? a : b, b: bInA ? b : a, kind: 'nested', correlation };
  return correlation >= noticed ? { a, b, kind: 'correlated', correlation } : undefined;
}

/** What each vote weighs beside the others on its item: w = c / (1 + Σ c′ ρ), over the labelers that are no copies of its own, c = 1 / size of
 *  the group of copies, ρ the pair's correlation where one was found, else `common`. In the order of the patterns' codes. */
export function voteWeights(patterns: VotePatterns, { copyWeights, copyOf, correlations }: Redundancy, common: number): Float32Array {
  const { m, k, size, offsets, codes } = patterns;
  const weights = new Float32Array(codes.length);
  for (let p = 0; p < size; p++) {
    for (let e = offsets[p]; e < offsets[p + 1]; e++) {
      const a = Math.floor(codes[e] / k);
      let others = 1;
      for (let f = offsets[p]; f < offsets[p + 1]; f++) {
        const b = Math.floor(codes[f] / k);
        if (copyOf[b] === copyOf[a]) continue;
        others += copyWeights[b] * Math.max(common, correlations ? correlations[a * m + b] : 0);
      }
      weights[e] = copyWeights[a] / others;
    }
  }
  return weights;
}

/** The same for a labeler's silence, which is beside the silence of all others: only correlations that were found count. */
export function silenceWeights({ copyWeights, correlations }: Redundancy): Float64Array {
  const m = copyWeights.length;
  return copyWeights.map((weight, a) => {
    let others = 1;
    if (correlations) for (let b = 0; b < m; b++) if (b !== a) others += copyWeights[b] * correlations[a * m + b];
    return weight / others;
  });
}

/** One line per kind, naming the pairs that go together most; mere correlation is common and not worth a warning. */
export function describeRedundancy({ pairs }: Redundancy, labelers: readonly LabelerId[]): string[] {
  const phrases = { copy: 'is a copy of', 'near-copy': 'is nearly a copy of', nested: 'votes only where' } as const;
  return (Object.keys(phrases) as (keyof typeof phrases)[]).flatMap((kind) => {
    const found = pairs.filter((pair) => pair.kind === kind).sort((x, y) => y.correlation - x.correlation);
    if (found.length === 0) return [];
    const named = found
      .slice(0, 3)
      .map(({ a, b }) => `'${labelers[b]}' ${phrases[kind]} '${labelers[a]}'${kind === 'nested' ? ' does' : ''}`);
    const more = found.length > 3 ? ` and ${found.length - 3} more pairs` : '';
    return [`${named.join(', ')}${more}: counted less, as they say the same twice`];
  });
}
