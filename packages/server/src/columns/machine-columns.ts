import type { Pool } from 'pg';
import { escapeLiteral } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { acceptedCode } from '../stores/estimate-codes.ts';
import type { LabelSets } from './label-sets.ts';
import { keysOf, sortedOrdinals, sortOrdinals } from './sorted-ordinals.ts';

/** What one run believes of one question, a number per ordinal. About 18 bytes an item, and 4 more for each order that was asked for. */
export class MachineColumns {
  readonly run: number;
  readonly n: number;
  /** Codes of label sets; 0: the run had no such item. */
  readonly answer: Int32Array;
  readonly probability: Float32Array;
  readonly margin: Float32Array;
  /** By `decisions`. */
  readonly decision: Uint8Array;
  readonly votes: Uint16Array;
  readonly disagreement: Uint8Array;
  private margins: Int32Array | undefined;
  private probabilities: Int32Array | undefined;
  private counts: Int32Array | undefined;

  constructor(run: number, n: number) {
    this.run = run;
    this.n = n;
    this.answer = new Int32Array(n);
    this.probability = new Float32Array(n);
    this.margin = new Float32Array(n);
    this.decision = new Uint8Array(n);
    this.votes = new Uint16Array(n);
    this.disagreement = new Uint8Array(n);
  }

  /** Items that the machine is not sure enough of, the least sure first. */
  get byMargin(): Int32Array {
    this.margins ??= sortedOrdinals(keysOf(this.margin), this.estimated(acceptedCode));
    return this.margins;
  }

  /** Items with an estimate, the least probable first. */
  get byProbability(): Int32Array {
    this.probabilities ??= sortedOrdinals(keysOf(this.probability), this.estimated());
    return this.probabilities;
  }

  /** Items with an estimate, most votes first. */
  get byVotes(): Int32Array {
    this.counts ??= sortedOrdinals(this.voteKeys, this.estimated());
    return this.counts;
  }

  /** Sorts step by step what an order needs, where that is not done yet. */
  async prepareOrder(order: string): Promise<void> {
    if (order === '-votes') this.counts ??= await sortOrdinals(this.voteKeys, this.estimated());
    if (order.endsWith('probability')) this.probabilities ??= await sortOrdinals(keysOf(this.probability), this.estimated());
  }

  private get voteKeys(): Uint32Array {
    const keys = new Uint32Array(this.n);
    for (let ordinal = 0; ordinal < this.n; ordinal++) keys[ordinal] = 0xffff - this.votes[ordinal];
    return keys;
  }

  private estimated(exceptDecision = -1): Int32Array {
    const { answer, decision } = this;
    const found = new Int32Array(this.n);
    let count = 0;
    for (let ordinal = 0; ordinal < this.n; ordinal++)
      if (answer[ordinal] > 0 && decision[ordinal] !== exceptDecision) found[count++] = ordinal;
    return found.subarray(0, count);
  }
}

/** By COPY in its binary form: a million rows in about a second. @param n items of the project: ordinals are below it */
export async function loadMachineColumns(
  pool: Pool,
  { run, question, n, sets }: { readonly run: number; readonly question: string; readonly n: number; readonly sets: LabelSets },
): Promise<MachineColumns> {
  const columns = new MachineColumns(run, n);
  const client = await pool.connect();
  let fault: Error | undefined;
  try {
    const rows = client.query(
      copyTo(`copy (select ordinal, probability, margin, decision, votes, disagreement, array_to_string(answer, E'\\n')
        from estimates where run_id = ${run} and question = ${escapeLiteral(question)}) to stdout (format binary)`),
    );
    const reader = new RowReader(columns, sets);
    for await (const chunk of rows) reader.read(chunk as Buffer);
  } catch (error) {
    fault = error as Error;
    throw error;
  } finally {
    client.release(fault);
  }
  return columns;
}

/** `PGCOPY\n\xff\r\n\0`, flags, extension. */
const headerLength = 19;
/** Seven values, each with its length before it; the last is a text. */
const fixedLength = 47;

class RowReader {
  private readonly columns: MachineColumns;
  private readonly sets: LabelSets;
  private rest: Buffer = Buffer.alloc(0);
  private isBegun = false;
  private isOver = false;
  private lastText = '';
  private lastCode = 0;

  constructor(columns: MachineColumns, sets: LabelSets) {
    this.columns = columns;
    this.sets = sets;
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
    while (!this.isOver && at + 2 <= bytes.length) {
      if (bytes.readInt16BE(at) < 0) {
        this.isOver = true;
        break;
      }
      if (at + fixedLength > bytes.length) break;
      const end = at + fixedLength + bytes.readInt32BE(at + fixedLength - 4);
      if (end > bytes.length) break;
      this.accept(bytes, at, end);
      at = end;
    }
    this.rest = bytes.subarray(at);
  }

  private accept(bytes: Buffer, at: number, end: number): void {
    const { columns } = this;
    const ordinal = bytes.readInt32BE(at + 6);
    if (ordinal >= columns.n) return;
    const text = bytes.toString('utf8', at + fixedLength, end);
    if (text !== this.lastText || this.lastCode === 0) {
      this.lastText = text;
      this.lastCode = this.sets.codeOfJoined(text);
    }
    columns.answer[ordinal] = this.lastCode;
    columns.probability[ordinal] = bytes.readFloatBE(at + 14);
    columns.margin[ordinal] = bytes.readFloatBE(at + 22);
    columns.decision[ordinal] = bytes.readInt16BE(at + 30);
    columns.votes[ordinal] = bytes.readInt16BE(at + 36);
    columns.disagreement[ordinal] = bytes[at + 42];
  }
}
