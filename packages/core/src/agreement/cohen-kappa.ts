import { z } from 'zod';
import { type AgreementMeasure, agreementOptions } from './agreement-measure.ts';
import { ranksOf } from './label-scale.ts';
import { sumOf } from './nominal-measure.ts';
import { overlapsOf, type Ratings } from './ratings.ts';
import { type Parts, resample, type Units, UnitsBuilder } from './units.ts';

const options = agreementOptions.extend({
  weights: z
    .enum(['none', 'linear', 'quadratic'])
    .default('none')
    .describe('Whether a near miss on an ordered scale counts as partial agreement, by distance or by its square'),
  order: z.array(z.string()).optional().describe('Labels from lowest to highest; default: by number, else as the file has them'),
});

/** Chance: each labeler keeps its own habits, that is its own shares of the labels, but picks blindly. Two labelers: J. Cohen (1960; weights
 *  1968), on their common items. More: A. J. Conger (1980), the mean chance of all pairs, each with the shares of all that it rated. */
const cohenKappa: AgreementMeasure<z.infer<typeof options>> = {
  name: 'cohen-kappa',
  title: "Cohen's kappa",
  summary:
    'Agreement of two labelers beyond chance, allowing for their different habits; weighted for ordered labels. Several labelers: Conger’s generalisation.',
  paper: 'J. Cohen (1960), A coefficient of agreement for nominal scales, EPM 20(1), doi:10.1177/001316446002000104',
  options,
  measure: (ratings, given, random) => {
    const distance = distances(ratings, given);
    const partsOf = congerParts(ratings, distance);
    return resample(ratedUnits(ratings, distance), partsOf, overlapsOf(ratings), given, random);
  },
  compare: (table, ratings, given, random) => {
    const distance = distances(ratings, given);
    const k = ratings.labels.length;
    return resample(table, (totals) => cohenParts(totals, distance, k), table.items, given, random);
  },
};
export default cohenKappa;

/** k×k, 0 on the diagonal. */
function distances(ratings: Ratings, { weights, order }: z.infer<typeof options>): Float64Array {
  const k = ratings.labels.length;
  const ranks = weights === 'none' ? undefined : ranksOf(ratings.labels, order);
  return Float64Array.from({ length: k * k }, (_, cell) => {
    const a = Math.floor(cell / k);
    const b = cell % k;
    if (!ranks) return a === b ? 0 : 1;
    return Math.abs(ranks[a] - ranks[b]) ** (weights === 'linear' ? 1 : 2);
  });
}

function cohenParts(totals: Float64Array, distance: Float64Array, k: number): Parts {
  const rows = new Float64Array(k);
  const columns = new Float64Array(k);
  let disagreement = 0;
  for (let a = 0; a < k; a++) {
    for (let b = 0; b < k; b++) {
      const count = totals[a * k + b];
      rows[a] += count;
      columns[b] += count;
      disagreement += count * distance[a * k + b];
    }
  }
  const n = sumOf(rows, 0, k);
  let chance = 0;
  for (let a = 0; a < k; a++) for (let b = 0; b < k; b++) chance += rows[a] * columns[b] * distance[a * k + b];
  const used = rows.map((count, c) => count + columns[c]);
  return { disagreement: disagreement / n, chance: chance / (n * n), spread: meanDistance(distance, used) };
}

/** Statistics: 0 the mean distance of the votes of an item, 1 items with two or more votes, 2 + g·k + c the votes of labeler g for c. */
function ratedUnits(ratings: Ratings, distance: Float64Array): Units {
  const k = ratings.labels.length;
  const { offsets, labeler, label, times } = ratings;
  const builder = new UnitsBuilder();
  for (let p = 0; p < times.length; p++) {
    const votes = offsets[p + 1] - offsets[p];
    let apart = 0;
    for (let e = offsets[p]; e < offsets[p + 1]; e++) {
      builder.add(2 + labeler[e] * k + label[e], 1);
      for (let f = offsets[p]; f < e; f++) apart += 2 * distance[label[e] * k + label[f]];
    }
    if (votes > 1) {
      builder.add(0, apart / (votes * (votes - 1)));
      builder.add(1, 1);
    }
    builder.end(times[p]);
  }
  return builder.build(2 + ratings.labelers.length * k);
}

function congerParts(ratings: Ratings, distance: Float64Array): (totals: Float64Array) => Parts {
  const k = ratings.labels.length;
  return (totals) => {
    const sums = new Float64Array(k);
    const same = new Float64Array(k * k);
    let raters = 0;
    for (let base = 2; base < totals.length; base += k) {
      const rated = sumOf(totals, base, base + k);
      if (rated === 0) continue;
      raters++;
      for (let a = 0; a < k; a++) {
        const share = totals[base + a] / rated;
        if (share === 0) continue;
        sums[a] += share;
        for (let b = 0; b < k; b++) same[a * k + b] += (share * totals[base + b]) / rated;
      }
    }
    // Over ordered pairs of two different labelers: all pairs less those of a labeler with itself.
    let chance = 0;
    for (let a = 0; a < k; a++) for (let b = 0; b < k; b++) chance += distance[a * k + b] * (sums[a] * sums[b] - same[a * k + b]);
    const pairs = Math.max(1, raters * (raters - 1));
    return { disagreement: totals[0] / totals[1], chance: chance / pairs, spread: meanDistance(distance, sums) };
  };
}

/** Over pairs of two different labels that are in use; 1 where there are fewer than two. */
function meanDistance(distance: Float64Array, used: Float64Array): number {
  const k = used.length;
  let sum = 0;
  let pairs = 0;
  for (let a = 0; a < k; a++) {
    for (let b = 0; b < k; b++) {
      if (a === b || used[a] === 0 || used[b] === 0) continue;
      sum += distance[a * k + b];
      pairs++;
    }
  }
  return pairs > 0 && sum > 0 ? sum / pairs : 1;
}
