import Papa from 'papaparse';
import { maxRecordLength } from './limits.ts';

/** One record of a delimited file: its cells, or why it has none. `line` is where it starts. */
export type DelimitedRecord = { readonly line: number; readonly cells: readonly string[] } | LostRecord;

export interface LostRecord {
  readonly line: number;
  readonly problem: string;
  /** Which cell, 0-based. */
  readonly column?: number;
}

export interface Dialect {
  readonly delimiter: string;
  readonly lineBreak: '\n' | '\r';
}

/** Finds where records end, then has Papa Parse split them: no parser we tried names lines behind quoted line breaks, bounds a record, and goes on
 *  with the next line after a quote gone wrong (docs/formats.md). RFC 4180, with blanks allowed after a closing quote; quotes inside an unquoted cell
 *  are text, as everywhere. A record with a broken quote is lost, and the next line starts a new one. */
export class RecordSplitter {
  private readonly dialect: Dialect;
  private text = '';
  /** Start of the record that is not complete yet. */
  private start = 0;
  private line: number;
  /** Wait for so much text before trying the open record again: trying at every chunk would be quadratic. */
  private patience = 0;
  /** Inside a record that was too long: dropping text up to the next line break. */
  private dropping = false;
  /** Where the next ones stand at or behind the last place asked for; the length of the text where there are none. Asked for anew they would
   *  make a file without any quadratic. */
  private nextQuote = -1;
  private nextDelimiter = -1;

  constructor(dialect: Dialect, line = 1) {
    this.dialect = dialect;
    this.line = line;
  }

  push(text: string): DelimitedRecord[] {
    this.text = this.start > 0 ? this.text.slice(this.start) + text : this.text + text;
    this.start = 0;
    if (this.text.length < this.patience) return [];
    return this.split(false);
  }

  end(): DelimitedRecord[] {
    return this.split(true);
  }

  /** The records that are complete now, where no more text will come though the file goes on. */
  settle(): DelimitedRecord[] {
    return this.split(false);
  }

  private split(whole: boolean): DelimitedRecord[] {
    const { lineBreak } = this.dialect;
    const records: DelimitedRecord[] = [];
    let run = new Run();
    const flush = (): void => {
      this.flush(run, records);
      run = new Run();
    };
    this.nextQuote = -1;
    this.nextDelimiter = -1;
    this.patience = 0;
    while (this.start < this.text.length) {
      if (this.dropping && !this.drop()) break;
      const end = this.recordEnd(whole);
      const tooLong = (end.kind === 'open' ? this.text.length : end.at) - this.start > maxRecordLength;
      if (end.kind === 'open' && !tooLong) {
        this.patience = (this.text.length - this.start) * 1.5;
        break;
      }
      if (end.kind !== 'end' || tooLong) {
        flush();
        const column = end.kind === 'quote' && !tooLong ? { column: end.column } : {};
        records.push({ line: this.line, problem: end.kind === 'quote' && !tooLong ? end.problem : longRecord, ...column });
        this.dropping = true;
        if (!this.drop() && !whole) break;
        continue;
      }
      const blank = end.at === this.start || (end.at === this.start + 1 && lineBreak === '\n' && this.text[this.start] === '\r');
      if (blank) flush();
      else run.add(this.line, this.start, end);
      this.line += 1 + end.breaks;
      this.start = end.at + 1;
    }
    if (this.start > this.text.length) this.start = this.text.length;
    flush();
    return records;
  }

  /** Skips to behind the next line break; false where there is none yet. */
  private drop(): boolean {
    const at = this.text.indexOf(this.dialect.lineBreak, this.start);
    this.start = at === -1 ? this.text.length : at + 1;
    if (at === -1) return false;
    this.dropping = false;
    this.line++;
    return true;
  }

  private recordEnd(whole: boolean): RecordEnd {
    const { text, start } = this;
    const { length } = text;
    if (this.nextQuote < start) this.nextQuote = indexOf(text, '"', start);
    const at = indexOf(text, this.dialect.lineBreak, start);
    if (this.nextQuote < at) return this.quotedRecordEnd(whole, at);
    return at < length || whole ? { kind: 'end', at, breaks: 0, quotedLast: false } : { kind: 'open' };
  }

  private quotedRecordEnd(whole: boolean, firstBreak: number): RecordEnd {
    const { text } = this;
    const { delimiter, lineBreak } = this.dialect;
    const { length } = text;
    let nextBreak = firstBreak;
    let breaks = 0;
    let at = this.start;
    for (let column = 0; ; column++) {
      const quoted = text[at] === '"';
      if (quoted) {
        const closing = closingQuote(text, at + 1);
        // A quote at the very end may be half of an escaped one.
        if (!whole && closing >= length - 1) return { kind: 'open' };
        if (closing === length) return { kind: 'quote', at: length, problem: 'has a quote that is never closed', column };
        for (; nextBreak < closing; nextBreak = indexOf(text, lineBreak, nextBreak + 1)) breaks++;
        at = closing + 1;
        while (isBlank(text, at, this.dialect)) at++;
        if (at < length && text[at] !== delimiter && text[at] !== lineBreak) return { kind: 'quote', at, problem: textBehindQuote, column };
        if (at < length && text[at] === delimiter) this.nextDelimiter = at;
      }
      if (this.nextDelimiter < at) this.nextDelimiter = indexOf(text, delimiter, at);
      if (this.nextDelimiter > nextBreak || this.nextDelimiter === length) {
        return nextBreak < length || whole ? { kind: 'end', at: nextBreak, breaks, quotedLast: quoted } : { kind: 'open' };
      }
      at = this.nextDelimiter + 1;
    }
  }

  private flush(run: Run, records: DelimitedRecord[]): void {
    if (run.lines.length === 0) return;
    const rows = this.rowsOf(this.text.slice(run.start, run.end));
    if (rows.length !== run.lines.length)
      throw new Error(`papaparse: ${rows.length} records where ${run.lines.length} end, from line ${run.lines[0]}`);
    for (let row = 0; row < rows.length; row++) {
      const cells = rows[row];
      const last = cells.length - 1;
      if (!run.quotedLast[row] && this.dialect.lineBreak === '\n' && cells[last].endsWith('\r')) cells[last] = cells[last].slice(0, -1);
      records.push({ line: run.lines[row], cells });
    }
  }

  private rowsOf(text: string): string[][] {
    const { delimiter, lineBreak } = this.dialect;
    // Papa takes U+FEFF at the front for a byte order mark; the true one is gone already. At the back it wants a line break behind blanks.
    const guard = text.startsWith('\ufeff') ? lineBreak : '';
    const { data } = Papa.parse<string[]>(guard + text + lineBreak, { delimiter, newline: lineBreak, quoteChar: '"' });
    return data.slice(guard.length, -1);
  }
}

const longRecord = `is longer than ${maxRecordLength / 1024 / 1024} MiB: is a quote left open?`;
const textBehindQuote = 'has text behind a closing quote: quotes inside quotes are written twice';

type RecordEnd =
  /** `at` the line break behind it, or the end of the text; `breaks` inside. */
  | { readonly kind: 'end'; readonly at: number; readonly breaks: number; readonly quotedLast: boolean }
  | { readonly kind: 'open' }
  | { readonly kind: 'quote'; readonly at: number; readonly problem: string; readonly column: number };

/** Complete records that stand next to each other: Papa gets them in one piece. */
class Run {
  start = 0;
  end = 0;
  readonly lines: number[] = [];
  readonly quotedLast: boolean[] = [];

  add(line: number, start: number, end: { at: number; quotedLast: boolean }): void {
    if (this.lines.length === 0) this.start = start;
    this.lines.push(line);
    this.quotedLast.push(end.quotedLast);
    this.end = end.at;
  }
}

function indexOf(text: string, char: string, from: number): number {
  const at = text.indexOf(char, from);
  return at === -1 ? text.length : at;
}

function closingQuote(text: string, from: number): number {
  let at = indexOf(text, '"', from);
  while (text[at + 1] === '"') at = indexOf(text, '"', at + 2);
  return at;
}

/** A CR before a LF belongs to the line break. */
function isBlank(text: string, at: number, { delimiter, lineBreak }: Dialect): boolean {
  const char = text[at];
  return (char === ' ' || char === '\t' || char === '\r') && char !== delimiter && char !== lineBreak;
}
