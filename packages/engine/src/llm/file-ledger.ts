import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, stat, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Answer } from '@labelwright/core/model/answer';
import { CoreError } from '@labelwright/core/model/errors';
import type { LabelerId } from '@labelwright/core/model/ids';
import type { Budgets, LlmBatchLedger, NotedBatch, PlannedCall, RecordedAnswer, ReserveOutcome, SettledCall, Spending } from './ledger.ts';
import { SpendingBook } from './spending-book.ts';

type Entry =
  | { readonly reserved: PlannedCall }
  | ({ readonly settled: string } & SettledCall)
  | { readonly noted: NotedBatch }
  | { readonly closed: string };

/** Where in the file the line is that holds an answer. */
interface Place {
  readonly offset: number;
  readonly length: number;
}

/** A ledger as a file that is only ever appended to: one entry a line, `crc32 JSON`. Entries that wait while the disk is busy become durable
 *  together, by one write and one fsync. Answers stay in the file: memory holds where they are. One process at a time. */
export class FileLedger implements LlmBatchLedger {
  private readonly handle: FileHandle;
  private readonly budgets: Budgets;
  private readonly book: SpendingBook;
  private readonly places: Map<string, Place>;
  private readonly batches: Map<string, NotedBatch>;
  private end: number;
  private waiting: Buffer[] = [];
  private flushed: Promise<void> | undefined;
  private broken: unknown;

  private constructor(handle: FileHandle, { book, places, batches, end }: Replayed, budgets: Budgets) {
    this.handle = handle;
    this.budgets = budgets;
    this.book = book;
    this.places = places;
    this.batches = batches;
    this.end = end;
  }

  /** Goes on with the file where there is one; a torn last line (the process died while it wrote) is cut off.
   *  @throws CoreError 'damaged-ledger' where an earlier line cannot be read: what it said of money is lost */
  static async open(path: string, budgets: Budgets = {}): Promise<FileLedger> {
    await mkdir(dirname(path), { recursive: true });
    const replayed = await replay(path);
    const size = (await stat(path).catch(() => undefined))?.size ?? 0;
    if (size > replayed.end) await truncate(path, replayed.end);
    return new FileLedger(await open(path, 'a+', 0o600), replayed, budgets);
  }

  async recall(keys: readonly string[]): Promise<ReadonlyMap<string, Answer>> {
    const found = new Map<string, Answer>();
    for (const key of keys) {
      const place = this.places.get(key);
      if (place) found.set(key, await this.answerAt(place, key));
    }
    return found;
  }

  async reserve(call: PlannedCall): Promise<ReserveOutcome> {
    const outcome = this.book.reserve(call, this.budgets);
    if (outcome.kind === 'reserved') await this.append({ reserved: call });
    return outcome;
  }

  async settle(call: string, outcome: SettledCall): Promise<void> {
    this.book.settle(call, outcome);
    const place = await this.append({ settled: call, ...outcome });
    for (const { key } of outcome.answers) this.places.set(key, place);
  }

  spending(): Promise<readonly Spending[]> {
    return Promise.resolve(this.book.spending());
  }

  async noteBatch(batch: NotedBatch): Promise<void> {
    await this.append({ noted: batch });
    this.batches.set(batch.tag, batch);
  }

  openBatches(labeler: LabelerId): Promise<readonly NotedBatch[]> {
    return Promise.resolve([...this.batches.values()].filter((batch) => batch.labeler === labeler));
  }

  async closeBatch(tag: string): Promise<void> {
    await this.append({ closed: tag });
    this.batches.delete(tag);
  }

  async close(): Promise<void> {
    await this.flushed;
    await this.handle.close();
  }

  private async answerAt({ offset, length }: Place, key: string): Promise<Answer> {
    const line = Buffer.alloc(length);
    await this.handle.read(line, 0, length, offset);
    const entry = parseLine(line);
    const recorded = entry && 'answers' in entry ? answerOf(entry.answers, key) : undefined;
    if (!recorded) throw new CoreError('damaged-ledger', `ledger: the answer at byte ${offset} cannot be read`);
    return recorded.answer;
  }

  /** Resolves when the entry is on the disk. After a failed write nothing more is taken: nobody knows what is there. */
  private async append(entry: Entry): Promise<Place> {
    if (this.broken !== undefined) throw this.broken;
    const json = JSON.stringify(entry);
    const line = Buffer.from(`${checksum(json)} ${json}\n`);
    const place = { offset: this.end, length: line.length - 1 };
    this.end += line.length;
    this.waiting.push(line);
    // A flush that is being written does not have it: then it is in the next.
    while (this.waiting.includes(line)) await (this.flushed ??= this.flush());
    if (this.broken !== undefined) throw this.broken;
    return place;
  }

  private async flush(): Promise<void> {
    // Those that come within a moment go together: one fsync for all of them.
    await new Promise<void>((done) => setTimeout(done, gatherMs));
    const lines = Buffer.concat(this.waiting);
    this.waiting = [];
    try {
      await this.handle.appendFile(lines);
      await this.handle.datasync();
    } catch (error) {
      this.broken = new CoreError('cannot-write', 'ledger: cannot be written: no more calls are made', {}, { cause: error });
    } finally {
      this.flushed = undefined;
    }
  }
}

const gatherMs = 4;

interface Replayed {
  readonly book: SpendingBook;
  readonly places: Map<string, Place>;
  readonly batches: Map<string, NotedBatch>;
  readonly end: number;
}

async function replay(path: string): Promise<Replayed> {
  const book = new SpendingBook();
  const places = new Map<string, Place>();
  const batches = new Map<string, NotedBatch>();
  let end = 0;
  let torn: number | undefined;
  for await (const line of linesOf(path)) {
    if (torn !== undefined)
      throw new CoreError('damaged-ledger', `${path}: the line at byte ${torn} cannot be read, and there are lines after it`);
    const entry = parseLine(line);
    if (!entry) {
      torn = end;
      continue;
    }
    if ('reserved' in entry) book.enter(entry.reserved);
    else if ('noted' in entry) batches.set(entry.noted.tag, entry.noted);
    else if ('closed' in entry) batches.delete(entry.closed);
    else {
      book.settle(entry.settled, entry);
      const place = { offset: end, length: line.length };
      for (const { key } of entry.answers) places.set(key, place);
    }
    end += line.length + 1;
  }
  return { book, places, batches, end };
}

/** Lines without their break; the last one also where it has none, which then cannot be parsed. */
async function* linesOf(path: string): AsyncGenerator<Buffer> {
  const exists = await stat(path).then(
    () => true,
    () => false,
  );
  if (!exists) return;
  let rest: Buffer[] = [];
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, start)) {
      yield Buffer.concat([...rest, chunk.subarray(start, at)]);
      rest = [];
      start = at + 1;
    }
    rest.push(chunk.subarray(start));
  }
  const last = Buffer.concat(rest);
  if (last.length > 0) yield Buffer.concat([last, Buffer.from('torn')]);
}

function parseLine(line: Buffer): Entry | undefined {
  const json = line.toString('utf8', 9);
  if (line.toString('latin1', 0, 9) !== `${checksum(json)} `) return undefined;
  return JSON.parse(json) as Entry;
}

function answerOf(answers: readonly RecordedAnswer[], key: string): RecordedAnswer | undefined {
  return answers.findLast((recorded) => recorded.key === key);
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
