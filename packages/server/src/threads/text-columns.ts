import { CoreError } from '@labelwright/core/model/errors';
import { escapeLiteral, type Pool } from 'pg';
import { to as copyTo } from 'pg-copy-streams';

/** Texts of a field in lower case, as the database has it, one after the other with a NUL behind each: a search is one pass over memory. */
interface Block {
  readonly bytes: Buffer;
  /** Of the texts, in the order in which they stand. */
  readonly ordinals: Int32Array;
  /** Where each begins. */
  readonly starts: Int32Array;
}

/** The texts of one field of one project, as far as they were read. Items never change: only those that came since are read. */
class TextColumn {
  private readonly blocks: Block[] = [];
  private below = 0;
  bytes = 0;

  /** Items up to ordinal n. @throws CoreError 'too-large' */
  async grow(pool: Pool, project: number, field: string, n: number, mostBytes: number): Promise<void> {
    if (n <= this.below) return;
    const client = await pool.connect();
    let fault: Error | undefined;
    try {
      const rows = client.query(
        copyTo(`copy (select ordinal, lower(fields ->> ${escapeLiteral(field)}) from items
          where project_id = ${project} and ordinal >= ${this.below} and ordinal < ${n}) to stdout (format binary)`),
      );
      const reader = new BlockReader((block) => {
        this.blocks.push(block);
        this.bytes += block.bytes.length;
        if (this.bytes > mostBytes) throw new CoreError('too-large', 'these texts are too many to be kept');
      });
      for await (const chunk of rows) reader.read(chunk as Buffer);
      reader.end();
      this.below = n;
    } catch (error) {
      fault = error as Error;
      throw error;
    } finally {
      client.release(fault);
    }
  }

  /** Ordinals from one on whose text holds this: big-endian integers. @param wanted in lower case, not empty */
  search(wanted: string, from: number): Buffer {
    const needle = Buffer.from(wanted);
    const found: number[] = [];
    for (const { bytes, ordinals, starts } of this.blocks) {
      let text = 0;
      for (let at = bytes.indexOf(needle); at >= 0; at = text < starts.length ? bytes.indexOf(needle, starts[text]) : -1) {
        text = textAt(starts, at, text);
        if (ordinals[text] >= from) found.push(ordinals[text]);
        // One hit a text is enough.
        text++;
      }
    }
    const packed = Buffer.alloc(found.length * 4);
    for (let at = 0; at < found.length; at++) packed.writeInt32BE(found[at], at * 4);
    return packed;
  }
}

/** The last text that begins at or before a place; `low` begins before it. */
function textAt(starts: Int32Array, place: number, low: number): number {
  let first = low;
  let last = starts.length - 1;
  while (first < last) {
    const middle = (first + last + 1) >>> 1;
    if (starts[middle] <= place) first = middle;
    else last = middle - 1;
  }
  return first;
}

const blockBytes = 8 << 20;
/** `PGCOPY\n\xff\r\n\0`, flags, extension. */
const headerLength = 19;
/** Number of values, length and ordinal, length of the text. */
const fixedLength = 14;

/** Reads rows of COPY in its binary form. */
class BlockReader {
  private readonly onBlock: (block: Block) => void;
  private rest: Buffer = Buffer.alloc(0);
  private isBegun = false;
  private pieces: Buffer[] = [];
  private ordinals: number[] = [];
  private starts: number[] = [];
  private length = 0;

  constructor(onBlock: (block: Block) => void) {
    this.onBlock = onBlock;
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
    while (at + fixedLength <= bytes.length && bytes.readInt16BE(at) > 0) {
      const length = bytes.readInt32BE(at + 10);
      const end = at + fixedLength + Math.max(0, length);
      if (end > bytes.length) break;
      if (length > 0) this.accept(bytes.readInt32BE(at + 6), bytes.subarray(at + fixedLength, end));
      at = end;
    }
    this.rest = bytes.subarray(at);
  }

  end(): void {
    if (this.starts.length === 0) return;
    const bytes = Buffer.concat(this.pieces, this.length);
    this.onBlock({ bytes, ordinals: Int32Array.from(this.ordinals), starts: Int32Array.from(this.starts) });
    this.pieces = [];
    this.ordinals = [];
    this.starts = [];
    this.length = 0;
  }

  private accept(ordinal: number, text: Buffer): void {
    this.ordinals.push(ordinal);
    this.starts.push(this.length);
    this.pieces.push(text, between);
    this.length += text.length + 1;
    if (this.length >= blockBytes) this.end();
  }
}

const between = Buffer.alloc(1);

export interface Wanted {
  readonly project: number;
  readonly field: string;
  readonly text: string;
  readonly from: number;
  /** Items of the project. */
  readonly n: number;
}

type Asked = Pick<Wanted, 'project' | 'field' | 'n'>;

/** The fields that were searched last, as many as there is room for. */
export class TextColumns {
  private readonly pool: Pool;
  private readonly mostBytes: number;
  private readonly columns = new Map<string, TextColumn>();

  constructor(pool: Pool, mostBytes: number) {
    this.pool = pool;
    this.mostBytes = mostBytes;
  }

  /** @returns as `matchingOrdinals`  @throws CoreError 'too-large' where a field has more text than there is room for */
  async search({ text, from, ...asked }: Wanted): Promise<Buffer> {
    const column = await this.columnOf(asked);
    const { rows } = await this.pool.query<{ lower: string }>('select lower($1) as lower', [text]);
    return column.search(rows[0].lower, from);
  }

  /** Reads a field, before anybody asks. @throws CoreError 'too-large' */
  async prepare(asked: Asked): Promise<void> {
    await this.columnOf(asked);
  }

  private async columnOf({ project, field, n }: Asked): Promise<TextColumn> {
    const key = JSON.stringify([project, field]);
    const column = this.columns.get(key) ?? new TextColumn();
    this.columns.delete(key);
    await column.grow(this.pool, project, field, n, this.mostBytes);
    this.columns.set(key, column);
    let bytes = 0;
    for (const each of this.columns.values()) bytes += each.bytes;
    for (const [other, { bytes: own }] of this.columns) {
      if (bytes <= this.mostBytes || other === key) break;
      this.columns.delete(other);
      bytes -= own;
    }
    return column;
  }
}
