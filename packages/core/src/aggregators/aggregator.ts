import type { Matrix } from '../math/matrix.ts';
import type { Random } from '../math/random.ts';
import type { About } from '../model/about.ts';
import type { Estimate } from '../model/estimate.ts';
import type { Gold, VoteTable } from '../model/vote-table.ts';

/** What may help beside the votes. */
export interface AggregationContext {
  readonly random: Random;
  /** Trusted labels: clamped or used to choose, as the aggregator's documentation says. */
  readonly gold?: Gold;
  /** k class shares that the user knows, summing to 1: then held, never learned. */
  readonly shares?: Float64Array;
  /** One row per item of the table. */
  readonly features?: Matrix;
}

/** Votes in, posterior out. Promises (aggregators/contract.test.ts): every row of the posterior sums to 1 and has no NaN, for any table that
 *  `checkVoteTable` passes – no votes, no items, one label, one labeler included; an item without votes gets the class shares, unless silence
 *  (`abstained` labelers), gold or features speak of it; gold items get their gold label; same input and seed, same output; permuting items,
 *  labelers or labels permutes the output and changes nothing else. */
export interface Aggregator<Options> extends About<Options> {
  readonly aggregate: (votes: VoteTable, options: Options, context: AggregationContext) => Estimate;
}

// oxlint-disable-next-line typescript/no-explicit-any -- existential type; each technique checks its own options by its own schema
export type AnyAggregator = Aggregator<any>;
