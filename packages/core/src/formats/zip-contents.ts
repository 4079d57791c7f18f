import { maxUnpackingRatio, maxWorkbookElements } from './limits.ts';
import { type ByteReader, DecompressionStream } from './platform.ts';

interface ArchivePart {
  readonly name: string;
  readonly size: number;
  /** As it stands in the archive. */
  readonly packed: Uint8Array;
  readonly isDeflated: boolean;
}

const smallPart = 4 * 1024 * 1024;

/** Looks into a workbook before its reader does, which holds all parts but the sheets as trees: what would not fit into memory is found by counting while
 *  it unpacks. @returns what is wrong with it */
export async function checkWorkbook(bytes: Uint8Array): Promise<string | undefined> {
  if (bytes[0] === 0xd0 && bytes[1] === 0xcf) return 'is an old .xls workbook or one with a password: save it as .xlsx without one';
  const parts = partsOf(bytes);
  if (!parts) return 'is not a workbook: it is no complete ZIP archive';
  for (const part of parts) {
    const { name, size, packed } = part;
    // Unpacking stops at the size that is declared; where none is, it would not stop.
    if ((size > 1 << 20 && size > packed.length * maxUnpackingRatio) || (size === 0 && packed.length > 2)) {
      return `is not read: its part ${name} unpacks to more than ${maxUnpackingRatio} times its size`;
    }
    const isSheet = /^xl\/worksheets\/sheet\d+\.xml$/i.test(name);
    if (!isSheet && /\.(xml|rels)$/i.test(name) && size > smallPart && (await hasMoreElements(part, maxWorkbookElements))) {
      return `is not read: its part ${name} has more than ${maxWorkbookElements.toLocaleString('en-US')} elements (too many different texts?): save it as CSV`;
    }
  }
  return undefined;
}

/** From the table of contents. Undefined where there is none; broken entries end it, and the reader will say so. */
function partsOf(bytes: Uint8Array): ArchivePart[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = endRecord(view);
  if (end === -1) return undefined;
  const parts: ArchivePart[] = [];
  let at = view.getUint32(end + 16, true);
  for (let entries = view.getUint16(end + 10, true); entries > 0; entries--) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== 0x02014b50) break;
    const nameLength = view.getUint16(at + 28, true);
    const name = String.fromCharCode(...bytes.subarray(at + 46, at + 46 + Math.min(nameLength, 100)));
    const start = view.getUint32(at + 42, true);
    if (start + 30 > bytes.length) break;
    const content = start + 30 + view.getUint16(start + 26, true) + view.getUint16(start + 28, true);
    const packed = bytes.subarray(content, content + view.getUint32(at + 20, true));
    parts.push({ name, size: view.getUint32(at + 24, true), packed, isDeflated: view.getUint16(at + 10, true) === 8 });
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return parts;
}

/** Behind it comes at most a comment of 64 KiB. */
function endRecord(view: DataView): number {
  for (let at = view.byteLength - 22; at >= 0 && at >= view.byteLength - 65_557; at--)
    if (view.getUint32(at, true) === 0x06054b50) return at;
  return -1;
}

async function hasMoreElements(part: ArchivePart, limit: number): Promise<boolean> {
  let tags = 0;
  for await (const chunk of unpacked(part)) {
    for (let at = chunk.indexOf(60); at !== -1; at = chunk.indexOf(60, at + 1)) tags++;
    // An element has two tags, or one.
    if (tags > 2 * limit) return true;
  }
  return false;
}

async function* unpacked({ packed, isDeflated }: ArchivePart): AsyncGenerator<Uint8Array> {
  if (!isDeflated) {
    yield packed;
    return;
  }
  const stream = new DecompressionStream('deflate-raw');
  const writer = stream.writable.getWriter();
  const reader: ByteReader = stream.readable.getReader();
  const ignore = (): void => undefined; // what is broken, its reader says
  const writing = writer
    .write(packed)
    .then(() => writer.close())
    .catch(ignore);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || !value) return;
      yield value;
    }
  } catch {
    return;
  } finally {
    await reader.cancel().catch(ignore);
    await writing;
  }
}
