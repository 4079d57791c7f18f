/** Special functions to about 14 digits, in pure arithmetic. Tails of counts are summed from saddle-point probabilities, so that they stay
 *  exact to n = 10^7, where differences of log-gammas lose eight digits.
 *  C. Loader (2000), Fast and Accurate Computation of Binomial Probabilities. */

const halfLogTwoPi = 0.9189385332046728;

/** ln Γ(x), x > 0; Infinity at 0. Absolute error about 1e-15 for small x, relative 1e-15 for large. */
export function logGamma(x: number): number {
  if (x <= 0) return Number.POSITIVE_INFINITY;
  let shift = 1;
  let y = x;
  for (; y < 10; y += 1) shift *= y;
  return (y - 0.5) * Math.log(y) - y + halfLogTwoPi + stirlingSeries(y) - Math.log(shift);
}

/** ψ(x), the derivative of ln Γ, x > 0. */
export function digamma(x: number): number {
  if (x <= 0) return Number.NEGATIVE_INFINITY;
  let sum = 0;
  let y = x;
  for (; y < 10; y += 1) sum -= 1 / y;
  const s = 1 / (y * y);
  const series = s * (1 / 12 - s * (1 / 120 - s * (1 / 252 - s * (1 / 240 - s * (1 / 132 - (s * 691) / 32760)))));
  return sum + Math.log(y) - 0.5 / y - series;
}

/** The part of ln Γ(x) beyond Stirling's formula, x ≥ 10. */
function stirlingSeries(x: number): number {
  const s = 1 / (x * x);
  return (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s * (1 / 1188 - (s * 691) / 360360))))) / x;
}

/** ln(x!) − ln(√(2πx) (x/e)^x), x > 0. */
function stirlingError(x: number): number {
  return x >= 10 ? stirlingSeries(x) : logGamma(x + 1) - (x + 0.5) * Math.log(x) + x - halfLogTwoPi;
}

/** x ln(x/m) + m − x, without the cancellation near x = m. */
function devianceTerm(x: number, m: number): number {
  if (Math.abs(x - m) < 0.1 * (x + m)) {
    const v = (x - m) / (x + m);
    let sum = (x - m) * v;
    let term = 2 * x * v;
    for (let j = 1; j < 1000; j++) {
      term *= v * v;
      const next = sum + term / (2 * j + 1);
      if (next === sum) break;
      sum = next;
    }
    return sum;
  }
  return x * Math.log(x / m) + m - x;
}

/** ln of n!/(x!(n−x)!) p^x q^(n−x), for real 0 ≤ x ≤ n and q = 1 − p. */
function logBinomialTerm(x: number, n: number, p: number, q: number): number {
  if (p <= 0) return x === 0 ? 0 : Number.NEGATIVE_INFINITY;
  if (q <= 0) return x === n ? 0 : Number.NEGATIVE_INFINITY;
  if (x === 0) return n * (p < 0.1 ? Math.log1p(-p) : Math.log(q));
  if (x === n) return n * (q < 0.1 ? Math.log1p(-q) : Math.log(p));
  const exponent = stirlingError(n) - stirlingError(x) - stirlingError(n - x) - devianceTerm(x, n * p) - devianceTerm(n - x, n * q);
  return exponent - halfLogTwoPi - 0.5 * (Math.log(x) + Math.log1p(-x / n));
}

/** ln P(X = k), X ~ Binomial(n, p). −Infinity outside 0..n. */
export function logBinomial(k: number, n: number, p: number): number {
  return k < 0 || k > n ? Number.NEGATIVE_INFINITY : logBinomialTerm(k, n, p, 1 - p);
}

/** P(X ≤ k), X ~ Binomial(n, p). */
export function binomialCdf(k: number, n: number, p: number): number {
  if (k < 0) return 0;
  return k >= n ? 1 : incompleteBeta(1 - p, n - Math.floor(k), Math.floor(k) + 1);
}

/** P(X ≥ k), X ~ Binomial(n, p). */
export function binomialUpperTail(k: number, n: number, p: number): number {
  if (k <= 0) return 1;
  return k > n ? 0 : incompleteBeta(p, Math.ceil(k), n - Math.ceil(k) + 1);
}

/** I_x(a, b), the regularised incomplete beta function: P(B ≤ x), B ~ Beta(a, b). A parameter of 0 is its limit: all mass at that end.
 *  Continued fraction by Lentz's method; O(√max(a, b)) steps. */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (a <= 0) return 1;
  if (b <= 0) return 0;
  const total = a + b;
  const density = Math.exp(logBinomialTerm(a, total, x, 1 - x)) * ((a * b) / total);
  return x < (a + 1) / (total + 2)
    ? Math.min(1, (density * betaFraction(x, a, b)) / a)
    : Math.max(0, 1 - (density * betaFraction(1 - x, b, a)) / b);
}

function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const away = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m < 1_000_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    const factor = d * c;
    fraction *= factor;
    if (Math.abs(factor - 1) < 3e-16) break;
  }
  return fraction;
}

/** The x with I_x(a, b) = p. Newton inside a shrinking bracket. */
export function inverseIncompleteBeta(p: number, a: number, b: number): number {
  if (p <= 0 || a <= 0) return 0;
  if (p >= 1 || b <= 0) return 1;
  let low = 0;
  let high = 1;
  let x = a / (a + b);
  for (let step = 0; step < 200; step++) {
    const error = incompleteBeta(x, a, b) - p;
    if (error === 0) return x;
    if (error < 0) low = x;
    else high = x;
    const logDensity = logBinomialTerm(a, a + b, x, 1 - x) + Math.log((a * b) / (a + b)) - Math.log(x) - Math.log1p(-x);
    const newton = x - error / Math.exp(logDensity);
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - x) <= 1e-16 * x || next === low || next === high) return next;
    x = next;
  }
  return x;
}

/** ln P(X = k): k marked among `draws` drawn without replacement from `population`, of which `marked` are marked. */
export function logHypergeometric(k: number, population: number, marked: number, draws: number): number {
  if (k < Math.max(0, draws + marked - population) || k > Math.min(draws, marked)) return Number.NEGATIVE_INFINITY;
  if (draws === 0 || draws === population) return 0;
  // Three binomials with the same p = draws / population: their ratio is exact and nothing large cancels.
  const p = draws / population;
  const q = (population - draws) / population;
  return (
    logBinomialTerm(k, marked, p, q) + logBinomialTerm(draws - k, population - marked, p, q) - logBinomialTerm(draws, population, p, q)
  );
}

/** P(X ≤ k) for the count of `logHypergeometric`. */
export function hypergeometricCdf(k: number, population: number, marked: number, draws: number): number {
  const lowest = Math.max(0, draws + marked - population);
  const highest = Math.min(draws, marked);
  if (k < lowest) return 0;
  if (k >= highest) return 1;
  // Sum the tail away from the mode: its terms only shrink.
  const mean = draws * (marked / population);
  return k <= mean
    ? hypergeometricTail(Math.floor(k), lowest, -1, population, marked, draws)
    : Math.max(0, 1 - hypergeometricTail(Math.floor(k) + 1, highest, 1, population, marked, draws));
}

function hypergeometricTail(from: number, to: number, step: 1 | -1, population: number, marked: number, draws: number): number {
  const unmarked = population - marked;
  let ratio = 1;
  let sum = 1;
  for (let k = from; k !== to; k += step) {
    ratio *=
      step < 0
        ? ((k / (marked - k + 1)) * (unmarked - draws + k)) / (draws - k + 1)
        : (((marked - k) / (k + 1)) * (draws - k)) / (unmarked - draws + k + 1);
    sum += ratio;
    if (ratio < sum * 1e-17) break;
  }
  return Math.min(1, sum * Math.exp(logHypergeometric(from, population, marked, draws)));
}

/** 2/√π ∫₀ˣ e^(−t²) dt. */
export function erf(x: number): number {
  return Math.abs(x) <= 0.46875 ? x * rational(x * x, erfTop, erfBottom) : Math.sign(x) * (1 - erfc(Math.abs(x)));
}

/** 1 − erf(x), to full relative accuracy in the right tail. W. J. Cody (1969), Math. Comp. 23. */
export function erfc(x: number): number {
  if (Math.abs(x) <= 0.46875) return 1 - erf(x);
  const y = Math.abs(x);
  let tail: number;
  if (y <= 4) tail = rational(y, middleTop, middleBottom);
  else {
    const s = 1 / (y * y);
    tail = (0.5641895835477563 - s * rational(s, farTop, farBottom)) / y;
  }
  // exp(−y²) from a y rounded to sixteenths: the square of the rest is small, so nothing is lost.
  const rounded = Math.trunc(y * 16) / 16;
  tail *= Math.exp(-rounded * rounded) * Math.exp(-(y - rounded) * (y + rounded));
  return x < 0 ? 2 - tail : y > 27 ? 0 : tail;
}

/** P(Z ≤ z), Z standard normal. */
export function normalCdf(z: number): number {
  return erfc(-z / Math.SQRT2) / 2;
}

/** The z with P(Z ≤ z) = p; ∓Infinity at 0 and 1. M. J. Wichura (1988), Algorithm AS 241. */
export function normalQuantile(p: number): number {
  if (p <= 0) return Number.NEGATIVE_INFINITY;
  if (p >= 1) return Number.POSITIVE_INFINITY;
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * rational(0.180625 - q * q, centreTop, centreBottom);
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p));
  const z = r <= 5 ? rational(r - 1.6, shoulderTop, shoulderBottom) : rational(r - 5, tailTop, tailBottom);
  return Math.sign(q) * z;
}

/** Polynomial over polynomial, coefficients from the highest power down. */
function rational(x: number, top: readonly number[], bottom: readonly number[]): number {
  let numerator = 0;
  for (const coefficient of top) numerator = numerator * x + coefficient;
  let denominator = 0;
  for (const coefficient of bottom) denominator = denominator * x + coefficient;
  return numerator / denominator;
}

const erfTop = [0.18577770618460315, 3.1611237438705655, 113.86415415105016, 377.485237685302, 3209.3775891384694];
const erfBottom = [1, 23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171];
const middleTop = [
  2.1531153547440383e-8, 0.5641884969886701, 8.883149794388377, 66.11919063714163, 298.6351381974001, 881.952221241769, 1712.0476126340707,
  2051.0783778260716, 1230.3393547979972,
];
const middleBottom = [
  1, 15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903, 3290.7992357334597, 4362.619090143247,
  3439.3676741437216, 1230.3393548037495,
];
const farTop = [
  0.016315387137302097, 0.30532663496123236, 0.36034489994980445, 0.12578172611122926, 0.016083785148742275, 0.0006587491615298378,
];
const farBottom = [1, 2.568520192289822, 1.8729528499234604, 0.5279051029514285, 0.06051834131244132, 0.0023352049762686918];
const centreTop = [
  2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946, 1971.5909503065513, 133.14166789178438,
  3.3871328727963665,
];
const centreBottom = [
  5226.495278852546, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751, 687.1870074920579, 42.31333070160091, 1,
];
const shoulderTop = [
  0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045, 5.769497221460691,
  4.630337846156546, 1.4234371107496835,
];
const shoulderBottom = [
  1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851, 1.6763848301838038,
  2.053191626637759, 1,
];
const tailTop = [
  2.0103343992922881e-7, 0.000027115555687434876, 0.0012426609473880784, 0.026532189526576124, 0.29656057182850487, 1.7848265399172913,
  5.463784911164114, 6.657904643501103,
];
const tailBottom = [
  2.0442631033899397e-15, 1.421511758316446e-7, 0.000018463183175100548, 0.0007868691311456133, 0.014875361290850615, 0.1369298809227358,
  0.599832206555888, 1,
];
