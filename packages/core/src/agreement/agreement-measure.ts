import { z } from 'zod';
import type { Random } from '../math/random.ts';
import type { About } from '../model/about.ts';
import type { Ratings } from './ratings.ts';
import type { Units } from './units.ts';

/** How far labelers agree, with a bootstrap interval over items. `overlaps`: items on which at least two of them voted. */
export type Agreement =
  | {
      readonly kind: 'measured';
      /** 1 is perfect agreement; 0 is what chance gives (percent: none at all); below 0 is worse than chance. */
      readonly value: number;
      readonly low: number;
      readonly high: number;
      readonly overlaps: number;
    }
  /** The measure has no value here: chance alone agrees always, because one label was used only. */
  | { readonly kind: 'undefined'; readonly reason: string; readonly overlaps: number }
  /** Too few common items to say anything. */
  | { readonly kind: 'too-few'; readonly overlaps: number; readonly needed: number };

export const agreementOptions = z.strictObject({
  confidence: z.number().gt(0).lt(1).default(0.95).describe('Confidence of the intervals'),
  replicates: z.int().min(200).max(20_000).default(1000).describe('Bootstrap replicates'),
  minOverlaps: z.int().min(2).default(10).describe('Fewer common items than this are "too few to say"'),
});
export type AgreementOptions = z.infer<typeof agreementOptions>;

/** A coefficient of agreement. A labeler without a vote on an item gave no rating there; items with one vote count for how often a label is
 *  used where a measure's paper says so, never for agreement.
 *  Promises (agreement/contract.test.ts): permuting items or labelers changes nothing, nor does renaming or permuting labels of a nominal
 *  measure; perfect agreement on two labels or more is 1; same seed, same interval; never NaN. */
// oxlint-disable-next-line typescript/no-explicit-any -- the list of measures does not know their options; each checks its own
export interface AgreementMeasure<Options extends AgreementOptions = any> extends About<Options> {
  /** All labelers at once. */
  readonly measure: (ratings: Ratings, options: Options, random: Random) => Agreement;
  /** Two sides: two labelers, or one and the rest. Units over a cross table: statistic `a·k + b` counts items that the first called a and the
   *  second b; where the second side is several labelers, each item's count of 1 is shared between their labels. */
  readonly compare: (table: Units, ratings: Ratings, options: Options, random: Random) => Agreement;
}
