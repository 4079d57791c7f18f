import type { Random } from '../math/random.ts';
import { normalQuantile } from '../math/special-functions.ts';
import { type Interval, meanOf, nothingKnown } from '../math/statistics.ts';

/** How likely each item is drawn at one draw: mostly where the model doubts itself (∝ √(m (1 − m)), the best choice if m is right), mixed with a
 *  share `floor` of uniform so that no weight exceeds 1 / floor and a wrong model costs precision only.
 *  @param believed n probabilities of being right  @returns n chances that sum to 1 */
export function auditChances(believed: Float64Array, floor = 0.2): Float64Array {
  const doubt = believed.map((m) => Math.sqrt(Math.max(0, m * (1 - m))));
  const total = doubt.reduce((sum, value) => sum + value, 0);
  return doubt.map((value) => floor / believed.length + (1 - floor) * (total > 0 ? value / total : 1 / believed.length));
}

/** `size` draws with replacement by these chances; an item may come twice and then counts twice. */
export function drawByChance(chances: Float64Array, size: number, random: Random): Int32Array {
  const upTo = chances.slice();
  for (let i = 1; i < upTo.length; i++) upTo[i] += upTo[i - 1];
  return Int32Array.from({ length: size }, () => {
    const target = random.next() * upTo[upTo.length - 1];
    let low = 0;
    let high = upTo.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (upTo[middle] > target) high = middle;
      else low = middle + 1;
    }
    return low;
  });
}

/** The accuracy of all labels from draws of unequal chance: the model's own mean plus the weighted mean of what the audit found beyond it (Horvitz–
 *  Thompson difference estimator). Unbiased whatever the model believes; precise where it is nearly right. The interval is a normal approximation:
 *  from about 50 draws. C.-E. Särndal, B. Swensson & J. Wretman (1992), Model Assisted Survey Sampling, ch. 6.
 *  @param believed n probabilities of being right  @param drawn items, as by `drawByChance`  @param right 0 or 1 per draw */
export function importanceAccuracy(
  believed: Float64Array,
  chances: Float64Array,
  drawn: Int32Array,
  right: Uint8Array,
  confidence = 0.95,
): Interval {
  const n = believed.length;
  if (n === 0 || drawn.length === 0) return nothingKnown;
  const surprises = Float64Array.from(drawn, (item, at) => (right[at] - believed[item]) / (n * chances[item]));
  const { mean, standardError } = meanOf(surprises);
  const estimate = Math.min(1, Math.max(0, meanOf(believed).mean + mean));
  const reach = drawn.length < 2 ? 1 : normalQuantile((1 + confidence) / 2) * standardError;
  return { estimate, low: Math.max(0, estimate - reach), high: Math.min(1, estimate + reach), n: drawn.length };
}
