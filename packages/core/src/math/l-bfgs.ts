/** A smooth convex function and the point where it stands. */
export interface Descent {
  /** Length of points, gradients and directions. Directions are rounded to 32 bits: half the memory to read, and any descent will do. */
  readonly size: number;
  /** Writes gradient and (an estimate of) the diagonal of the Hessian, all of it above 0, at the point; returns the value. */
  readonly look: (gradient: Float64Array, curvature: Float64Array) => number;
  /** Value, slope and bend (first and second derivative by the step) at point + step · direction. Called with growing knowledge of one
   *  direction: what depends on the direction alone is worth keeping. */
  readonly along: (direction: Float32Array) => (step: number) => Profile;
  /** Moves the point by step · the direction last looked along. */
  readonly move: (step: number) => void;
}

export interface Profile {
  readonly value: number;
  readonly slope: number;
  readonly bend: number;
}

export interface DescentOptions {
  /** Stops where the value is estimated to be within this of its minimum. */
  readonly tolerance: number;
  readonly maxIterations: number;
  /** Pairs of (step, change of gradient) remembered. Default 5. */
  readonly memory?: number;
}

/** Limited-memory BFGS. The inverse Hessian starts each time from the current diagonal, scaled by the last step (half the iterations of the
 *  identity so scaled, on text); it stops where the last gain and half
 *  the Newton decrement, which estimates value − minimum, are both small.
 *  J. Nocedal & S. Wright (2006), Numerical Optimization, algorithm 7.4, doi:10.1007/978-0-387-40065-5. */
export function descend(problem: Descent, options: DescentOptions): { value: number; iterations: number } {
  const { size } = problem;
  const { tolerance, maxIterations, memory = 5 } = options;
  const pairs: Pair[] = [];
  let gradient = new Float64Array(size);
  let before = new Float64Array(size);
  const curvature = new Float64Array(size);
  const direction = new Float64Array(size);
  const heading = new Float32Array(size);
  let value = problem.look(gradient, curvature);
  let gain = 0;

  for (let iteration = 0; iteration < maxIterations; iteration++) {
    twoLoops(gradient, curvature, pairs, direction);
    heading.set(direction);
    const slope = inner(heading, gradient);
    if (!(-slope / 2 > tolerance || gain > tolerance)) return { value, iterations: iteration };
    const step = searchLine(problem.along(heading), value, slope);
    if (step === 0) return { value, iterations: iteration };
    problem.move(step);
    [gradient, before] = [before, gradient];
    const ahead = value;
    value = problem.look(gradient, curvature);
    gain = ahead - value;

    const pair =
      pairs.length === memory ? (pairs.shift() as Pair) : { step: new Float32Array(size), change: new Float32Array(size), product: 0 };
    pair.product = 0;
    for (let at = 0; at < size; at++) {
      pair.step[at] = step * heading[at];
      pair.change[at] = gradient[at] - before[at];
      pair.product += pair.step[at] * pair.change[at];
    }
    // Convexity makes the product positive; rounding near the minimum may not.
    if (pair.product > 1e-300) pairs.push(pair);
  }
  return { value, iterations: maxIterations };
}

/** The step near the minimum of a convex function of one variable, by Newton steps kept inside a shrinking bracket. 0 where nothing improves. */
function searchLine(profile: (step: number) => Profile, value: number, slope: number): number {
  let low = 0;
  let high = Number.POSITIVE_INFINITY;
  let step = 1;
  let best = 0;
  let bestValue = value;
  for (let tries = 0; tries < 20; tries++) {
    const here = profile(step);
    if (here.value < bestValue) [best, bestValue] = [step, here.value];
    if (here.value < value && Math.abs(here.slope) <= flat * -slope) return step;
    if (here.slope < 0) low = step;
    else high = step;
    const newton = step - here.slope / here.bend;
    const inside = newton > low && newton < high;
    step = inside && newton < 10 * step ? newton : high < Number.POSITIVE_INFINITY ? (low + high) / 2 : 4 * step;
  }
  return best;
}

/** A step is good where the slope has fallen to this share. */
const flat = 0.3;

interface Pair {
  readonly step: Float32Array;
  readonly change: Float32Array;
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
  const scale = lengthOf(pairs.at(-1), curvature);
  for (let at = 0; at < size; at++) direction[at] *= scale / curvature[at];
  for (let p = 0; p < pairs.length; p++) {
    const { step, change, product } = pairs[p];
    const missing = along[p] - inner(change, direction) / product;
    for (let at = 0; at < size; at++) direction[at] += missing * step[at];
  }
}

/** Share of the diagonal that the curvature along the last step really was (features move together, so the diagonal misjudges it). */
function lengthOf(last: Pair | undefined, curvature: Float64Array): number {
  if (!last) return 1;
  let squares = 0;
  for (let at = 0; at < curvature.length; at++) squares += (last.change[at] * last.change[at]) / curvature[at];
  return last.product / squares;
}

function inner(a: Float32Array, b: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at] * b[at];
  return sum;
}
