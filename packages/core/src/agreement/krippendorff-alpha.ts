import { z } from 'zod';
import { type AgreementMeasure, agreementOptions } from './agreement-measure.ts';
import { ranksOf, valuesOf } from './label-scale.ts';
import { labelPatterns } from './nominal-measure.ts';
import { overlapsOf, type Ratings } from './ratings.ts';
import { type Parts, resample, type Units, UnitsBuilder } from './units.ts';

const options = agreementOptions.extend({
  scale: z
    .enum(['nominal', 'ordinal', 'interval'])
    .default('nominal')
    .describe(
      'How far two labels are apart: nominal 0 or 1; ordinal by how many votes lie between; interval by the square of their difference',
    ),
  order: z.array(z.string()).optional().describe('Labels from lowest to highest; default: by number, else as the file has them'),
});
type Options = z.infer<typeof options>;

/** Any number of labelers, any gaps: only items with two votes or more count, each vote once. Chance: votes drawn without replacement from all
 *  that were cast. With k labels, k² coincidences are the sufficient statistic. */
const krippendorffAlpha: AgreementMeasure<Options> = {
  name: 'krippendorff-alpha',
  title: "Krippendorff's alpha",
  summary:
    'Agreement beyond chance for any number of labelers, with gaps, on nominal, ordinal or interval labels. The safest single number where not everybody saw everything.',
  paper: 'K. Krippendorff (2011), Computing Krippendorff’s alpha-reliability, https://repository.upenn.edu/asc_papers/43',
  options,
  measure: (ratings, given, random) => resample(coincidences(ratings), alphaParts(ratings, given), overlapsOf(ratings), given, random),
  compare: (table, ratings, given, random) => resample(symmetric(table, ratings), alphaParts(ratings, given), table.items, given, random),
};
export default krippendorffAlpha;

/** Each pair of votes on an item of r votes counts 1 / (r − 1), both ways. */
function coincidences(ratings: Ratings): Units {
  const k = ratings.labels.length;
  const { offsets, codes, times } = labelPatterns(ratings);
  const builder = new UnitsBuilder();
  const counts = new Map<number, number>();
  for (let p = 0; p < times.length; p++) {
    const votes = offsets[p + 1] - offsets[p];
    if (votes < 2) continue;
    counts.clear();
    for (let e = offsets[p]; e < offsets[p + 1]; e++) counts.set(codes[e], (counts.get(codes[e]) ?? 0) + 1);
    for (const [a, many] of counts) {
      for (const [b, others] of counts) {
        const pairs = many * (a === b ? many - 1 : others);
        if (pairs > 0) builder.add(a * k + b, pairs / (votes - 1));
      }
    }
    builder.end(times[p]);
  }
  return builder.build(k * k);
}

/** A cross table, read both ways. */
function symmetric(table: Units, ratings: Ratings): Units {
  const k = ratings.labels.length;
  const builder = new UnitsBuilder();
  for (let u = 0; u < table.times.length; u++) {
    for (let e = table.offsets[u]; e < table.offsets[u + 1]; e++) {
      builder.add(table.index[e], table.value[e]);
      builder.add((table.index[e] % k) * k + Math.floor(table.index[e] / k), table.value[e]);
    }
    builder.end(table.times[u]);
  }
  return builder.build(k * k, table.items);
}

function alphaParts(ratings: Ratings, given: Options): (totals: Float64Array) => Parts {
  const k = ratings.labels.length;
  const place = placer(ratings, given);
  return (totals) => {
    const cast = new Float64Array(k);
    let n = 0;
    for (let a = 0; a < k; a++) for (let b = 0; b < k; b++) cast[a] += totals[a * k + b];
    for (let a = 0; a < k; a++) n += cast[a];
    const at = place(cast);
    let disagreement = 0;
    let chance = 0;
    let spread = 0;
    let pairs = 0;
    for (let a = 0; a < k; a++) {
      for (let b = 0; b < k; b++) {
        if (a === b || cast[a] === 0 || cast[b] === 0) continue;
        const distance = at ? (at[a] - at[b]) ** 2 : 1;
        disagreement += totals[a * k + b] * distance;
        chance += cast[a] * cast[b] * distance;
        spread += distance;
        pairs++;
      }
    }
    return { disagreement: disagreement / n, chance: chance / (n * (n - 1)), spread: spread > 0 ? spread / pairs : 1 };
  };
}

/** Where the labels lie on a line, given how often each was cast; their squared differences are the distances. Nominal has no line. */
function placer(ratings: Ratings, { scale, order }: Options): (cast: Float64Array) => Float64Array | undefined {
  if (scale === 'nominal') return () => undefined;
  if (scale === 'interval') {
    const values = valuesOf(ratings.labels, order);
    return () => values;
  }
  const ranks = ranksOf(ratings.labels, order);
  const ascending = Int32Array.from(ranks.keys()).sort((a, b) => ranks[a] - ranks[b]);
  const place = new Float64Array(ranks.length);
  return (cast) => {
    let below = 0;
    for (const label of ascending) {
      place[label] = below + cast[label] / 2;
      below += cast[label];
    }
    return place;
  };
}
