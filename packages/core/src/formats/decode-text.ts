import { CoreError } from '../model/errors.ts';
import { joinedBytes } from './bytes.ts';
import type { ReadOptions, SourceFile } from './format.ts';
import { TextDecoder, type TextDecoding } from './platform.ts';
import { Unreadable } from './unreadable.ts';

/** The text of a file, chunk by chunk, without its byte order mark. UTF-8 unless the mark or `encoding` says otherwise; bytes that are not of that
 *  encoding end it: no byte is ever replaced or guessed. Everything before the first bad byte is delivered, whatever the chunks.
 *  @param from offset of a character of a file that is known to be UTF-8 up to there
 *  @throws Unreadable for an empty file, for bytes of another encoding (with the line of the first), for archives
 *  @throws CoreError 'bad-options' for an unknown encoding */
export async function* decodeText(file: SourceFile, options: Pick<ReadOptions, 'encoding'>, from = 0): AsyncGenerator<string> {
  if (from > 0) {
    yield* decodeRest(file, from);
    return;
  }
  let decoder: Decoder | undefined;
  for await (const bytes of withHead(file.bytes())) {
    if (decoder) {
      yield* decoded(file, decoder, bytes);
    } else {
      decoder = openDecoder(file.path, bytes, options.encoding);
      yield* decoded(file, decoder, bytes.subarray(decoder.mark));
    }
  }
  if (!decoder) throw new Unreadable({ file: file.path, message: 'is empty' });
  yield* decoded(file, decoder, undefined);
}

async function* decodeRest(file: SourceFile, from: number): AsyncGenerator<string> {
  const decoder = utf8Decoder(0);
  decoder.position = from;
  let offset = 0;
  for await (const bytes of file.bytes()) {
    const skipped = Math.min(Math.max(from - offset, 0), bytes.length);
    if (skipped < bytes.length) yield* decoded(file, decoder, bytes.subarray(skipped));
    offset += bytes.length;
  }
  yield* decoded(file, decoder, undefined);
}

interface Decoder extends TextDecoding {
  /** Length of the byte order mark. */
  readonly mark: number;
  /** Bytes given so far, less those that still wait for the rest of their character. */
  position: number;
}

async function* decoded(file: SourceFile, decoder: Decoder, bytes: Uint8Array | undefined): AsyncGenerator<string> {
  let text: string;
  try {
    text = decoder.decode(bytes, { stream: bytes !== undefined });
  } catch {
    const { before, problem } = await firstBadByte(file, decoder);
    if (before) yield before;
    throw new Unreadable(problem);
  }
  if (text) yield text;
}

const headLength = 4096;

/** The same bytes, with a first chunk that is long enough to tell the encoding. */
async function* withHead(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head: Uint8Array | undefined = new Uint8Array(0);
  for await (const chunk of chunks) {
    if (head === undefined) {
      yield chunk;
    } else {
      head = joinedBytes([head, chunk]);
      if (head.length < headLength) continue;
      yield head;
      head = undefined;
    }
  }
  if (head !== undefined && head.length > 0) yield head;
}

function openDecoder(path: string, head: Uint8Array, asked: string | undefined): Decoder {
  const unreadable = (message: string): never => {
    throw new Unreadable({ file: path, message });
  };
  const startsWith = (...bytes: number[]): boolean => bytes.every((byte, at) => head[at] === byte);
  if (startsWith(0x50, 0x4b, 3, 4)) unreadable('is a ZIP archive (a workbook?), not text: unpack it, or name its format');
  if (startsWith(0x1f, 0x8b)) unreadable('is gzip-compressed, not text: decompress it');
  if (startsWith(0xef, 0xbb, 0xbf)) return utf8Decoder(3);
  if (startsWith(0xff, 0xfe)) return streamDecoder('utf-16le', 2);
  if (startsWith(0xfe, 0xff)) return streamDecoder('utf-16be', 2);
  if (asked !== undefined) return streamDecoder(asked, 0);
  const order = byteOrderOf(head);
  if (order) unreadable(`looks like ${order.toUpperCase()} without a byte order mark: name its encoding, ${order}`);
  return utf8Decoder(0);
}

/** Latin text in UTF-16 has a zero in every other byte: valid UTF-8, full of NULs. */
function byteOrderOf(head: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  const zeros = [0, 0];
  for (let at = 0; at < head.length; at++) if (head[at] === 0) zeros[at & 1]++;
  const many = head.length * 0.2;
  if (zeros[1] > many && zeros[0] < zeros[1] / 4) return 'utf-16le';
  return zeros[0] > many && zeros[1] < zeros[0] / 4 ? 'utf-16be' : undefined;
}

function streamDecoder(label: string, mark: number): Decoder {
  const decoder = decoderOf(label);
  if (decoder.encoding === 'utf-8') return utf8Decoder(mark);
  return {
    encoding: decoder.encoding,
    mark,
    position: 0,
    decode(bytes, options) {
      const text = decoder.decode(bytes, options);
      this.position += bytes?.length ?? 0;
      return text;
    },
  };
}

function decoderOf(label: string): TextDecoding {
  try {
    return new TextDecoder(label, { fatal: true, ignoreBOM: true });
  } catch {
    throw new CoreError(
      'bad-options',
      `encoding: '${label}' is not known; try utf-8, utf-16le, windows-1252, iso-8859-2, shift_jis, gb18030 or euc-kr`,
    );
  }
}

/** Whole characters at a time: ICU's own streaming mode is nine times slower in Node 20 (400 against 3,600 MB/s). */
function utf8Decoder(mark: number): Decoder {
  const decoder = decoderOf('utf-8');
  let rest: Uint8Array = new Uint8Array(0);
  return {
    encoding: 'utf-8',
    mark,
    position: 0,
    decode(bytes) {
      if (bytes === undefined) return decoder.decode(rest);
      const all = rest.length > 0 ? joinedBytes([rest, bytes]) : bytes;
      const end = wholeCharacters(all);
      const text = decoder.decode(all.subarray(0, end));
      rest = all.slice(end);
      this.position += end;
      return text;
    },
  };
}

/** Where the last character begins that the bytes cut in two, else their length. */
function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back];
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    const length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

/** Reads the file again up to where decoding failed, then byte by byte: a second pass that only broken files pay. */
async function firstBadByte(
  file: SourceFile,
  failed: Decoder,
): Promise<{ before: string; problem: { file: string; line: number; message: string } }> {
  const decoder = decoderOf(failed.encoding);
  const from = failed.position + failed.mark;
  const lines = new LineCount();
  let offset = 0;
  let good = from;
  let before = '';
  let bad: number | undefined;
  search: for await (const chunk of file.bytes()) {
    const known = Math.min(Math.max(from - offset, 0), chunk.length);
    const skipped = Math.min(Math.max(failed.mark - offset, 0), known);
    if (known > skipped) lines.count(decoder.decode(chunk.subarray(skipped, known), { stream: true }));
    for (let at = known; at < chunk.length; at++) {
      if (offset + at === good) bad = chunk[at];
      try {
        const text = decoder.decode(chunk.subarray(at, at + 1), { stream: true });
        if (text === '') continue;
        before += text;
        good = offset + at + 1;
      } catch {
        break search;
      }
    }
    offset += chunk.length;
  }
  lines.count(before);
  const byte = bad === undefined ? 'the end' : `byte 0x${bad.toString(16).toUpperCase().padStart(2, '0')}`;
  const cure =
    failed.encoding === 'utf-8' ? 'save the file as UTF-8 or name its encoding, windows-1252 for instance' : 'name its true encoding';
  const message = `is not ${failed.encoding.toUpperCase()}: ${byte} at offset ${good} cannot be read; ${cure}`;
  return { before, problem: { file: file.path, line: lines.line, message } };
}

/** Line breaks are LF or CRLF; where there is no LF at all, CR. */
class LineCount {
  private feeds = 0;
  private returns = 0;

  count(text: string): void {
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === 10) this.feeds++;
      else if (code === 13) this.returns++;
    }
  }

  get line(): number {
    return 1 + (this.feeds > 0 ? this.feeds : this.returns);
  }
}
