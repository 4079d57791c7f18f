import type { Random } from './random.ts';
import { logGamma } from './special-functions.ts';

/** Poisson counts of a given mean ≥ 0, exact. Small means by multiplying uniforms; from 10 by transformed rejection:
 *  W. Hörmann (1993), The transformed rejection method for generating Poisson random variables (PTRS). */
export function createPoisson(random: Random): (mean: number) => number {
  return (mean) => (mean < 10 ? byProducts(mean, random) : byRejection(mean, random));
}

function byProducts(mean: number, random: Random): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random.next(); product > limit; product *= random.next()) count++;
  return count;
}

function byRejection(mean: number, random: Random): number {
  const b = 0.931 + 2.53 * Math.sqrt(mean);
  const a = -0.059 + 0.02483 * b;
  const squeeze = 0.9277 - 3.6224 / (b - 2);
  const scale = Math.log(1.1239 + 1.1328 / (b - 3.4));
  for (;;) {
    const u = random.next() - 0.5;
    const v = 1 - random.next();
    const us = 0.5 - Math.abs(u);
    const count = Math.floor(((2 * a) / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= squeeze) return count;
    if (count < 0 || (us < 0.013 && v > us)) continue;
    if (Math.log(v) + scale - Math.log(a / (us * us) + b) <= count * Math.log(mean) - mean - logGamma(count + 1)) return count;
  }
}
