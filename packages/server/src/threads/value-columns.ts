import { escapeLiteral, type Pool } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { BinaryRows } from '../database/binary-rows.ts';
import { numberPattern } from '../stores/text-conditions.ts';

export interface Compared {
  readonly project: number;
  readonly field: string;
  readonly is: 'equals' | 'above' | 'below' | 'empty';
  readonly value: string;
  /** Items of the project. */
  readonly n: number;
}

/** A text of that many characters is no keyword, nor is one of more than so many different ones. */
const longestKeyword = 100;
const mostKeywords = 65_535;

/** Of the texts that are numbers for the database, those of which nobody could think otherwise. */
const plainNumber = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,2})?$/;
const mostChecked = 20_000;

type Test = (ordinal: number) => boolean;

/** One field of all items: numbers, as the database reads them, and texts as long as there are few different ones. Ten bytes an item. */
class ValueColumn {
  private below = 0;
  /** NaN: none. Absent: no item has one. */
  private numbers: Float64Array | undefined;
  /** 0: the field is not there. Absent: too many different texts. */
  private codes: Uint16Array | undefined = new Uint16Array(0);
  private codeOf = new Map<string, number>();
  private keywords: string[] = [];
  private isFilled = new Uint8Array(0);

  get bytes(): number {
    return (this.numbers?.byteLength ?? 0) + (this.codes?.byteLength ?? 0) + this.isFilled.byteLength + this.keywords.length * 200;
  }

  /** Items up to ordinal n. They never change: only those that came since are read. */
  async grow(pool: Pool, project: number, field: string, n: number): Promise<void> {
    if (n <= this.below) return;
    this.numbers &&= enlarged(this.numbers, new Float64Array(n).fill(Number.NaN));
    this.codes &&= enlarged(this.codes, new Uint16Array(n));
    this.isFilled = enlarged(this.isFilled, new Uint8Array(n));
    const client = await pool.connect();
    let fault: Error | undefined;
    try {
      const keyword = this.codes ? `left(t, ${longestKeyword + 1})` : `null::text`;
      const rows = client.query(
        copyTo(`copy (select ordinal, t <> '', case when t ~ ${escapeLiteral(numberPattern)} then t::float8 end, ${keyword}
          from (select ordinal, fields ->> ${escapeLiteral(field)} as t from items
            where project_id = ${project} and ordinal >= ${this.below} and ordinal < ${n} offset 0) i) to stdout (format binary)`),
      );
      const reader = new BinaryRows(4, (bytes, starts, ends) => this.accept(bytes, starts, ends, n));
      for await (const chunk of rows) reader.read(chunk as Buffer);
      this.below = n;
    } catch (error) {
      fault = error as Error;
      throw error;
    } finally {
      client.release(fault);
    }
  }

  /** Undefined where the database is to look. */
  testOf({ is, value }: Compared): Test | undefined {
    const { codes, numbers, isFilled } = this;
    if (is === 'empty') return (ordinal) => isFilled[ordinal] === 0;
    const number = value.trim() === '' ? Number.NaN : Number(value);
    if (is !== 'equals' && !Number.isNaN(number)) {
      if (!numbers) return () => false;
      return is === 'above' ? (ordinal) => numbers[ordinal] > number : (ordinal) => numbers[ordinal] < number;
    }
    if (!codes) return undefined;
    const wanted = Buffer.from(value);
    const order = { equals: 0, above: 1, below: -1 }[is];
    const isWanted = [false, ...this.keywords.map((keyword) => Buffer.compare(Buffer.from(keyword), wanted) === order)];
    return (ordinal) => isWanted[codes[ordinal]];
  }

  /** Where the text is this, the number is this number. Undefined where this is no number, or there are too many. */
  numbersLike(value: string): number[] | undefined {
    if (!plainNumber.test(value)) return undefined;
    const number = Number(value);
    const found: number[] = [];
    for (let ordinal = 0; this.numbers && ordinal < this.below; ordinal++)
      if (this.numbers[ordinal] === number && found.push(ordinal) > mostChecked) return undefined;
    return found;
  }

  private accept(bytes: Buffer, starts: Int32Array, ends: Int32Array, n: number): void {
    const ordinal = bytes.readInt32BE(starts[0]);
    if (ends[1] > starts[1]) this.isFilled[ordinal] = bytes[starts[1]];
    if (ends[2] > starts[2]) {
      this.numbers ??= new Float64Array(n).fill(Number.NaN);
      this.numbers[ordinal] = bytes.readDoubleBE(starts[2]);
    }
    if (ends[3] < starts[3] || !this.codes) return;
    const text = bytes.toString('utf8', starts[3], ends[3]);
    const code = this.codeOf.get(text) ?? this.add(text);
    if (this.codes) this.codes[ordinal] = code;
  }

  private add(text: string): number {
    const code = this.keywords.push(text);
    this.codeOf.set(text, code);
    if (code <= mostKeywords && (text.length <= longestKeyword || Array.from(text).length <= longestKeyword)) return code;
    this.codes = undefined;
    this.codeOf = new Map();
    this.keywords = [];
    return 0;
  }
}

function enlarged<Column extends { set(from: Column): void }>(from: Column, to: Column): Column {
  to.set(from);
  return to;
}

/** The fields that were compared last, as many as there is room for. */
export class ValueColumns {
  private readonly pool: Pool;
  private readonly mostBytes: number;
  private readonly columns = new Map<string, ValueColumn>();

  constructor(pool: Pool, mostBytes: number) {
    this.pool = pool;
    this.mostBytes = mostBytes;
  }

  /** @returns a bit for each item that matches, as `OrdinalSet` has them; null where the database is to look */
  async compare(compared: Compared): Promise<Uint8Array | null> {
    const { n } = compared;
    const column = await this.columnOf(compared);
    const test = column.testOf(compared) ?? (await this.equalTest(compared, column));
    if (!test) return null;
    const bits = new Uint8Array((n + 7) >>> 3);
    for (let ordinal = 0; ordinal < n; ordinal++) if (test(ordinal)) bits[ordinal >>> 3] |= 1 << (ordinal & 7);
    return bits;
  }

  /** 3 and 3.0 are one number and two texts: the database knows. */
  private async equalTest({ project, field, value }: Compared, column: ValueColumn): Promise<Test | undefined> {
    const alike = column.numbersLike(value);
    if (!alike) return undefined;
    const { rows } = await this.pool.query<{ ordinal: number }>(
      'select ordinal from items where project_id = $1 and ordinal = any($2) and fields ->> $3 = $4',
      [project, alike, field, value],
    );
    const equal = new Set(rows.map(({ ordinal }) => ordinal));
    return (ordinal) => equal.has(ordinal);
  }

  /** Reads a field, before anybody asks. */
  async prepare(asked: Pick<Compared, 'project' | 'field' | 'n'>): Promise<void> {
    await this.columnOf(asked);
  }

  private async columnOf({ project, field, n }: Pick<Compared, 'project' | 'field' | 'n'>): Promise<ValueColumn> {
    const key = JSON.stringify([project, field]);
    const column = this.columns.get(key) ?? new ValueColumn();
    this.columns.delete(key);
    await column.grow(this.pool, project, field, n);
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

/** All ordinals of a project by id, in the order of the database. */
export async function idOrder(pool: Pool, { project, n }: { readonly project: number; readonly n: number }): Promise<Int32Array> {
  const order = new Int32Array(n);
  let count = 0;
  const client = await pool.connect();
  let fault: Error | undefined;
  try {
    const rows = client.query(
      copyTo(`copy (select ordinal from items where project_id = ${project} and ordinal < ${n} order by id) to stdout (format binary)`),
    );
    const reader = new BinaryRows(1, (bytes, starts) => (order[count++] = bytes.readInt32BE(starts[0])));
    for await (const chunk of rows) reader.read(chunk as Buffer);
  } catch (error) {
    fault = error as Error;
    throw error;
  } finally {
    client.release(fault);
  }
  return order.subarray(0, count);
}
