import { CoreError } from './errors.ts';
import type { ItemId, LabelerId, LabelId } from './ids.ts';
import type { Silence } from './vote.ts';

/** Votes on one single-choice question, as columns of equal length:
 *  `labelers[labeler[r]]` gave `labels[label[r]]` to `items[item[r]]`. No opinion, no row: there is no -1.
 *  A labeler votes at most once per item. Rows may come in any order. */
export interface VoteTable {
  readonly items: readonly ItemId[];
  readonly labelers: readonly LabelerId[];
  readonly labels: readonly LabelId[];
  readonly item: Int32Array;
  readonly labeler: Int32Array;
  readonly label: Int32Array;
  /** 0..1 per row, NaN where that labeler gave none; absent where nobody gave any. */
  readonly confidence?: Float64Array;
  /** Per labeler. Absent: not known; aggregators then take silence as `unasked`. */
  readonly silence?: readonly Silence[];
}

/** Votes trusted by decree, as columns: item `item[r]` (index into the table's items) is `label[r]`. Each item at most once. */
export interface Gold {
  readonly item: Int32Array;
  readonly label: Int32Array;
}

export const noGold: Gold = { item: new Int32Array(0), label: new Int32Array(0) };

/** @throws CoreError 'bad-votes' where lengths differ or an index is out of range */
export function checkVoteTable(votes: VoteTable): VoteTable {
  const rows = votes.item.length;
  const fail = (message: string): never => {
    throw new CoreError('bad-votes', `votes: ${message}`);
  };
  if (votes.labeler.length !== rows || votes.label.length !== rows) fail('the columns item, labeler and label must have one length');
  if (votes.confidence && votes.confidence.length !== rows) fail(`confidence must have ${rows} rows, got ${votes.confidence.length}`);
  if (votes.silence && votes.silence.length !== votes.labelers.length)
    fail(`silence must have ${votes.labelers.length} entries, got ${votes.silence.length}`);
  for (const [column, count, name] of [
    [votes.item, votes.items.length, 'item'],
    [votes.labeler, votes.labelers.length, 'labeler'],
    [votes.label, votes.labels.length, 'label'],
  ] as const) {
    for (let row = 0; row < rows; row++) {
      const index = column[row];
      if (index < 0 || index >= count) fail(`${name} index must be 0..${count - 1}, got ${index} in row ${row}`);
    }
  }
  return votes;
}
