import { CoreError } from '@labelwright/core/model/errors';

const block = 512;

/** The header of a file in a tar (ustar). */
export function tarHeader(path: string, size: number): Buffer {
  const header = Buffer.alloc(block);
  header.write(path, 0, 100);
  header.write('0000600\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  let sum = 0;
  for (const byte of header) sum += byte;
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

export function tarPadding(size: number): Buffer {
  return Buffer.alloc((block - (size % block)) % block);
}

export const tarEnd = Buffer.alloc(2 * block);

export interface TarEntry {
  readonly path: string;
  readonly size: number;
  /** To be read before the next entry is asked for; what is not read is passed over. */
  readonly content: AsyncIterable<Buffer>;
}

/** The files of a tar, one after the other. @throws CoreError 'bad-backup' */
export async function* readTar(chunks: AsyncIterable<Buffer>): AsyncGenerator<TarEntry> {
  const source = new Source(chunks);
  for (;;) {
    const header = await source.exactly(block);
    if (!header) throw new CoreError('bad-backup', 'the backup is cut off');
    if (header.every((byte) => byte === 0)) return;
    const path = text(header, 0, 100);
    const size = Number.parseInt(text(header, 124, 12), 8);
    if (text(header, 257, 5) !== 'ustar' || !Number.isSafeInteger(size) || size < 0)
      throw new CoreError('bad-backup', 'this is no backup of Labelwright');
    let left = size;
    async function* content(): AsyncGenerator<Buffer> {
      while (left > 0) {
        const piece = await source.upTo(left);
        if (!piece) throw new CoreError('bad-backup', 'the backup is cut off');
        left -= piece.length;
        yield piece;
      }
    }
    const reading = content();
    yield { path, size, content: reading };
    for await (const _ of content()) continue;
    await source.exactly(tarPadding(size).length);
  }
}

function text(header: Buffer, at: number, length: number): string {
  const bytes = header.subarray(at, at + length);
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? length : end).trim();
}

class Source {
  private readonly chunks: AsyncIterator<Buffer>;
  private rest: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Buffer>) {
    this.chunks = chunks[Symbol.asyncIterator]();
  }

  async upTo(length: number): Promise<Buffer | undefined> {
    if (this.rest.length === 0) {
      const { value, done } = await this.chunks.next();
      if (done) return undefined;
      this.rest = value;
    }
    const piece = this.rest.subarray(0, length);
    this.rest = this.rest.subarray(piece.length);
    return piece;
  }

  async exactly(length: number): Promise<Buffer | undefined> {
    const pieces: Buffer[] = [];
    for (let left = length; left > 0; ) {
      const piece = await this.upTo(left);
      if (!piece) return undefined;
      pieces.push(piece);
      left -= piece.length;
    }
    return Buffer.concat(pieces);
  }
}
