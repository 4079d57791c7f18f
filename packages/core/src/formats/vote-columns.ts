import { type ItemId, itemId, type LabelerId, labelerId, type LabelId, labelId } from '../model/ids.ts';
import type { Problem } from '../model/problem.ts';
import type { VoteTable } from '../model/vote-table.ts';
import { Interner } from './interner.ts';

export interface KnownNames {
  /** The only items there are; the table has them all, in this order. */
  readonly knownItems?: readonly ItemId[];
  /** The only labels there are; the table has them all, in this order. */
  readonly knownLabels?: readonly LabelId[];
}

const blockBits = 18;
const blockLength = 1 << blockBits;
const blockMask = blockLength - 1;

/** Votes while they are read: columns that grow by blocks, so that memory is that of the data and never twice it. */
export class VoteColumns {
  readonly items: Interner<ItemId>;
  readonly labelers: Interner<LabelerId>;
  readonly labels: Interner<LabelId>;
  rows = 0;
  private readonly item: Int32Array[] = [];
  private readonly labeler: Int32Array[] = [];
  private readonly label: Int32Array[] = [];
  /** Blocks without any are left out. */
  private readonly confidence: (Float64Array | undefined)[] = [];
  private readonly lines = new LinesOfRows();

  constructor(known: KnownNames) {
    this.items = new Interner(itemId, known.knownItems);
    this.labelers = new Interner(labelerId);
    this.labels = new Interner(labelId, known.knownLabels);
  }

  /** @param confidence NaN where there is none */
  add(item: number, labeler: number, label: number, confidence: number, line: number): void {
    const at = this.rows & blockMask;
    const block = this.rows >> blockBits;
    if (at === 0) this.grow();
    this.item[block][at] = item;
    this.labeler[block][at] = labeler;
    this.label[block][at] = label;
    if (!Number.isNaN(confidence)) (this.confidence[block] ??= new Float64Array(blockLength).fill(Number.NaN))[at] = confidence;
    this.lines.add(this.rows, line);
    this.rows++;
  }

  /** The table. A labeler that votes on an item again with the same label is merged; with another, the first vote counts and `report` is told. */
  table(report: (problem: Problem) => void): { votes: VoteTable; merged: number } {
    const item = joined(this.item, this.rows, Int32Array);
    const labeler = joined(this.labeler, this.rows, Int32Array);
    const label = joined(this.label, this.rows, Int32Array);
    const confidence = this.confidence.length > 0 ? joined(this.confidence, this.rows, Float64Array, Number.NaN) : undefined;
    const names = { items: this.items.names, labelers: this.labelers.names, labels: this.labels.names };
    const first = firstVotes(item, labeler, names.items.length, names.labelers.length);
    if (!first) return { votes: { ...names, item, labeler, label, ...(confidence && { confidence }) }, merged: 0 };
    let kept = 0;
    let merged = 0;
    for (let row = 0; row < item.length; row++) {
      if (first[row] === row) {
        item[kept] = item[row];
        labeler[kept] = labeler[row];
        label[kept] = label[row];
        if (confidence) confidence[kept] = confidence[row];
        // Rows move to the front, so the first votes of later ones stand where this says.
        first[row] = kept++;
      } else if (label[first[first[row]]] === label[row]) {
        merged++;
      } else {
        report(this.contradiction(names, row, first[row], item[row], labeler[row], label[row], label[first[first[row]]]));
      }
    }
    const trimmed = { item: item.slice(0, kept), labeler: labeler.slice(0, kept), label: label.slice(0, kept) };
    return { votes: { ...names, ...trimmed, ...(confidence && { confidence: confidence.slice(0, kept) }) }, merged };
  }

  private contradiction(
    names: Pick<VoteTable, 'items' | 'labelers' | 'labels'>,
    row: number,
    first: number,
    item: number,
    labeler: number,
    label: number,
    firstLabel: number,
  ): Problem {
    const who = `'${names.labelers[labeler]}' votes '${names.labels[label]}' on item '${names.items[item]}'`;
    return {
      line: this.lines.of(row),
      key: 'label',
      message: `${who}, but '${names.labels[firstLabel]}' on line ${this.lines.of(first)}: the first vote counts`,
    };
  }

  private grow(): void {
    this.item.push(new Int32Array(blockLength));
    this.labeler.push(new Int32Array(blockLength));
    this.label.push(new Int32Array(blockLength));
  }
}

/** Per row, the first row in which this labeler votes on this item; undefined where every row is the first. Rows that stand by item, as files mostly do,
 *  need no sorting. */
function firstVotes(item: Int32Array, labeler: Int32Array, n: number, m: number): Int32Array | undefined {
  const order = isSorted(item) ? undefined : rowsByItem(item, n);
  /** Per labeler, the row of its last first vote. */
  const last = new Int32Array(m).fill(-1);
  let first: Int32Array | undefined;
  for (let position = 0; position < item.length; position++) {
    const row = order ? order[position] : position;
    const earlier = last[labeler[row]];
    if (earlier >= 0 && item[earlier] === item[row]) {
      first ??= Int32Array.from(item, (_, index) => index);
      first[row] = earlier;
    } else {
      last[labeler[row]] = row;
    }
  }
  return first;
}

function isSorted(column: Int32Array): boolean {
  for (let row = 1; row < column.length; row++) if (column[row] < column[row - 1]) return false;
  return true;
}

/** Counting sort, stable. */
function rowsByItem(item: Int32Array, n: number): Int32Array {
  const next = new Int32Array(n + 1);
  for (let row = 0; row < item.length; row++) next[item[row] + 1]++;
  for (let index = 0; index < n; index++) next[index + 1] += next[index];
  const order = new Int32Array(item.length);
  for (let row = 0; row < item.length; row++) order[next[item[row]]++] = row;
  return order;
}

function joined<Column extends Int32Array | Float64Array>(
  blocks: (Column | undefined)[],
  length: number,
  Kind: new (length: number) => Column,
  missing = 0,
): Column {
  const whole = new Kind(length);
  if (missing !== 0) whole.fill(missing);
  for (let block = 0; block < blocks.length; block++) {
    const from = block << blockBits;
    const values = blocks[block]?.subarray(0, Math.min(blockLength, length - from));
    if (values) whole.set(values, from);
    blocks[block] = undefined;
  }
  return whole;
}

/** The line of each row: kept only where it is not one more than that of the row before. */
class LinesOfRows {
  private readonly rows: number[] = [];
  private readonly lines: number[] = [];
  private next = 0;

  add(row: number, line: number): void {
    if (line !== this.next) {
      this.rows.push(row);
      this.lines.push(line);
    }
    this.next = line + 1;
  }

  of(row: number): number {
    let low = 0;
    let high = this.rows.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.rows[middle] <= row) low = middle;
      else high = middle - 1;
    }
    return this.lines[low] + row - this.rows[low];
  }
}
