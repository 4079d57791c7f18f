import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, readFile, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import type { ColumnStore } from './column-store.ts';
import type { LabelingResult } from './labeling-task.ts';

/** The finished batches of a run, append-only, so that a stopped run goes on where it was. A frame is
 *  `u32 length, u32 crc, u32 header length, header JSON, codes (u16 per labeler and item), confidences (f32)`; a torn last frame is cut off. */
export class AnswerLog {
  private readonly handle: FileHandle;
  private readonly labelers: number;
  private tail: Promise<void> = Promise.resolve();

  private constructor(handle: FileHandle, labelers: number) {
    this.handle = handle;
    this.labelers = labelers;
  }

  /** Opens the log of the run `fingerprint`; frames of another run, or of none, are discarded. Returns what is done already. */
  static async open(
    path: string,
    fingerprint: string,
    labelers: number,
    store: ColumnStore,
  ): Promise<{ log: AnswerLog; done: ReadonlyMap<number, number> }> {
    await mkdir(dirname(path), { recursive: true });
    const content = await readFile(path).catch(() => Buffer.alloc(0));
    const head = Buffer.from(`labelwright answers 1 ${fingerprint}\n`);
    const done = new Map<number, number>();
    let end = 0;
    if (content.subarray(0, head.length).equals(head)) {
      end = head.length;
      for (let frame = frameAt(content, end); frame; frame = frameAt(content, end)) {
        restore(frame.payload, labelers, store, done);
        end = frame.end;
      }
    }
    if (end === 0) {
      const fresh = await open(path, 'w');
      await fresh.write(head);
      return { log: new AnswerLog(fresh, labelers), done };
    }
    await truncate(path, end);
    return { log: new AnswerLog(await open(path, 'a'), labelers), done };
  }

  /** Takes its copy of the codes before it returns: call it before `store.accept`, which renumbers them. Frames are written one after another. */
  append(result: LabelingResult, first: number, count: number, store: ColumnStore): Promise<void> {
    const header = Buffer.from(JSON.stringify({ first, count, result }));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(header.length);
    const columns = Array.from({ length: this.labelers }, (_, column) => [
      bytesOf(store.codesOf(column, first, count)),
      bytesOf(store.confidencesOf(column, first, count)),
    ]);
    const payload = Buffer.concat([length, header, ...columns.flat()]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32LE(payload.length);
    frame.writeUInt32LE(crc32(payload), 4);
    const bytes = Buffer.concat([frame, payload]);
    this.tail = this.tail.then(() => this.handle.appendFile(bytes));
    return this.tail;
  }

  async close(): Promise<void> {
    await this.tail;
    await this.handle.sync();
    await this.handle.close();
  }
}

function bytesOf(view: Uint16Array | Float32Array): Buffer {
  return Buffer.from(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
}

function frameAt(content: Buffer, at: number): { payload: Buffer; end: number } | undefined {
  if (at + 8 > content.length) return undefined;
  const end = at + 8 + content.readUInt32LE(at);
  if (end > content.length) return undefined;
  const payload = content.subarray(at + 8, end);
  return crc32(payload) === content.readUInt32LE(at + 4) ? { payload, end } : undefined;
}

function restore(payload: Buffer, labelers: number, store: ColumnStore, done: Map<number, number>): void {
  const headerEnd = 4 + payload.readUInt32LE(0);
  const { first, count, result } = JSON.parse(payload.toString('utf8', 4, headerEnd)) as {
    first: number;
    count: number;
    result: LabelingResult;
  };
  let at = headerEnd;
  for (let column = 0; column < labelers; column++) {
    for (const view of [store.codesOf(column, first, count), store.confidencesOf(column, first, count)]) {
      new Uint8Array(view.buffer, view.byteOffset, view.byteLength).set(payload.subarray(at, at + view.byteLength));
      at += view.byteLength;
    }
  }
  store.accept(result, first, count);
  done.set(first, count);
}

/** What a run depends on, as one hash. */
export function fingerprintOf(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
