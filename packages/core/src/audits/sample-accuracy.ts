import { clopperPearson, hypergeometricInterval, type Interval, wilson } from '../math/statistics.ts';

export const sampleIntervals = ['hypergeometric', 'clopper-pearson', 'wilson'] as const;
export type SampleInterval = (typeof sampleIntervals)[number];

/** The accuracy of all labels from a uniform random sample of them. `hypergeometric` is exact for a pool of known size and shrinks to nothing as
 *  the sample becomes the pool; `clopper-pearson` is exact for an endless stream; `wilson` is shorter, and right on average only.
 *  @param population needed for `hypergeometric` only */
export function sampleAccuracy(
  right: number,
  audited: number,
  population: number,
  { method = 'hypergeometric', confidence = 0.95 }: { method?: SampleInterval; confidence?: number } = {},
): Interval {
  if (method === 'wilson') return wilson(right, audited, confidence);
  if (method === 'clopper-pearson') return clopperPearson(right, audited, confidence);
  return hypergeometricInterval(right, audited, population, confidence);
}
