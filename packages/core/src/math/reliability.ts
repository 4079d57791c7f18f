import { type Interval, wilson } from './statistics.ts';

/** Whether probabilities mean what they say: of the items that were given 80 %, are 80 % right? Plain JSON. */
export interface Reliability {
  readonly n: number;
  /** Equal widths from 0 to 1, empty ones left out, ascending. */
  readonly bins: readonly ReliabilityBin[];
  /** Share of all that is right, and what the probabilities promised. */
  readonly accuracy: number;
  readonly meanProbability: number;
  /** Σ_bins (count / n) |accuracy − mean probability|; 0 is calibrated. Biased upwards where bins hold few items. */
  readonly expectedCalibrationError: number;
  /** Mean of (probability − right)²: calibration and sharpness in one number, without bins. */
  readonly brier: number;
}

export interface ReliabilityBin {
  /** Probabilities in [from, to); the last bin holds 1 too. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly meanProbability: number;
  readonly accuracy: number;
  /** Wilson's at 95 %, of the accuracy. */
  readonly interval: Interval;
}

/** The table behind a reliability diagram. The expected calibration error is that of M. P. Naeini, G. F. Cooper & M. Hauskrecht (2015), AAAI.
 *  @param probabilities n numbers 0..1, those of what was said; others (NaN) are left out   @param right n: 1 or true where it held
 *  @param bins how many; 10, or 15 to compare with papers on neural nets */
export function reliabilityOf(probabilities: ArrayLike<number>, right: ArrayLike<number | boolean>, bins = 10): Reliability {
  const counts = new Float64Array(bins);
  const promised = new Float64Array(bins);
  const kept = new Float64Array(bins);
  let squares = 0;
  for (let i = 0; i < probabilities.length; i++) {
    const p = probabilities[i];
    if (!(p >= 0 && p <= 1)) continue;
    const held = Number(right[i]);
    const bin = Math.min(bins - 1, Math.floor(p * bins));
    counts[bin] += 1;
    promised[bin] += p;
    kept[bin] += held;
    squares += (p - held) ** 2;
  }
  const n = sum(counts);
  const per = (total: number): number => (n > 0 ? total / n : 0);
  let gap = 0;
  for (let bin = 0; bin < bins; bin++) gap += Math.abs(kept[bin] - promised[bin]);
  return {
    n,
    bins: Array.from(counts, (count, bin) => ({
      from: bin / bins,
      to: (bin + 1) / bins,
      count,
      meanProbability: promised[bin] / count,
      accuracy: kept[bin] / count,
      interval: wilson(kept[bin], count),
    })).filter(({ count }) => count > 0),
    accuracy: per(sum(kept)),
    meanProbability: per(sum(promised)),
    expectedCalibrationError: per(gap),
    brier: per(squares),
  };
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
