export interface MinimizeOptions {
  /** Stops where the value is estimated to be within this of its minimum. */
  readonly tolerance: number;
  readonly maxIterations: number;
  /** Pairs of (step, change of gradient) remembered. Default 8. */
  readonly memory?: number;
}

/** Returns the value at `point` and writes its gradient and (an estimate of) the diagonal of its Hessian, all above 0. */
export type Evaluate = (point: Float64Array, gradient: Float64Array, curvature: Float64Array) => number;

/** Limited-memory BFGS for smooth convex functions; moves `point` to the minimum, in place. The inverse Hessian starts each time from the
 *  current diagonal instead of a multiple of the identity. Stops on half the Newton decrement, which estimates value − minimum.
 *  J. Nocedal & S. Wright (2006), Numerical Optimization, algorithms 7.4 and 3.1, doi:10.1007/978-0-387-40065-5. */
export function minimize(evaluate: Evaluate, point: Float64Array, options: MinimizeOptions): { value: number; iterations: number } {
  const size = point.length;
  const { tolerance, maxIterations, memory = 8 } = options;
  const pairs: Pair[] = [];
  let gradient = new Float64Array(size);
  let nextGradient = new Float64Array(size);
  const curvature = new Float64Array(size);
  const direction = new Float64Array(size);
  const next = new Float64Array(size);
  let value = evaluate(point, gradient, curvature);

  for (let iteration = 0; iteration < maxIterations; iteration++) {
    twoLoops(gradient, curvature, pairs, direction);
    const slope = inner(gradient, direction);
    if (!(-slope / 2 > tolerance)) return { value, iterations: iteration };

    let step = 1;
    let nextValue = Number.POSITIVE_INFINITY;
    for (let tries = 0; tries < 30; tries++) {
      for (let at = 0; at < size; at++) next[at] = point[at] + step * direction[at];
      nextValue = evaluate(next, nextGradient, curvature);
      if (nextValue <= value + armijo * step * slope) break;
      // The minimum of the parabola through both values and the slope, kept away from the ends.
      const parabola = (-slope * step * step) / (2 * (nextValue - value - slope * step));
      step = Math.min(step / 2, Math.max(step / 10, Number.isFinite(parabola) ? parabola : 0));
    }
    if (!(nextValue < value)) return { value, iterations: iteration };

    const pair = pairs.length === memory ? (pairs.shift() as Pair) : { step: new Float64Array(size), change: new Float64Array(size), product: 0 };
    for (let at = 0; at < size; at++) {
      pair.step[at] = next[at] - point[at];
      pair.change[at] = nextGradient[at] - gradient[at];
    }
    pair.product = inner(pair.step, pair.change);
    // Convexity makes the product positive; rounding near the minimum may not.
    if (pair.product > 1e-300) pairs.push(pair);
    point.set(next);
    [gradient, nextGradient] = [nextGradient, gradient];
    value = nextValue;
  }
  return { value, iterations: maxIterations };
}

const armijo = 1e-4;

interface Pair {
  readonly step: Float64Array;
  readonly change: Float64Array;
  product: number;
}

/** direction = −H · gradient, H the inverse Hessian that the pairs and the diagonal imply. */
function twoLoops(gradient: Float64Array, curvature: Float64Array, pairs: readonly Pair[], direction: Float64Array): void {
  const size = gradient.length;
  const along = new Float64Array(pairs.length);
  for (let at = 0; at < size; at++) direction[at] = -gradient[at];
  for (let p = pairs.length - 1; p >= 0; p--) {
    const { step, change, product } = pairs[p];
    along[p] = inner(step, direction) / product;
    for (let at = 0; at < size; at++) direction[at] -= along[p] * change[at];
  }
  for (let at = 0; at < size; at++) direction[at] /= curvature[at];
  for (let p = 0; p < pairs.length; p++) {
    const { step, change, product } = pairs[p];
    const missing = along[p] - inner(change, direction) / product;
    for (let at = 0; at < size; at++) direction[at] += missing * step[at];
  }
}

function inner(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at] * b[at];
  return sum;
}
