import { maxRecordLength } from './limits.ts';
import { hashFactor, hashOf, hashStart } from './interner.ts';
import { TextDecoder } from './platform.ts';
import type { VoteColumns } from './vote-columns.ts';

/** What the columns of a votes file are, by position. */
export const roles = { other: 0, item: 1, labeler: 2, label: 3, confidence: 4 } as const;
export type Role = (typeof roles)[keyof typeof roles];

/** Takes records that are no votes, with their cells. */
export type TakeLost = (line: number, cells: readonly string[]) => void;

const lineFeed = 10;
const carriageReturn = 13;
const quote = 34;

/** Votes from the bytes of a UTF-8 file: names become numbers by hashing their bytes, so that a line makes no text and no object. Whatever is not so
 *  simple – a quote inside quotes, a line break in them, bytes that are not UTF-8, a line without end – stops it at the start of that line, and the
 *  caller goes on from there with the parser that knows everything; both take the same from the same lines. */
export class VoteLines {
  /** Of the line to be read next: its offset in the file, its number. */
  offset: number;
  line: number;
  stopped = false;
  private readonly votes: VoteColumns;
  private readonly columns: Uint8Array;
  private readonly delimiter: number;
  private readonly lost: TakeLost;
  /** Of the cells of one line: where they start, where they end (CR cut off), the hash of their bytes. */
  private readonly starts: Int32Array;
  private readonly ends: Int32Array;
  private readonly hashes: Int32Array;
  private readonly itemColumn: number;
  private readonly labelerColumn: number;
  private readonly labelColumn: number;
  private readonly confidenceColumn: number;
  private readonly decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  constructor(votes: VoteColumns, columns: readonly Role[], delimiter: string, offset: number, line: number, lost: TakeLost) {
    this.votes = votes;
    this.columns = Uint8Array.from(columns);
    this.delimiter = delimiter.charCodeAt(0);
    this.offset = offset;
    this.line = line;
    this.lost = lost;
    this.starts = new Int32Array(columns.length);
    this.ends = new Int32Array(columns.length);
    this.hashes = new Int32Array(columns.length);
    this.itemColumn = columns.indexOf(roles.item);
    this.labelerColumn = columns.indexOf(roles.labeler);
    this.labelColumn = columns.indexOf(roles.label);
    this.confidenceColumn = columns.indexOf(roles.confidence);
  }

  /** Reads the whole lines that `bytes` begin with; `last` says that the file ends with them. @returns how many bytes it read */
  read(bytes: Uint8Array, last: boolean): number {
    const before = this.offset;
    try {
      this.readLines(bytes, last);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      this.stopped = true;
    }
    const read = this.offset - before;
    if (bytes.length - read > maxRecordLength) this.stopped = true;
    return read;
  }

  private readLines(bytes: Uint8Array, last: boolean): void {
    const { delimiter, starts, ends, hashes, itemColumn } = this;
    const { items } = this.votes;
    const width = this.columns.length;
    const limit = bytes.length;
    const base = this.offset;
    let previousStart = 0;
    let previousLength = 0;
    let previousItem = 0;
    let start = 0;
    while (start < limit) {
      let at = start;
      let cells = 0;
      let high = 0;
      let sameItem = false;
      let byte = -1;
      do {
        const quoted = bytes[at] === quote;
        const from = quoted ? at + 1 : at;
        const stop = quoted ? quote : delimiter;
        let hash = hashStart;
        let end = from;
        if (cells === itemColumn && previousLength > 0) {
          let same = 0;
          while (same < previousLength && bytes[from + same] === bytes[previousStart + same]) same++;
          if (same === previousLength && bytes[from + same] === stop) {
            sameItem = true;
            end += same;
          }
        }
        for (; end < limit; end++) {
          byte = bytes[end];
          if (byte === stop || byte === lineFeed) break;
          hash = Math.imul(hash ^ byte, hashFactor);
          high |= byte;
        }
        if (end >= limit) {
          if (!last) return;
          byte = lineFeed;
        }
        at = end;
        if (quoted) {
          at = this.behindQuote(bytes, end, last);
          if (at < 0) return;
          byte = at < limit ? bytes[at] : lineFeed;
        } else if (byte === lineFeed && end > from && bytes[end - 1] === carriageReturn) {
          hash = hashOf(bytes, from, --end);
        }
        if (cells < width) {
          starts[cells] = from;
          ends[cells] = end;
          hashes[cells] = hash;
        }
        cells++;
        at++;
      } while (byte !== lineFeed);
      // All of it, before any of its names is numbered.
      if (high & 0x80) this.decoder.decode(bytes.subarray(start, at - 1));
      if (cells === width) {
        const item = sameItem ? previousItem : items.ofBytes(bytes, starts[itemColumn], ends[itemColumn], hashes[itemColumn]);
        this.take(bytes, item);
        previousStart = starts[itemColumn];
        previousLength = ends[itemColumn] - previousStart;
        previousItem = item;
      } else if (cells > 1 || ends[0] > start) {
        this.lose(bytes, cells);
      }
      this.line++;
      start = at;
      this.offset = base + Math.min(at, limit);
    }
  }

  /** Where a cell ends whose closing quote is at `closing`; -1 where that cannot be told, or is not so simple. */
  private behindQuote(bytes: Uint8Array, closing: number, last: boolean): number {
    if (bytes[closing] !== quote) {
      this.stopped = true;
      return -1;
    }
    let at = closing + 1;
    if (bytes[at] === carriageReturn) at++;
    const byte = bytes[at];
    if (byte === lineFeed || (byte === this.delimiter && at === closing + 1)) return at;
    if (at < bytes.length) this.stopped = true;
    else if (last) return at;
    return -1;
  }

  private take(bytes: Uint8Array, item: number): void {
    const { votes, starts, ends, hashes, labelerColumn, labelColumn, confidenceColumn } = this;
    const labeler = votes.labelers.ofBytes(bytes, starts[labelerColumn], ends[labelerColumn], hashes[labelerColumn]);
    const label = votes.labels.ofBytes(bytes, starts[labelColumn], ends[labelColumn], hashes[labelColumn]);
    const confidence = confidenceColumn === -1 ? Number.NaN : this.confidenceAt(bytes, starts[confidenceColumn], ends[confidenceColumn]);
    if (item < 0 || labeler < 0 || label < 0 || confidence < 0) this.lose(bytes, this.columns.length);
    else votes.add(item, labeler, label, confidence, this.line);
  }

  private lose(bytes: Uint8Array, cells: number): void {
    const textOf = (cell: number): string =>
      cell < this.columns.length ? this.decoder.decode(bytes.subarray(this.starts[cell], this.ends[cell])) : '';
    this.lost(
      this.line,
      Array.from({ length: cells }, (_, cell) => textOf(cell)),
    );
  }

  /** As `confidenceOfText`; plain decimals without making a text. */
  private confidenceAt(bytes: Uint8Array, start: number, end: number): number {
    if (end === start) return Number.NaN;
    let digits = 0;
    let scale = 0;
    let plain = end - start > 1 && end - start <= 15;
    for (let at = start; at < end && plain; at++) {
      const digit = bytes[at] - 48;
      if (digit >= 0 && digit <= 9) {
        digits = digits * 10 + digit;
        scale *= 10;
      } else if (digit === -2 && scale === 0) {
        scale = 1;
      } else {
        plain = false;
      }
    }
    if (!plain) return confidenceOfText(this.decoder.decode(bytes.subarray(start, end)));
    // Both are exact up to 15 digits, so the quotient is the double that Number() gives.
    const value = scale > 0 ? digits / scale : digits;
    return value <= 1 ? value : badConfidence;
  }
}

export const badConfidence = -1;

/** NaN where there is none, `badConfidence` where it is no number of 0..1. */
export function confidenceOfText(text: string): number {
  const plain = text.trim();
  if (plain === '') return Number.NaN;
  const value = Number(plain);
  return value >= 0 && value <= 1 ? value : badConfidence;
}
