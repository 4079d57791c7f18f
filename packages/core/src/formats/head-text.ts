import { TextDecoder } from './platform.ts';

/** The first bytes of a file as text, for recognising it: without byte order mark and leading blanks, whatever cannot be read replaced. */
export function headText(head: Uint8Array): string {
  const label = head[0] === 0xff && head[1] === 0xfe ? 'utf-16le' : head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : 'utf-8';
  return new TextDecoder(label).decode(head).trimStart();
}
