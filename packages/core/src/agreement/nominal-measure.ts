import { type AgreementMeasure, type AgreementOptions, agreementOptions } from './agreement-measure.ts';
import { distinctRows, overlapsOf, type Ratings } from './ratings.ts';
import { type Parts, resample, type Units, UnitsBuilder } from './units.ts';

/** Measures that compare the share of agreeing pairs per item with a chance that depends on how often each label is used.
 *  With differing numbers of votes per item: agreement is the mean over items with two or more votes, the shares of the labels are the mean
 *  over all items with a vote, each item counting once (K. L. Gwet 2014, Handbook of Inter-Rater Reliability, 4th ed., ch. 2).
 *  @param chance the disagreement that chance would give, from the k shares of the labels (summing to 1) */
export function nominalMeasure(
  about: Pick<AgreementMeasure, 'name' | 'title' | 'summary' | 'paper'>,
  chance: (shares: Float64Array) => number,
): AgreementMeasure<AgreementOptions> {
  return {
    ...about,
    options: agreementOptions,
    measure: (ratings, options, random) => {
      const partsOf = (totals: Float64Array): Parts => {
        const rated = sumOf(totals, 2, totals.length);
        const shares = totals.subarray(2).map((share) => (rated > 0 ? share / rated : 0));
        return { disagreement: totals[0] / totals[1], chance: chance(shares), spread: 1 };
      };
      return resample(shareUnits(ratings), partsOf, overlapsOf(ratings), options, random);
    },
    compare: (table, ratings, options, random) => {
      const k = ratings.labels.length;
      const partsOf = (totals: Float64Array): Parts => {
        const n = sumOf(totals, 0, totals.length);
        const shares = new Float64Array(k);
        let agreeing = 0;
        for (let a = 0; a < k; a++) {
          agreeing += totals[a * k + a];
          for (let b = 0; b < k; b++) {
            shares[a] += totals[a * k + b] / (2 * n);
            shares[b] += totals[a * k + b] / (2 * n);
          }
        }
        return { disagreement: Math.max(0, 1 - agreeing / n), chance: chance(shares), spread: 1 };
      };
      return resample(table, partsOf, table.items, options, random);
    },
  };
}

export function sumOf(values: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at++) sum += values[at];
  return sum;
}

/** Items as the multiset of their labels: who gave which does not matter here. Rows of ascending labels. */
export function labelPatterns(ratings: Ratings): { offsets: Int32Array; codes: Int32Array; times: Float64Array } {
  const codes = ratings.label.slice();
  for (let p = 0; p < ratings.times.length; p++) codes.subarray(ratings.offsets[p], ratings.offsets[p + 1]).sort();
  return distinctRows(ratings.offsets, codes, ratings.times);
}

/** Statistics: 0 the share of disagreeing pairs, 1 items with two or more votes, 2 + c the share of label c among the votes of the item. */
function shareUnits(ratings: Ratings): Units {
  const { offsets, codes, times } = labelPatterns(ratings);
  const builder = new UnitsBuilder();
  for (let p = 0; p < times.length; p++) {
    const votes = offsets[p + 1] - offsets[p];
    let agreeing = 0;
    for (let at = offsets[p]; at < offsets[p + 1]; ) {
      const label = codes[at];
      const from = at;
      while (at < offsets[p + 1] && codes[at] === label) at++;
      const count = at - from;
      agreeing += count * (count - 1);
      builder.add(2 + label, count / votes);
    }
    if (votes > 1) {
      builder.add(0, 1 - agreeing / (votes * (votes - 1)));
      builder.add(1, 1);
    }
    builder.end(times[p]);
  }
  return builder.build(2 + ratings.labels.length);
}
