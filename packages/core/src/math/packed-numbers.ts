import { CoreError } from '../model/errors.ts';

/** A matrix as JSON: 16 bits per number, scaled by the largest of its column, in base 64. An error of at most 1/65,534 of that largest. */
export type PackedNumbers = {
  readonly columns: number;
  /** The largest absolute value of each column. */
  readonly scales: readonly number[];
  /** Little-endian signed 16-bit, row-major. */
  readonly base64: string;
};

/** @param values rows × columns, row-major, finite */
export function packNumbers(values: Float32Array, columns: number): PackedNumbers {
  const scales = new Float64Array(columns);
  for (let at = 0; at < values.length; at++) scales[at % columns] = Math.max(scales[at % columns], Math.abs(values[at]));
  const bytes = new Uint8Array(values.length * 2);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < values.length; at++) {
    const scale = scales[at % columns];
    view.setInt16(at * 2, scale === 0 ? 0 : Math.round((values[at] / scale) * most), true);
  }
  return { columns, scales: Array.from(scales), base64: toBase64(bytes) };
}

/** @throws CoreError 'bad-numbers' where it is not what `packNumbers` makes */
export function unpackNumbers({ columns, scales, base64 }: PackedNumbers): Float32Array {
  const bytes = fromBase64(base64);
  const view = new DataView(bytes.buffer);
  const values = new Float32Array(bytes.length >> 1);
  for (let at = 0; at < values.length; at++) values[at] = (view.getInt16(at * 2, true) / most) * scales[at % columns];
  return values;
}

const most = 32_767;
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** RFC 4648, padded: neither `btoa` nor `Buffer` is in every place that core runs in. */
export function toBase64(bytes: Uint8Array): string {
  const pieces: string[] = [];
  let piece = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const three = (bytes[at] << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    piece += alphabet[three >> 18] + alphabet[(three >> 12) & 63];
    piece += at + 1 < bytes.length ? alphabet[(three >> 6) & 63] : '=';
    piece += at + 2 < bytes.length ? alphabet[three & 63] : '=';
    if (piece.length < 8192) continue;
    pieces.push(piece);
    piece = '';
  }
  return pieces.join('') + piece;
}

/** @throws CoreError 'bad-numbers' for anything but base 64 */
export function fromBase64(text: string): Uint8Array {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  for (let from = 0, to = 0; from < text.length; from += 4) {
    let four = 0;
    for (let c = 0; c < 4; c++) {
      const code = text.charCodeAt(from + c);
      const value = code < 128 ? values64[code] : -1;
      const isPadding = code === 61 && from + c >= text.length - padding;
      if (value < 0 && !isPadding) throw new CoreError('bad-numbers', `packed numbers: character ${from + c} is not base 64`);
      four = (four << 6) | Math.max(value, 0);
    }
    for (let shift = 16; shift >= 0 && to < bytes.length; shift -= 8) bytes[to++] = four >> shift;
  }
  return bytes;
}

const values64 = Int8Array.from({ length: 128 }, (_, code) => alphabet.indexOf(String.fromCharCode(code)));
