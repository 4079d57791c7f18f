import { maxUnpackingRatio, maxWorkbookPartBytes } from './limits.ts';

/** Looks at the table of contents of a ZIP archive before anything is unpacked. @returns what is wrong with it */
export function checkArchive(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xd0 && bytes[1] === 0xcf) return 'is an old .xls workbook or one with a password: save it as .xlsx without one';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = endRecord(view);
  if (end === -1) return 'is not a workbook: it is no complete ZIP archive';
  let at = view.getUint32(end + 16, true);
  for (let entries = view.getUint16(end + 10, true); entries > 0; entries--) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== 0x02014b50) return undefined; // ZIP64, or broken: its reader will say so
    const packed = view.getUint32(at + 20, true);
    const size = view.getUint32(at + 24, true);
    const name = latin(bytes.subarray(at + 46, at + 46 + view.getUint16(at + 28, true)));
    if (size > maxWorkbookPartBytes && !name.startsWith('xl/worksheets/')) {
      return `is not read: its part ${name} unpacks to more than ${maxWorkbookPartBytes / 1024 / 1024} MiB`;
    }
    // Unpacking stops at the size that is declared; where none is, it would not stop.
    if ((size > 1 << 20 && size > packed * maxUnpackingRatio) || (size === 0 && packed > 2)) {
      return `is not read: its part ${name} unpacks to more than ${maxUnpackingRatio} times its size`;
    }
    at += 46 + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return undefined;
}

/** Behind it comes at most a comment of 64 KiB. */
function endRecord(view: DataView): number {
  for (let at = view.byteLength - 22; at >= 0 && at >= view.byteLength - 65_557; at--)
    if (view.getUint32(at, true) === 0x06054b50) return at;
  return -1;
}

function latin(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, 100));
}
