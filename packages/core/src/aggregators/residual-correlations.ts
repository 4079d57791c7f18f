import type { VotePatterns } from '../math/vote-patterns.ts';
import type { Silence } from '../model/vote.ts';

export interface Residuals {
  /** -1..1, of a < b: how far their votes go together beyond what the truth explains; 0 where that may be chance. */
  readonly correlation: (a: number, b: number) => number;
  /** Whether rule `inner` says what `outer` says (nearly) wherever it fires, more often than the truth explains. */
  readonly isInside: (inner: number, outer: number) => boolean;
}

/** Fewer common votes than this prove nothing, of rules and of people. */
const fewestCommon = { rules: 3, people: 20 };

/** For two rules over all items, silence being one more answer; for other pairs over the items that both voted on:
 *  corr(a, b) = Σ (V_a − E_a)·(V_b − E_b) / √(Σ |V_a − E_a|² Σ |V_b − E_b|²), V one-hot, E = Σ_y posterior[y] P(answer | y).
 *  O(Σ votes per item² · k + m² k²). */
export function residualCorrelations(patterns: VotePatterns, posterior: Float64Array, silence: readonly Silence[]): Residuals {
  const { m, k } = patterns;
  const isRule = silence.map((meaning) => meaning === 'abstained');
  const answers = expectedAnswers(patterns, posterior, isRule);
  const common = commonVotes(patterns, posterior, answers, isRule);
  const covariance = (a: number, b: number): number => ruleCovariance(answers, common, a, b, k, m);
  const correlation = (a: number, b: number): number => {
    const at = a * m + b;
    const rules = isRule[a] && isRule[b];
    const shared = common.both[at];
    if (shared < (rules ? fewestCommon.rules : fewestCommon.people)) return 0;
    const spread = Math.sqrt(rules ? covariance(a, a) * covariance(b, b) : common.squares[at] * common.squares[b * m + a]);
    if (!(spread > 1e-9)) return 0;
    const value = (rules ? covariance(a, b) : common.products[at]) / spread;
    return value * Math.sqrt(rules ? answers.items : shared) > 3 ? Math.min(1, value) : 0;
  };
  const isInside = (inner: number, outer: number): boolean => {
    if (!isRule[inner] || !isRule[outer]) return false;
    const same = common.same[Math.min(inner, outer) * m + Math.max(inner, outer)];
    const fired = answers.voted[inner];
    if (same < fewestCommon.rules || same < 0.95 * fired) return false;
    // Would the outer rule fire there anyway, the truth being what it is?
    return fired * Math.log(expectedTogether(answers, inner, outer, k) / fired) < Math.log(0.001 / (m * m));
  };
  return { correlation, isInside };
}

interface Answers {
  readonly items: number;
  /** m: items voted on. */
  readonly voted: Float64Array;
  /** P(answer | y) and Σ_items posterior[y] [answer], m·(k+1)·k by `(j (k+1) + answer) k + y`; answer k is silence. People: given that they vote. */
  readonly rate: Float64Array;
  readonly mass: Float64Array;
  /** k×k: Σ_items posterior[y] posterior[z]. */
  readonly classes: Float64Array;
}

function expectedAnswers(
  { m, k, size, offsets, codes, count }: VotePatterns,
  posterior: Float64Array,
  isRule: readonly boolean[],
): Answers {
  const width = k + 1;
  const mass = new Float64Array(m * width * k);
  const voted = new Float64Array(m);
  const classes = new Float64Array(k * k);
  const total = new Float64Array(k);
  let items = 0;
  for (let p = 0; p < size; p++) {
    const times = count ? count[p] : 1;
    items += times;
    for (let y = 0; y < k; y++) {
      total[y] += times * posterior[p * k + y];
      for (let z = 0; z < k; z++) classes[y * k + z] += times * posterior[p * k + y] * posterior[p * k + z];
    }
    for (let e = offsets[p]; e < offsets[p + 1]; e++) {
      const j = Math.floor(codes[e] / k);
      voted[j] += times;
      const from = (j * width + (codes[e] % k)) * k;
      for (let y = 0; y < k; y++) mass[from + y] += times * posterior[p * k + y];
    }
  }
  const rate = new Float64Array(m * width * k);
  for (let j = 0; j < m; j++) {
    for (let y = 0; y < k; y++) {
      let spoken = 0;
      for (let c = 0; c < k; c++) spoken += mass[(j * width + c) * k + y];
      if (isRule[j]) mass[(j * width + k) * k + y] = total[y] - spoken;
      const all = isRule[j] ? total[y] : spoken;
      for (let c = 0; c < width; c++) rate[(j * width + c) * k + y] = all > 0 ? mass[(j * width + c) * k + y] / all : 0;
    }
  }
  return { items, voted, rate, mass, classes };
}

interface CommonVotes {
  /** m×m, a ≤ b: items that both voted on; that both gave one label. */
  readonly both: Float64Array;
  readonly same: Float64Array;
  /** Of pairs with people, over common items: Σ residual products (a ≤ b), and Σ of a's squared residuals at `a m + b`. */
  readonly products: Float64Array;
  readonly squares: Float64Array;
}

function commonVotes(patterns: VotePatterns, posterior: Float64Array, { rate }: Answers, isRule: readonly boolean[]): CommonVotes {
  const { m, k, size, offsets, codes, count } = patterns;
  const both = new Float64Array(m * m);
  const same = new Float64Array(m * m);
  const people = isRule.includes(false);
  const products = new Float64Array(people ? m * m : 0);
  const squares = new Float64Array(people ? m * m : 0);
  const residual = new Float64Array(m * k);
  const square = new Float64Array(m);
  for (let p = 0; p < size; p++) {
    const times = count ? count[p] : 1;
    if (people) readResiduals(patterns, posterior, rate, p, residual, square);
    for (let e = offsets[p]; e < offsets[p + 1]; e++) {
      const a = Math.floor(codes[e] / k);
      for (let f = e; f < offsets[p + 1]; f++) {
        const b = Math.floor(codes[f] / k);
        const at = a * m + b;
        both[at] += times;
        if (codes[e] - a * k === codes[f] - b * k) same[at] += times;
        if (!people || (isRule[a] && isRule[b])) continue;
        let product = 0;
        for (let c = 0; c < k; c++) product += residual[a * k + c] * residual[b * k + c];
        products[at] += times * product;
        squares[at] += times * square[a];
        if (a !== b) squares[b * m + a] += times * square[b];
      }
    }
  }
  return { both, same, products, squares };
}

function readResiduals(
  { k, offsets, codes }: VotePatterns,
  posterior: Float64Array,
  rate: Float64Array,
  p: number,
  residual: Float64Array,
  square: Float64Array,
): void {
  for (let e = offsets[p]; e < offsets[p + 1]; e++) {
    const j = Math.floor(codes[e] / k);
    square[j] = 0;
    for (let c = 0; c < k; c++) {
      let expected = 0;
      for (let y = 0; y < k; y++) expected += posterior[p * k + y] * rate[(j * (k + 1) + c) * k + y];
      const left = (codes[e] - j * k === c ? 1 : 0) - expected;
      residual[j * k + c] = left;
      square[j] += left * left;
    }
  }
}

/** Σ_items (V_a − E_a)·(V_b − E_b), multiplied out: only counts are needed, silence included. */
function ruleCovariance(
  { items, voted, rate, mass, classes }: Answers,
  { both, same }: CommonVotes,
  a: number,
  b: number,
  k: number,
  m: number,
): number {
  const at = a * m + b;
  let sum = same[at] + items - voted[a] - voted[b] + both[at];
  for (let c = 0; c <= k; c++) {
    const fromA = (a * (k + 1) + c) * k;
    const fromB = (b * (k + 1) + c) * k;
    for (let y = 0; y < k; y++) {
      sum -= rate[fromB + y] * mass[fromA + y] + rate[fromA + y] * mass[fromB + y];
      for (let z = 0; z < k; z++) sum += rate[fromA + y] * rate[fromB + z] * classes[y * k + z];
    }
  }
  return sum;
}

/** Items on which both would say the same if they fired independently given the truth. */
function expectedTogether({ rate, mass }: Answers, inner: number, outer: number, k: number): number {
  let sum = 0;
  for (let c = 0; c < k; c++) {
    for (let y = 0; y < k; y++) sum += mass[(inner * (k + 1) + c) * k + y] * rate[(outer * (k + 1) + c) * k + y];
  }
  return sum;
}
