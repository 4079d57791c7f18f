import type { Matrix } from '../math/matrix.ts';
import type { Random } from '../math/random.ts';
import type { About } from '../model/about.ts';
import { CoreError } from '../model/errors.ts';
import type { ItemId, LabelerId, LabelId } from '../model/ids.ts';

/** Picks who is asked what next. Promises (planners/contract.test.ts): never an item that is not open, never the same labeler twice for the same
 *  item (in this batch or before it), at most `batchSize` assignments, best first, finite utilities; same situation and seed, same plan; permuting the
 *  items changes only their numbers. Nobody to ask or nothing open: an empty plan. */
export interface Planner<Options> extends About<Options> {
  /** What it cannot do without; screens grey it out where it is missing. */
  readonly needs: readonly PlannerNeed[];
  /** @throws CoreError 'missing-features' where it needs features and there are none */
  readonly plan: (situation: Situation, options: Options, random: Random) => readonly Assignment[];
}

export type PlannerNeed = 'features' | 'confusions';

// oxlint-disable-next-line typescript/no-explicit-any -- existential type; each technique checks its own options by its own schema
export type AnyPlanner = Planner<any>;

/** What is known when a batch is planned, as columns. n items, k labels. */
export interface Situation {
  readonly items: readonly ItemId[];
  readonly labels: readonly LabelId[];
  /** n×k row-major, of the aggregator: what the votes so far say. Rows sum to 1. */
  readonly posterior: Float64Array;
  /** n×k row-major, of a classifier: what items like this one say. Absent: the posterior speaks for it. */
  readonly probabilities?: Float64Array;
  /** n rows: where distances between items come from. */
  readonly features?: Matrix;
  /** n: the index of the label that people (or gold) settled on, or -1. What classifiers learned from. */
  readonly answered: Int32Array;
  /** n: 1 for the items that may still be asked, else 0. An item may be answered and open: it is asked again. */
  readonly open: Uint8Array;
  /** Who can be asked, the preferred first: planners that choose items only give each to the first that has not answered it. */
  readonly labelers: readonly AskableLabeler[];
  /** Who has already answered what. Absent: nobody anything. */
  readonly asked?: AskedPairs;
  /** B, assignments wanted, at least 0. */
  readonly batchSize: number;
  /** 0 for the first batch. */
  readonly round: number;
  /** What the assignments may cost together. Absent: no limit. */
  readonly budgetUsd?: number;
  /** n×k probabilities of each of `size` classifiers, learned from stratified bootstraps of what is answered. Absent: the planner that needs them
   *  trains them itself, from `features` and `answered`. */
  readonly committee?: (size: number, random: Random) => readonly Float64Array[];
}

/** A person, an LLM, a model: whoever can be asked for a vote. */
export interface AskableLabeler {
  readonly id: LabelerId;
  /** Of one vote, at least 0. */
  readonly costUsd: number;
  /** k×k row-major, rows = true label, columns = label said; each row sums to 1. Absent: not known. */
  readonly confusion?: Float64Array;
}

/** Pairs as columns of one length: `labelers[labeler[r]]` answered `items[item[r]]`. -1 as labeler: somebody who cannot be asked any more. */
export interface AskedPairs {
  readonly item: Int32Array;
  readonly labeler: Int32Array;
}

/** One question to one labeler: `labelers[labeler]` is asked about `items[item]`. */
export interface Assignment {
  readonly item: number;
  readonly labeler: number;
  /** Bigger is more wanted; comparable within one plan only. Finite. */
  readonly utility: number;
  /** One line, for people: "torn between 'spam' .52 and 'ham' .47". */
  readonly reason: string;
}

/** @throws CoreError 'bad-situation' where lengths do not fit or an index is out of range */
export function checkSituation(situation: Situation): Situation {
  const { items, labels, posterior, probabilities, features, answered, open, labelers, asked, batchSize, budgetUsd } = situation;
  const n = items.length;
  const k = labels.length;
  const wrong = (what: string, expected: number | string, came: number): never => {
    throw new CoreError('bad-situation', `planner: ${what} must be ${expected}, got ${came}`);
  };
  if (posterior.length !== n * k) wrong('the length of posterior', n * k, posterior.length);
  if (probabilities && probabilities.length !== n * k) wrong('the length of probabilities', n * k, probabilities.length);
  if (features && features.rows !== n) wrong('the rows of features', n, features.rows);
  if (answered.length !== n) wrong('the length of answered', n, answered.length);
  if (open.length !== n) wrong('the length of open', n, open.length);
  for (const label of answered) if (!(label >= -1 && label < k)) wrong('an answered label', `-1..${k - 1}`, label);
  for (const { id, costUsd, confusion } of labelers) {
    if (!(costUsd >= 0 && costUsd < Number.POSITIVE_INFINITY)) wrong(`costUsd of ${id}`, 'at least 0', costUsd);
    if (confusion && confusion.length !== k * k) wrong(`the length of the confusion of ${id}`, k * k, confusion.length);
  }
  if (asked) {
    if (asked.labeler.length !== asked.item.length) wrong('the length of asked.labeler', asked.item.length, asked.labeler.length);
    for (const item of asked.item) if (!(item >= 0 && item < n)) wrong('an asked item', `0..${n - 1}`, item);
    for (const labeler of asked.labeler)
      if (!(labeler >= -1 && labeler < labelers.length)) wrong('an asked labeler', `-1..${labelers.length - 1}`, labeler);
  }
  if (!(Number.isInteger(batchSize) && batchSize >= 0)) wrong('batchSize', 'a whole number, at least 0', batchSize);
  if (budgetUsd !== undefined && !(budgetUsd >= 0)) wrong('budgetUsd', 'at least 0', budgetUsd);
  return situation;
}
