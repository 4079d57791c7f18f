/** Several opinions on each item, made into one calibrated posterior: log P(y) = Σ_e weights[e] · log opinion_e(y) + biases[y] + constant.
 *  One opinion: a temperature and a correction of the class shares. */
export interface ExpertStack {
  readonly weights: Float64Array;
  readonly biases: Float64Array;
}

/** Log probabilities are not taken below this: one confident mistake must not decide the fit. */
const leastLog = Math.log(1e-4);

/** MAP by gradient descent with a step per coordinate (the problem is convex and small): weights ~ N(1 / experts, 1), biases ~ N(0, 1),
 *  which is about one gold row's worth of doubt each.
 *  @param opinions per expert, n×k row-major   @param rows of gold   @param truth label per row, parallel to `rows` */
export function fitExpertStack(
  opinions: readonly Float64Array[],
  rows: ArrayLike<number>,
  truth: ArrayLike<number>,
  k: number,
): ExpertStack {
  const experts = opinions.length;
  const size = experts + k;
  const point = new Float64Array(size).fill(1 / experts, 0, experts);
  const gradient = new Float64Array(size);
  const curvature = new Float64Array(size);
  for (let round = 0; round < 500; round++) {
    slopes(opinions, rows, truth, k, point, gradient, curvature);
    let largest = 0;
    for (let at = 0; at < size; at++) {
      // Diagonal Newton, damped by the number of coordinates that move at once: never overshoots a softmax.
      const step = -gradient[at] / (2 * curvature[at]);
      point[at] += step;
      if (at < experts) point[at] = Math.min(3, Math.max(0, point[at]));
      largest = Math.max(largest, Math.abs(step));
    }
    if (largest < 1e-5) break;
  }
  return { weights: point.slice(0, experts), biases: point.slice(experts) };
}

function slopes(
  opinions: readonly Float64Array[],
  rows: ArrayLike<number>,
  truth: ArrayLike<number>,
  k: number,
  point: Float64Array,
  gradient: Float64Array,
  curvature: Float64Array,
): void {
  const experts = opinions.length;
  for (let e = 0; e < experts; e++) {
    gradient[e] = point[e] - 1 / experts;
    curvature[e] = 1;
  }
  for (let y = 0; y < k; y++) {
    gradient[experts + y] = point[experts + y];
    curvature[experts + y] = 1;
  }
  const p = new Float64Array(k);
  const said = new Float64Array(experts * k);
  for (let r = 0; r < rows.length; r++) {
    read(opinions, rows[r], k, said);
    mix(said, point, experts, k, p);
    for (let e = 0; e < experts; e++) {
      let mean = 0;
      let square = 0;
      for (let y = 0; y < k; y++) {
        mean += p[y] * said[e * k + y];
        square += p[y] * said[e * k + y] ** 2;
      }
      gradient[e] += mean - said[e * k + truth[r]];
      curvature[e] += square - mean * mean;
    }
    for (let y = 0; y < k; y++) {
      gradient[experts + y] += p[y] - (truth[r] === y ? 1 : 0);
      curvature[experts + y] += p[y] * (1 - p[y]);
    }
  }
}

function read(opinions: readonly Float64Array[], row: number, k: number, said: Float64Array): void {
  for (let e = 0; e < opinions.length; e++)
    for (let y = 0; y < k; y++) said[e * k + y] = Math.max(leastLog, Math.log(opinions[e][row * k + y]));
}

function mix(said: Float64Array, point: Float64Array, experts: number, k: number, p: Float64Array): void {
  let top = -Infinity;
  for (let y = 0; y < k; y++) {
    p[y] = point[experts + y];
    for (let e = 0; e < experts; e++) p[y] += point[e] * said[e * k + y];
    top = Math.max(top, p[y]);
  }
  let sum = 0;
  for (let y = 0; y < k; y++) sum += p[y] = Math.exp(p[y] - top);
  for (let y = 0; y < k; y++) p[y] /= sum;
}

/** n×k. */
export function applyExpertStack({ weights, biases }: ExpertStack, opinions: readonly Float64Array[], k: number): Float64Array {
  const experts = opinions.length;
  const point = Float64Array.of(...weights, ...biases);
  const out = new Float64Array(opinions[0].length);
  const said = new Float64Array(experts * k);
  const p = new Float64Array(k);
  for (let row = 0; row * k < out.length; row++) {
    read(opinions, row, k, said);
    mix(said, point, experts, k, p);
    out.set(p, row * k);
  }
  return out;
}
