import { maxJsonDepth, maxRecordLength } from './limits.ts';

/** A piece of JSON text with the line on which it starts, or why there is none. */
export type JsonPiece = { readonly line: number; readonly text: string } | { readonly line: number; readonly problem: string };

export const longPiece = `is longer than ${maxRecordLength / 1024 / 1024} MiB`;
export const deepPiece = `is nested more than ${maxJsonDepth} levels deep`;

/** Text chunks to lines, one JSON value each; blank lines left out, a line that is too long dropped while it streams. */
export class LineSplitter {
  private readonly parts: string[] = [];
  private length = 0;
  private line = 1;

  push(text: string): JsonPiece[] {
    const pieces: JsonPiece[] = [];
    let from = 0;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', from)) {
      this.take(text.slice(from, at));
      this.complete(pieces);
      from = at + 1;
    }
    this.take(text.slice(from));
    return pieces;
  }

  end(): JsonPiece[] {
    const pieces: JsonPiece[] = [];
    if (this.length > 0) this.complete(pieces);
    return pieces;
  }

  private take(part: string): void {
    this.length += part.length;
    if (this.length > maxRecordLength) this.parts.length = 0;
    else if (part) this.parts.push(part);
  }

  private complete(pieces: JsonPiece[]): void {
    const { line } = this;
    if (this.length > maxRecordLength) {
      pieces.push({ line, problem: longPiece });
    } else {
      const text = this.parts.length === 1 ? this.parts[0] : this.parts.join('');
      if (text.trim() !== '') pieces.push({ line, text });
    }
    this.parts.length = 0;
    this.length = 0;
    this.line++;
  }
}
