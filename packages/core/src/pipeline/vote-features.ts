import type { Matrix, SparseMatrix } from '../math/matrix.ts';
import { createSparseBuilder } from '../math/sparse.ts';
import type { VoteTable } from '../model/vote-table.ts';

export interface VoteFeatureOptions {
  /** n rows beside the votes. */
  readonly features?: Matrix | undefined;
  /** n: the label that the votes together say, −1 where there is none; its products with `features` let one labeler be right on one kind of
   *  item and wrong on another. */
  readonly said?: Int32Array;
  /** n×k: what an aggregator makes of the votes. */
  readonly posterior?: Float64Array | undefined;
  /** Every label of its own: who said it, and how surely. Else votes are told apart by their confidence only: for hundreds of labels. */
  readonly perLabel: boolean;
}

/** What a classifier is told of the votes on an item: who said what and how surely, beside the item's own features and products of both. Stated
 *  confidences are not probabilities, so they come as ranks, as log odds and as steps, and what each is worth is learned. n rows. */
export function voteFeatures(votes: VoteTable, options: VoteFeatureOptions): SparseMatrix {
  const { features, said, posterior, perLabel } = options;
  const n = votes.items.length;
  const k = votes.labels.length;
  const kinds = perLabel ? k : 1;
  const confidence = confidencesOf(votes);
  const rowsOf = byItem(votes);
  const voteColumns = votes.labelers.length * kinds * columnsEach;
  const labelColumns = perLabel ? 0 : k;
  const believed = posterior && perLabel ? k : 0;
  const own = features?.columns ?? 0;
  const crossed = features && said && perLabel ? own * k : 0;
  const starts = [0, voteColumns, voteColumns + labelColumns, voteColumns + labelColumns + believed];
  const firstOwn = starts[3];
  const builder = createSparseBuilder();
  for (let i = 0; i < n; i++) {
    const indices: number[] = [];
    const values: number[] = [];
    const add = (index: number, value: number): void => {
      indices.push(index);
      values.push(value);
    };
    for (let at = rowsOf.offsets[i]; at < rowsOf.offsets[i + 1]; at++) {
      const row = rowsOf.rows[at];
      const first = (votes.labeler[row] * kinds + (perLabel ? votes.label[row] : 0)) * columnsEach;
      add(first, 1);
      if (!confidence) continue;
      add(first + 1, confidence.rank[row]);
      add(first + 2, confidence.logOdds[row]);
      add(first + 3 + confidence.step[row], 1);
    }
    if (labelColumns > 0 && said && said[i] >= 0) add(starts[1] + said[i], 0.2);
    for (let c = 0; c < believed; c++) add(starts[2] + c, 0.3 * Math.log(Math.max((posterior as Float64Array)[i * k + c], 1e-4)));
    if (features) {
      eachFeature(features, i, (column, value) => {
        add(firstOwn + column, value);
        if (crossed > 0 && (said as Int32Array)[i] >= 0) add(firstOwn + own + column * k + (said as Int32Array)[i], value);
      });
    }
    builder.addRow(indices, values);
  }
  return builder.build(firstOwn + own + crossed);
}

const steps = 6;
const columnsEach = 3 + steps;

interface Confidences {
  /** −1..1 among the votes of the labeler; equal ones share their mean rank. */
  readonly rank: Float64Array;
  /** Centred and scaled per labeler, within ±3. */
  readonly logOdds: Float64Array;
  /** 0..5: which sixth of the labeler's votes by rank. */
  readonly step: Int32Array;
}

/** One entry per vote; votes without a confidence stand in the middle. Undefined where nobody gave any. */
function confidencesOf(votes: VoteTable): Confidences | undefined {
  const { confidence } = votes;
  if (!confidence?.some((value) => !Number.isNaN(value))) return undefined;
  const rows = confidence.length;
  const rank = new Float64Array(rows);
  const logOdds = new Float64Array(rows);
  const given: number[][] = votes.labelers.map(() => []);
  for (let row = 0; row < rows; row++) if (!Number.isNaN(confidence[row])) given[votes.labeler[row]].push(row);
  for (const own of given) {
    own.sort((a, b) => confidence[a] - confidence[b]);
    for (let at = 0; at < own.length; ) {
      let end = at;
      while (end < own.length && confidence[own[end]] === confidence[own[at]]) end++;
      for (let tied = at; tied < end; tied++) rank[own[tied]] = (at + end) / own.length - 1;
      at = end;
    }
    const odds = own.map((row) => {
      const p = Math.min(1 - 1e-5, Math.max(1e-5, confidence[row]));
      return Math.log(p / (1 - p));
    });
    const mean = odds.reduce((sum, value) => sum + value, 0) / Math.max(1, own.length);
    const spread = Math.sqrt(odds.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, own.length)) || 1;
    own.forEach((row, at) => {
      logOdds[row] = Math.max(-3, Math.min(3, (odds[at] - mean) / spread));
    });
  }
  return { rank, logOdds, step: Int32Array.from(rank, (value) => Math.min(steps - 1, Math.floor(((value + 1) / 2) * steps))) };
}

function byItem({ items, item }: VoteTable): { offsets: Int32Array; rows: Int32Array } {
  const offsets = new Int32Array(items.length + 1);
  for (const i of item) offsets[i + 1]++;
  for (let i = 0; i < items.length; i++) offsets[i + 1] += offsets[i];
  const free = offsets.slice(0, items.length);
  const rows = new Int32Array(item.length);
  item.forEach((i, row) => {
    rows[free[i]++] = row;
  });
  return { offsets, rows };
}

function eachFeature(features: Matrix, row: number, visit: (column: number, value: number) => void): void {
  if (features.kind === 'dense') {
    for (let c = 0; c < features.columns; c++) visit(c, features.values[row * features.columns + c]);
  } else for (let e = features.offsets[row]; e < features.offsets[row + 1]; e++) visit(features.indices[e], features.values[e]);
}
