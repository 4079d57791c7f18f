import { z } from 'zod';
import type { Random } from '../math/random.ts';
import { checkOptions } from '../model/about.ts';
import { CoreError } from '../model/errors.ts';
import type { VoteTable } from '../model/vote-table.ts';
import { type Agreement, type AgreementMeasure, agreementOptions } from './agreement-measure.ts';
import cohenKappa from './cohen-kappa.ts';
import { pairOverlaps, pairTables, restTable } from './cross-tables.ts';
import fleissKappa from './fleiss-kappa.ts';
import gwetAc1 from './gwet-ac1.ts';
import krippendorffAlpha from './krippendorff-alpha.ts';
import percent from './percent.ts';
import { overlapsOf, type Ratings, ratingsOf } from './ratings.ts';
import { boundedUnits, type Units } from './units.ts';

const measures: readonly AgreementMeasure[] = [percent, cohenKappa, fleissKappa, krippendorffAlpha, gwetAc1];
const names = ['percent', 'cohen-kappa', 'fleiss-kappa', 'krippendorff-alpha', 'gwet-ac1'] as const;

export const agreementReportOptions = z.strictObject({
  ...agreementOptions.shape,
  measures: z
    .array(z.enum(names))
    .default([...names])
    .describe('Measures over all labelers'),
  pairMeasures: z
    .array(z.enum(names))
    .default(['percent', 'cohen-kappa', 'gwet-ac1'])
    .describe('Measures of each pair of labelers, and of each labeler against the rest'),
  scale: z
    .enum(['nominal', 'ordinal', 'interval'])
    .default('nominal')
    .describe('Ordered labels: Krippendorff’s alpha on that scale; Cohen’s kappa with linear (ordinal) or quadratic (interval) weights'),
  order: z.array(z.string()).optional().describe('Labels from lowest to highest; default: by number, else as the file has them'),
  maxPairs: z.int().min(0).default(500).describe('Pairs to measure at most: those with the most common items'),
  maxLabelers: z.int().min(0).default(200).describe('Labelers to measure against the rest at most: those with the most votes'),
});
export type AgreementReportOptions = z.infer<typeof agreementReportOptions>;

type Measured = Readonly<Record<string, Agreement>>;

/** Plain JSON. */
export interface AgreementReport {
  readonly items: number;
  readonly labelers: number;
  readonly labels: readonly string[];
  readonly votes: number;
  /** Items with a vote; with two or more. */
  readonly ratedItems: number;
  readonly overlaps: number;
  readonly confidence: number;
  readonly scale: string;
  readonly overall: Measured;
  readonly perLabeler: readonly {
    readonly labeler: string;
    readonly votes: number;
    readonly overlaps: number;
    readonly withRest: Measured;
  }[];
  readonly pairs: readonly { readonly labelers: readonly [string, string]; readonly overlaps: number; readonly agreement: Measured }[];
  /** What the limits left out. */
  readonly omitted: { readonly pairs: number; readonly labelers: number };
}

/** Agreement over all labelers, of each with the rest, and of each pair, by decreasing number of common items.
 *  @throws CoreError 'bad-options', naming each wrong key */
export function agreementReport(votes: VoteTable, random: Random, given: unknown = {}): AgreementReport {
  const options = checkOptions({ name: 'agreement', options: agreementReportOptions }, given);
  const ratings = ratingsOf(votes);
  const compareAll = (table: Units, label: string): Measured =>
    record(options.pairMeasures, (name) =>
      measureOf(name).compare(table, ratings, optionsOf(name, options), random.fork(`${name} ${label}`)),
    );
  const cast = new Int32Array(votes.labelers.length);
  for (const labeler of votes.labeler) cast[labeler]++;
  const voters = [...cast.keys()].filter((labeler) => cast[labeler] > 0).sort((a, b) => cast[b] - cast[a] || a - b);
  const perLabeler = voters.slice(0, options.maxLabelers).map((labeler) => {
    const name = votes.labelers[labeler];
    const table = boundedUnits(restTable(ratings, labeler), random.fork(`blocks ${name}`));
    return { labeler: name, votes: cast[labeler], overlaps: table.items, withRest: compareAll(table, `rest ${name}`) };
  });
  const { pairs, omitted } = comparePairs(ratings, options, compareAll);
  return {
    items: votes.items.length,
    labelers: votes.labelers.length,
    labels: votes.labels,
    votes: votes.item.length,
    ratedItems: ratings.times.reduce((sum, times) => sum + times, 0),
    overlaps: overlapsOf(ratings),
    confidence: options.confidence,
    scale: options.scale,
    overall: record(options.measures, (name) => measureOf(name).measure(ratings, optionsOf(name, options), random.fork(name))),
    perLabeler,
    pairs,
    omitted: { pairs: omitted, labelers: voters.length - perLabeler.length },
  };
}

function comparePairs(
  ratings: Ratings,
  options: AgreementReportOptions,
  compareAll: (table: Units, label: string) => Measured,
): { pairs: AgreementReport['pairs']; omitted: number } {
  const m = ratings.labelers.length;
  const found = [...pairOverlaps(ratings)].sort(([a, common], [b, others]) => others - common || a - b);
  const chosen = found.slice(0, options.maxPairs);
  const tables = pairTables(
    ratings,
    chosen.map(([pair]) => pair),
  );
  const pairs = chosen.map(([pair, overlaps], at) => {
    const labelers = [ratings.labelers[Math.floor(pair / m)], ratings.labelers[pair % m]] as const;
    return { labelers, overlaps, agreement: compareAll(tables[at], labelers.join(' ')) };
  });
  return { pairs, omitted: found.length - chosen.length };
}

function record(names: readonly string[], of: (name: string) => Agreement): Measured {
  return Object.fromEntries(names.map((name) => [name, of(name)]));
}

function measureOf(name: string): AgreementMeasure {
  const measure = measures.find((one) => one.name === name);
  if (!measure) throw new CoreError('unknown-measure', `agreement: there is no measure '${name}'`);
  return measure;
}

function optionsOf(name: string, options: AgreementReportOptions): unknown {
  const { confidence, replicates, minOverlaps, scale, order } = options;
  const common = { confidence, replicates, minOverlaps };
  const weights = { nominal: 'none', ordinal: 'linear', interval: 'quadratic' }[scale];
  const own = { 'cohen-kappa': { weights, order }, 'krippendorff-alpha': { scale, order } }[name];
  return checkOptions(measureOf(name), { ...common, ...own });
}
