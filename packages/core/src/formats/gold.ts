import { reasonOf } from '../model/errors.ts';
import { type ItemId, itemId, type LabelId, labelId } from '../model/ids.ts';
import type { Json } from '../model/json.ts';
import type { Problem } from '../model/problem.ts';
import type { Gold, VoteTable } from '../model/vote-table.ts';
import { readHeader } from './delimited-records.ts';
import type { ReadOptions, SourceFile } from './format.ts';
import { unguard } from './formula-guard.ts';
import { parsePiece, readLines } from './json-records.ts';
import { columnRoles, isJsonLines } from './named-columns.ts';
import { isObject } from './json-values.ts';
import { ProblemLog } from './problem-log.ts';
import { Unreadable } from './unreadable.ts';

export interface GoldRow {
  readonly item: ItemId;
  /** As it stands there: several labels of one item may come as `a|b`, or as several rows. */
  readonly label: LabelId;
  readonly line: number;
}

export interface GoldRead {
  readonly rows: readonly GoldRow[];
  readonly problems: readonly Problem[];
  readonly problemCount: number;
}

/** A file of trusted labels: CSV with a header `item,label`, or JSON Lines with these keys; other columns are passed over. A row without a label is an item
 *  without gold. */
export async function readGold(file: SourceFile, options: Pick<ReadOptions, 'encoding' | 'delimiter'> = {}): Promise<GoldRead> {
  const log = new ProblemLog(file.path);
  const rows: GoldRow[] = [];
  const take = (line: number, item: Json | undefined, label: Json | undefined): void => {
    if (label === undefined || label === null || label === '') return;
    try {
      rows.push({
        item: itemId(item),
        label: labelId(typeof label === 'boolean' ? String(label) : Array.isArray(label) ? label.join('|') : label),
        line,
      });
    } catch (error) {
      log.add(() => ({ line, message: reasonOf(error) }));
    }
  };
  const lose = (line: number, message: string): void => log.add(() => ({ line, message }));
  try {
    if (await isJsonLines(file)) await goldLines(file, options, take, lose);
    else await goldTable(file, options, take, lose);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    log.addFatal(error.problem);
  }
  return { rows, problems: log.problems, problemCount: log.count };
}

type Take = (line: number, item: Json | undefined, label: Json | undefined) => void;
type Lose = (line: number, message: string) => void;

async function goldTable(file: SourceFile, options: ReadOptions, take: Take, lose: Lose): Promise<void> {
  const { header, records } = await readHeader(file, options);
  const layout = columnRoles(header.cells, { item: 1, label: 2 }, {}, 0);
  if (typeof layout === 'string') throw new Unreadable({ file: file.path, line: header.line, message: layout });
  const { columns } = layout;
  for await (const batch of records) {
    for (const record of batch) {
      if ('problem' in record) lose(record.line, record.problem);
      else if (record.cells.length !== columns.length)
        lose(record.line, `has ${record.cells.length} cells, but the header has ${columns.length} columns`);
      else take(record.line, unguard(record.cells[columns.indexOf(1)]), unguard(record.cells[columns.indexOf(2)]));
    }
  }
}

async function goldLines(file: SourceFile, options: ReadOptions, take: Take, lose: Lose): Promise<void> {
  for await (const pieces of readLines(file, options)) {
    for (const piece of pieces) {
      const parsed = parsePiece(piece);
      if (typeof parsed === 'string') lose(piece.line, parsed);
      else if (!isObject(parsed.value)) lose(piece.line, 'must be an object with item and label');
      else take(piece.line, parsed.value.item, parsed.value.label);
    }
  }
}

/** Gold as columns beside votes. Labels that nobody cast join the table at the end. Of an item with two gold labels the first counts.
 *  @returns `unmatched`: rows whose item nobody voted on; `contradicting`: rows that name another label for an item */
export function alignGold(
  votes: VoteTable,
  rows: readonly GoldRow[],
): { votes: VoteTable; gold: Gold; unmatched: number; contradicting: number } {
  const items = new Map(votes.items.map((item, index) => [item as string, index]));
  const labels = [...votes.labels];
  const numbers = new Map(labels.map((label, index) => [label as string, index]));
  const labelOf = new Map<number, number>();
  let unmatched = 0;
  let contradicting = 0;
  for (const row of rows) {
    const item = items.get(row.item);
    if (item === undefined) {
      unmatched++;
      continue;
    }
    let label = numbers.get(row.label);
    if (label === undefined) {
      label = labels.push(row.label) - 1;
      numbers.set(row.label, label);
    }
    const known = labelOf.get(item);
    if (known === undefined) labelOf.set(item, label);
    else if (known !== label) contradicting++;
  }
  const gold = { item: Int32Array.from(labelOf.keys()), label: Int32Array.from(labelOf.values()) };
  return { votes: { ...votes, labels }, gold, unmatched, contradicting };
}
