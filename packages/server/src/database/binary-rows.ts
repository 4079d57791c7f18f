/** `PGCOPY\n\xff\r\n\0`, flags, extension. */
const headerLength = 19;

/** Where the values of a row stand: `starts[c]` to `ends[c]`; null where `ends[c] < starts[c]`. The same two arrays each time. */
export type OnRow = (bytes: Buffer, starts: Int32Array, ends: Int32Array) => void;

/** Reads what COPY sends in its binary form, chunk by chunk. */
export class BinaryRows {
  private readonly onRow: OnRow;
  private readonly starts: Int32Array;
  private readonly ends: Int32Array;
  private rest: Buffer = Buffer.alloc(0);
  private isBegun = false;

  /** @param values in each row */
  constructor(values: number, onRow: OnRow) {
    this.onRow = onRow;
    this.starts = new Int32Array(values);
    this.ends = new Int32Array(values);
  }

  read(chunk: Buffer): void {
    const bytes = this.rest.length > 0 ? Buffer.concat([this.rest, chunk]) : chunk;
    let at = 0;
    if (!this.isBegun) {
      if (bytes.length < headerLength) {
        this.rest = bytes;
        return;
      }
      this.isBegun = true;
      at = headerLength;
    }
    for (let end = this.rowAt(bytes, at); end > at; end = this.rowAt(bytes, at)) {
      this.onRow(bytes, this.starts, this.ends);
      at = end;
    }
    this.rest = bytes.subarray(at);
  }

  /** @returns where the row ends; -1 where it is not there as a whole, or where there are no more */
  private rowAt(bytes: Buffer, begin: number): number {
    let at = begin + 2;
    if (at > bytes.length || bytes.readInt16BE(begin) < 0) return -1;
    for (let c = 0; c < this.starts.length; c++) {
      if (at + 4 > bytes.length) return -1;
      const length = bytes.readInt32BE(at);
      at += 4;
      this.starts[c] = at;
      this.ends[c] = at + length;
      at += Math.max(0, length);
    }
    return at > bytes.length ? -1 : at;
  }
}
