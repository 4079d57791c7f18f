import { type Interval, nothingKnown, wilson } from '../math/statistics.ts';
import type { Estimate } from '../model/estimate.ts';
import type { LabelerId } from '../model/ids.ts';
import type { Gold, VoteTable } from '../model/vote-table.ts';

/** What is to be said of one labeler, as plain JSON. */
export interface LabelerReport {
  readonly labeler: LabelerId;
  readonly votes: number;
  /** Share of the items that it voted on. */
  readonly coverage: number;
  /** Votes by label, in the order of the table's labels. */
  readonly votesByLabel: readonly number[];
  /** Shares of its votes: on items where others voted too; where some other labeler said otherwise. */
  readonly overlaps: number;
  readonly conflicts: number;
  /** How often its votes are right by the posterior: an opinion of the votes themselves, its own included. The interval is Wilson's at 95 %
   *  for as many votes as the posterior is sure of: a vote on an item with posterior p counts (k Σ p² − 1) / (k − 1), 1 where the label is
   *  certain, 0 where anything goes. It holds as far as the aggregator's model does. */
  readonly estimatedAccuracy: Interval;
  /** On gold items, Wilson's interval at 95 %: a measurement. Absent where it voted on none. */
  readonly goldAccuracy?: Interval;
  /** k×k rows = true label, columns = said, given that it voted. */
  readonly confusion: readonly (readonly number[])[];
}

/** One report per labeler, in the order of the table. O(votes · k). */
export function labelerReport(votes: VoteTable, estimate: Estimate, gold?: Gold): LabelerReport[] {
  const tally = count(votes, estimate, gold);
  const n = votes.items.length;
  const k = votes.labels.length;
  return votes.labelers.map((labeler, j) => {
    const cast = tally.votes[j];
    const confusion = estimate.confusion.get(labeler) ?? new Float64Array(k * k);
    return {
      labeler,
      votes: cast,
      coverage: n > 0 ? cast / n : 0,
      votesByLabel: [...tally.byLabel.subarray(j * k, j * k + k)],
      overlaps: cast > 0 ? tally.overlapping[j] / cast : 0,
      conflicts: cast > 0 ? tally.conflicting[j] / cast : 0,
      estimatedAccuracy: cast > 0 ? expected(tally.right[j] / cast, tally.sure[j]) : nothingKnown,
      ...(tally.gold[j] > 0 ? { goldAccuracy: wilson(tally.goldRight[j], tally.gold[j]) } : {}),
      confusion: votes.labels.map((_, y) => [...confusion.subarray(y * k, y * k + k)]),
    };
  });
}

function expected(accuracy: number, sure: number): Interval {
  return { ...wilson(Math.min(accuracy, 1) * sure, sure), estimate: accuracy };
}

interface Tally {
  readonly votes: Float64Array;
  readonly byLabel: Float64Array;
  readonly overlapping: Float64Array;
  readonly conflicting: Float64Array;
  readonly right: Float64Array;
  readonly sure: Float64Array;
  readonly gold: Float64Array;
  readonly goldRight: Float64Array;
}

function count({ items, labelers, labels, item, labeler, label }: VoteTable, { posterior }: Estimate, gold: Gold | undefined): Tally {
  const m = labelers.length;
  const k = labels.length;
  const column = (): Float64Array => new Float64Array(m);
  const tally: Tally = {
    votes: column(),
    byLabel: new Float64Array(m * k),
    overlapping: column(),
    conflicting: column(),
    right: column(),
    sure: column(),
    gold: column(),
    goldRight: column(),
  };
  const goldOf = new Int32Array(items.length).fill(-1);
  if (gold) for (let g = 0; g < gold.item.length; g++) goldOf[gold.item[g]] = gold.label[g];
  const voters = new Int32Array(items.length);
  const first = new Int32Array(items.length).fill(-1);
  const disputed = new Uint8Array(items.length);
  for (let r = 0; r < item.length; r++) {
    const i = item[r];
    voters[i]++;
    if (first[i] < 0) first[i] = label[r];
    else if (first[i] !== label[r]) disputed[i] = 1;
  }
  for (let r = 0; r < item.length; r++) {
    const i = item[r];
    const j = labeler[r];
    tally.votes[j]++;
    tally.byLabel[j * k + label[r]]++;
    if (voters[i] > 1) tally.overlapping[j]++;
    if (disputed[i]) tally.conflicting[j]++;
    tally.right[j] += posterior[i * k + label[r]];
    tally.sure[j] += sureness(posterior, i, k);
    if (goldOf[i] < 0) continue;
    tally.gold[j]++;
    if (goldOf[i] === label[r]) tally.goldRight[j]++;
  }
  return tally;
}

function sureness(posterior: Float64Array, i: number, k: number): number {
  if (k === 1) return 1;
  let squares = 0;
  for (let y = 0; y < k; y++) squares += posterior[i * k + y] ** 2;
  return Math.max(0, (k * squares - 1) / (k - 1));
}
