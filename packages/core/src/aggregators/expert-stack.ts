/** Several opinions on each item, made into one calibrated posterior: log P(y) = Σ_e weights[e] · log opinion_e(y) + biases[y] + constant.
 *  One opinion: a temperature and a correction of the class shares. */
export interface ExpertStack {
  /** 0..3 per opinion. */
  readonly weights: Float64Array;
  /** k. */
  readonly biases: Float64Array;
}

/** Log probabilities are not taken below this: one confident mistake must not decide the fit. */
const leastLog = Math.log(1e-4);
const mostWeight = 3;
/** With more labels than this the biases stay 0: there is not the gold to tell them. */
const mostBiases = 100;

/** MAP by Newton's method with step halving (the problem is convex and small): weights ~ N(1 / experts, 1) within 0..3, biases ~ N(0, 1), which
 *  is about as much doubt as one gold row takes away. O(rounds · rows · (experts + k)²).
 *  @param opinions per expert, n×k row-major   @param rows of gold   @param truth label per row, parallel to `rows` */
export function fitExpertStack(
  opinions: readonly Float64Array[],
  rows: ArrayLike<number>,
  truth: ArrayLike<number>,
  k: number,
): ExpertStack {
  const experts = opinions.length;
  const size = experts + (k <= mostBiases ? k : 0);
  const said = readRows(opinions, rows, k);
  let point = new Float64Array(experts + k).fill(1 / experts, 0, experts);
  let value = objective(said, truth, experts, k, point);
  for (let round = 0; round < 50; round++) {
    const step = newtonStep(said, truth, experts, k, size, point);
    let moved = 0;
    for (let scale = 1; scale > 1e-4; scale /= 2) {
      const next = point.map((at, p) => {
        const to = p < size ? at - scale * step[p] : at;
        return p < experts ? Math.min(mostWeight, Math.max(0, to)) : to;
      });
      const then = objective(said, truth, experts, k, next);
      if (then >= value) continue;
      moved = value - then;
      value = then;
      point = next;
      break;
    }
    if (moved < 1e-9 * (1 + value)) break;
  }
  return { weights: point.slice(0, experts), biases: point.slice(experts) };
}

/** n×k. */
export function applyExpertStack({ weights, biases }: ExpertStack, opinions: readonly Float64Array[], k: number): Float64Array {
  const experts = opinions.length;
  const point = Float64Array.of(...weights, ...biases);
  const out = new Float64Array(opinions[0].length);
  const said = new Float64Array(experts * k);
  const p = new Float64Array(k);
  for (let row = 0; row * k < out.length; row++) {
    readRow(opinions, row, k, said, 0);
    mix(said, 0, point, experts, k, p);
    out.set(p, row * k);
  }
  return out;
}

/** rows × experts × k clipped logs. */
function readRows(opinions: readonly Float64Array[], rows: ArrayLike<number>, k: number): Float64Array {
  const said = new Float64Array(rows.length * opinions.length * k);
  for (let r = 0; r < rows.length; r++) readRow(opinions, rows[r], k, said, r * opinions.length * k);
  return said;
}

function readRow(opinions: readonly Float64Array[], row: number, k: number, said: Float64Array, from: number): void {
  for (let e = 0; e < opinions.length; e++) {
    for (let y = 0; y < k; y++) said[from + e * k + y] = Math.max(leastLog, Math.log(opinions[e][row * k + y]));
  }
}

/** Probabilities into `p`; returns log Σ exp of the scores. */
function mix(said: Float64Array, from: number, point: Float64Array, experts: number, k: number, p: Float64Array): number {
  let top = -Infinity;
  for (let y = 0; y < k; y++) {
    p[y] = point[experts + y];
    for (let e = 0; e < experts; e++) p[y] += point[e] * said[from + e * k + y];
    top = Math.max(top, p[y]);
  }
  let sum = 0;
  for (let y = 0; y < k; y++) sum += p[y] = Math.exp(p[y] - top);
  for (let y = 0; y < k; y++) p[y] /= sum;
  return top + Math.log(sum);
}

function objective(said: Float64Array, truth: ArrayLike<number>, experts: number, k: number, point: Float64Array): number {
  const p = new Float64Array(k);
  let value = 0;
  for (let r = 0; r < truth.length; r++) {
    const from = r * experts * k;
    let own = point[experts + truth[r]];
    for (let e = 0; e < experts; e++) own += point[e] * said[from + e * k + truth[r]];
    value += mix(said, from, point, experts, k, p) - own;
  }
  for (let at = 0; at < point.length; at++) value += (point[at] - (at < experts ? 1 / experts : 0)) ** 2 / 2;
  return value;
}

/** H⁻¹ g. H is positive definite: the priors see to it. */
function newtonStep(
  said: Float64Array,
  truth: ArrayLike<number>,
  experts: number,
  k: number,
  size: number,
  point: Float64Array,
): Float64Array {
  const gradient = new Float64Array(size);
  const hessian = new Float64Array(size * size);
  for (let at = 0; at < size; at++) {
    gradient[at] = point[at] - (at < experts ? 1 / experts : 0);
    hessian[at * size + at] = 1;
  }
  const p = new Float64Array(k);
  const mean = new Float64Array(size);
  // The score of label y changes with coordinate `at` by this much.
  const slope = (from: number, at: number, y: number): number => (at < experts ? said[from + at * k + y] : at - experts === y ? 1 : 0);
  for (let r = 0; r < truth.length; r++) {
    const from = r * experts * k;
    mix(said, from, point, experts, k, p);
    for (let at = 0; at < size; at++) {
      mean[at] = at < experts ? 0 : p[at - experts];
      if (at < experts) for (let y = 0; y < k; y++) mean[at] += p[y] * said[from + at * k + y];
      gradient[at] += mean[at] - slope(from, at, truth[r]);
    }
    for (let a = 0; a < size; a++) {
      for (let b = 0; b <= a; b++) {
        let both = 0;
        if (a < experts) for (let y = 0; y < k; y++) both += p[y] * slope(from, a, y) * slope(from, b, y);
        else both = p[a - experts] * slope(from, b, a - experts);
        hessian[a * size + b] += both - mean[a] * mean[b];
      }
    }
  }
  return solve(hessian, gradient, size);
}

/** Cholesky on the lower triangle, in place. */
function solve(matrix: Float64Array, right: Float64Array, size: number): Float64Array {
  const x = right.slice();
  for (let a = 0; a < size; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = matrix[a * size + b];
      for (let c = 0; c < b; c++) sum -= matrix[a * size + c] * matrix[b * size + c];
      matrix[a * size + b] = a === b ? Math.sqrt(Math.max(sum, 1e-12)) : sum / matrix[b * size + b];
    }
  }
  for (let a = 0; a < size; a++) {
    for (let c = 0; c < a; c++) x[a] -= matrix[a * size + c] * x[c];
    x[a] /= matrix[a * size + a];
  }
  for (let a = size - 1; a >= 0; a--) {
    for (let c = a + 1; c < size; c++) x[a] -= matrix[c * size + a] * x[c];
    x[a] /= matrix[a * size + a];
  }
  return x;
}
