import { reasonOf } from '../model/errors.ts';
import { itemId, labelerId, labelId } from '../model/ids.ts';
import type { Json } from '../model/json.ts';
import { nearestName } from '../model/nearest-name.ts';
import type { Problem } from '../model/problem.ts';
import type { VoteTable } from '../model/vote-table.ts';
import { joinedBytes } from './bytes.ts';
import { checkDelimiter, dialectOf, readHeader, readRecordsFrom } from './delimited-records.ts';
import type { ReadOptions, SourceFile } from './format.ts';
import { unguard } from './formula-guard.ts';
import { noName, unknownName } from './interner.ts';
import { parsePiece, readLines } from './json-records.ts';
import { columnRoles, isJsonLines, plainHead } from './named-columns.ts';
import { isObject, textOfJson } from './json-values.ts';
import { ProblemLog } from './problem-log.ts';
import { type DelimitedRecord, type Dialect, RecordSplitter } from './record-splitter.ts';
import { Unreadable } from './unreadable.ts';
import { type KnownNames, VoteColumns } from './vote-columns.ts';
import { confidenceOfText, type Role, roles, VoteLines } from './vote-lines.ts';

export { readGold } from './gold.ts';

export interface VoteReadOptions extends Pick<ReadOptions, 'encoding' | 'delimiter'>, KnownNames {
  /** So many problems are kept; the others are counted. */
  readonly maxProblems?: number;
}

export interface VotesRead {
  readonly votes: VoteTable;
  readonly problems: readonly Problem[];
  readonly problemCount: number;
  /** Votes that say again what their labeler said of the item before: they count once. */
  readonly merged: number;
  /** What was passed over on purpose: columns that votes do not have. */
  readonly notes: readonly string[];
}

/** A file of votes: CSV with a header `item,labeler,label[,confidence]` in any order, or JSON Lines with the same keys. Items, labelers and labels are
 *  numbered as they first appear, or as they are known. One bad vote is a problem with its line, and the others are read. */
export async function readVotes(file: SourceFile, options: VoteReadOptions = {}): Promise<VotesRead> {
  const reading = new VoteReading(file, options);
  try {
    if (await isJsonLines(file)) await reading.jsonLines();
    else await reading.table();
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    reading.log.addFatal(error.problem);
  }
  return reading.result();
}

class VoteReading {
  readonly log: ProblemLog;
  private readonly file: SourceFile;
  private readonly options: VoteReadOptions;
  private readonly columns: VoteColumns;
  private readonly notes: string[] = [];

  constructor(file: SourceFile, options: VoteReadOptions) {
    this.file = file;
    this.options = options;
    this.columns = new VoteColumns(options);
    this.log = new ProblemLog(file.path, options.maxProblems);
  }

  result(): VotesRead {
    const { votes, merged } = this.columns.table((problem) => this.log.add(() => problem));
    return { votes, problems: this.log.problems, problemCount: this.log.count, merged, notes: this.notes };
  }

  async table(): Promise<void> {
    const { file, options } = this;
    checkDelimiter(options.delimiter);
    const head = options.encoding === undefined ? await plainHead(file) : undefined;
    const dialect = head && dialectOf(head.line, options.delimiter, true);
    const layout = head && dialect && headerColumns(head.line, dialect);
    if (!head || !dialect || !layout || typeof layout === 'string' || dialect.delimiter.charCodeAt(0) > 127) {
      await this.slowTable();
      return;
    }
    this.note(layout.others);
    const lines = new VoteLines(this.columns, layout.columns, dialect.delimiter, head.length, 2, (line, cells) =>
      this.take(line, cells, layout.columns),
    );
    await readBytes(file, lines);
    if (!lines.stopped) return;
    for await (const records of readRecordsFrom(file, dialect, lines.offset, lines.line)) this.takeAll(records, layout.columns);
  }

  /** By the parser that knows quotes and encodings, from the header on. */
  private async slowTable(): Promise<void> {
    const { header, records } = await readHeader(this.file, this.options);
    const layout = voteColumns(header.cells);
    if (typeof layout === 'string') throw new Unreadable({ file: this.file.path, line: header.line, message: layout });
    this.note(layout.others);
    for await (const batch of records) this.takeAll(batch, layout.columns);
  }

  async jsonLines(): Promise<void> {
    const others = new Set<string>();
    for await (const pieces of readLines(this.file, this.options)) {
      for (const piece of pieces) {
        const parsed = parsePiece(piece);
        if (typeof parsed === 'string') this.lose(piece.line, undefined, parsed);
        else this.takeJson(piece.line, parsed.value, others);
      }
    }
    this.note([...others]);
  }

  private takeJson(line: number, value: Json, others: Set<string>): void {
    if (!isObject(value)) {
      this.lose(line, undefined, 'must be an object with item, labeler and label');
      return;
    }
    const { item, labeler, label, confidence, ...rest } = value;
    if (label === undefined && rest.spans !== undefined) {
      this.lose(line, 'spans', 'votes on spans are not read here: this file is about labels of whole items');
      return;
    }
    for (const key of Object.keys(rest)) others.add(key);
    this.vote(
      line,
      nameOf(item),
      nameOf(labeler),
      nameOf(label),
      confidence === undefined || confidence === null ? '' : textOfJson(confidence),
    );
  }

  private takeAll(records: readonly DelimitedRecord[], columns: readonly Role[]): void {
    for (const record of records) {
      if ('problem' in record) this.lose(record.line, undefined, record.problem);
      else this.take(record.line, record.cells, columns);
    }
  }

  private take(line: number, cells: readonly string[], columns: readonly Role[]): void {
    if (cells.length !== columns.length) {
      this.lose(line, undefined, `has ${cells.length} cells, but the header has ${columns.length} columns`);
      return;
    }
    const cellOf = (role: Role): string => cells[columns.indexOf(role)] ?? '';
    this.vote(line, cellOf(roles.item), cellOf(roles.labeler), cellOf(roles.label), cellOf(roles.confidence));
  }

  private vote(line: number, itemText: string, labelerText: string, labelText: string, confidenceText: string): void {
    const { items, labelers, labels } = this.columns;
    const item = items.ofText(itemText);
    const labeler = labelers.ofText(labelerText);
    const label = labels.ofText(labelText);
    const confidence = confidenceOfText(confidenceText);
    if (item < 0) this.lose(line, 'item', () => this.nameFault('item', itemText, item));
    else if (labeler < 0) this.lose(line, 'labeler', () => this.nameFault('labeler', labelerText, labeler));
    else if (label < 0) this.lose(line, 'label', () => this.nameFault('label', labelText, label));
    else if (confidence < 0) this.lose(line, 'confidence', () => `must be a number of 0..1, got '${confidenceText}'`);
    else this.columns.add(item, labeler, label, confidence, line);
  }

  private lose(line: number, key: string | undefined, message: string | (() => string)): void {
    this.log.add(() => ({ line, ...(key !== undefined && { key }), message: typeof message === 'string' ? message : message() }));
  }

  private nameFault(kind: 'item' | 'labeler' | 'label', text: string, fault: number): string {
    if (fault === noName) return 'is missing';
    if (fault === unknownName && kind === 'label') {
      const known = this.columns.labels.names;
      const near = nearestName(unguard(text), known);
      return `there is no label '${text}'${near === undefined ? '.' : `, did you mean '${near}'?`} The labels are ${known.slice(0, 20).join(', ')}`;
    }
    if (fault === unknownName) return `there is no item '${text}' among the items`;
    try {
      ({ item: itemId, labeler: labelerId, label: labelId })[kind](unguard(text));
      return 'is not fit to be an id';
    } catch (error) {
      return reasonOf(error);
    }
  }

  private note(others: readonly string[]): void {
    if (others.length > 0) this.notes.push(`${others.length === 1 ? 'a column is' : 'columns are'} not read: ${others.join(', ')}`);
  }
}

/** Chunk by chunk; what a chunk cuts in two waits for the next. */
async function readBytes(file: SourceFile, lines: VoteLines): Promise<void> {
  let rest: Uint8Array = new Uint8Array(0);
  let skip = lines.offset;
  for await (const chunk of file.bytes()) {
    const skipped = Math.min(skip, chunk.length);
    skip -= skipped;
    const bytes = rest.length > 0 ? joinedBytes([rest, chunk]) : chunk.subarray(skipped);
    const read = lines.read(bytes, false);
    if (lines.stopped) return;
    rest = bytes.slice(read);
  }
  lines.read(rest, true);
}

function headerColumns(line: string, dialect: Dialect): ReturnType<typeof voteColumns> | undefined {
  const splitter = new RecordSplitter(dialect);
  const [header] = [...splitter.push(line), ...splitter.end()];
  return header && 'cells' in header ? voteColumns(header.cells) : undefined;
}

function voteColumns(header: readonly string[]): ReturnType<typeof columnRoles<Role>> {
  return columnRoles(
    header,
    { item: roles.item, labeler: roles.labeler, label: roles.label },
    { confidence: roles.confidence },
    roles.other,
  );
}

/** Ids may be numbers in JSON, labels true or false. */
function nameOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
