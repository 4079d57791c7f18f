import { deepPiece, type JsonPiece, longPiece } from './json-lines.ts';
import { maxJsonDepth, maxRecordLength } from './limits.ts';

const tab = 9;
const lineFeed = 10;
const carriageReturn = 13;
const space = 32;
const quote = 34;
const comma = 44;
const openList = 91;
const backslash = 92;
const closeList = 93;
const openObject = 123;
const closeObject = 125;

/** Text chunks of one big JSON array to the texts of its elements, without parsing them: JSON.parse does that, an element at a time. So memory
 *  is bounded by the longest element, every element knows its line, and a broken one costs itself only. A string ends at a line break at the latest
 *  (JSON has none in strings), and a bracket closes what it fits, so that a forgotten one does not swallow the rest. */
export class ElementSplitter {
  private state: 'before' | 'inside' | 'behind' = 'before';
  /** Open brackets, as far as depth is allowed; deeper ones are only counted. */
  private readonly open = new Uint8Array(maxJsonDepth + 1);
  private depth = 0;
  private inString = false;
  private escaped = false;
  private broken: string | undefined;
  private parts: string[] = [];
  private length = 0;
  private line = 1;
  private startLine = 0;
  private afterComma = false;

  /** Adds to `pieces` the elements that are complete now. @throws JsonFault where it is no list, or does not end as one: then nothing that follows can be trusted */
  push(text: string, pieces: JsonPiece[]): void {
    let from = 0;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === lineFeed) this.line++;
      if (this.inString) {
        if (this.escaped) this.escaped = false;
        else if (code === backslash) this.escaped = true;
        else if (code === quote || code === lineFeed) this.inString = false;
        continue;
      }
      if (code === space || code === lineFeed || code === carriageReturn || code === tab) continue;
      if (this.state !== 'inside') {
        this.outside(code, text[at]);
        from = at + 1;
      } else if (this.depth === 0 && (code === comma || code === closeList)) {
        this.take(text.slice(from, at));
        this.complete(pieces, code === comma);
        from = at + 1;
        if (code === closeList) this.state = 'behind';
      } else {
        if (this.startLine === 0) this.startLine = this.line;
        this.inside(code);
      }
    }
    if (this.state === 'inside') this.take(text.slice(from));
  }

  end(): void {
    if (this.state === 'behind') return;
    if (this.state === 'before') throw new JsonFault(this.line, 'is empty');
    const where = this.startLine > 0 ? this.startLine : this.line;
    throw new JsonFault(
      where,
      this.startLine > 0 ? 'the record that starts here never ends' : 'the file ends before the list does: is it cut off?',
    );
  }

  private outside(code: number, char: string): void {
    if (this.state === 'behind') throw new JsonFault(this.line, `there is more behind the end of the list: '${char}'`);
    if (code !== openList)
      throw new JsonFault(this.line, `expected a list of objects [ … ], got '${char}'; one object a line is the format jsonl`);
    this.state = 'inside';
  }

  private inside(code: number): void {
    if (code === quote) {
      this.inString = true;
    } else if (code === openList || code === openObject) {
      if (this.depth < this.open.length) this.open[this.depth] = code;
      this.depth++;
      if (this.depth > maxJsonDepth) this.broken ??= deepPiece;
    } else if (code === closeList || code === closeObject) {
      this.close(code === closeList ? openList : openObject);
    }
  }

  private close(opening: number): void {
    if (this.depth === 0) {
      this.broken ??= "is not JSON: '}' closes nothing";
      return;
    }
    let depth = this.depth - 1;
    if (depth < this.open.length && this.open[depth] !== opening) {
      this.broken ??= 'is not JSON: a bracket is closed by one of the other kind';
      while (depth > 0 && this.open[depth] !== opening) depth--;
      if (this.open[depth] !== opening) return;
    }
    this.depth = depth;
  }

  private take(part: string): void {
    this.length += part.length;
    if (this.length > maxRecordLength) this.parts.length = 0;
    else if (part) this.parts.push(part);
  }

  private complete(pieces: JsonPiece[], comma: boolean): void {
    const line = this.startLine > 0 ? this.startLine : this.line;
    const nothing = this.startLine === 0;
    if (nothing && (comma || this.afterComma)) pieces.push({ line, problem: 'is not JSON: there is nothing between two commas' });
    const problem = this.length > maxRecordLength ? longPiece : this.broken;
    if (!nothing) pieces.push(problem === undefined ? { line, text: this.parts.join('') } : { line, problem });
    this.afterComma = comma;
    this.parts = [];
    this.length = 0;
    this.startLine = 0;
    this.broken = undefined;
    this.depth = 0;
  }
}

export class JsonFault extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}
