import { joinedBytes } from './bytes.ts';
import type { ReadEvent, SourceFile, Writing } from './format.ts';
import { TextEncoder } from './platform.ts';

/** A file that is held in memory, in these chunks: an upload, a test. */
export function memoryFile(path: string, ...chunks: readonly (string | Uint8Array)[]): SourceFile {
  async function* bytes(): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) yield bytesOf(chunk);
  }
  return { path, bytes };
}

/** All that a writer writes, in one piece. */
export async function writtenBytes(writing: Pick<Writing, 'chunks'>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of writing.chunks) chunks.push(bytesOf(chunk));
  return joinedBytes(chunks);
}

export async function allEvents(events: AsyncIterable<ReadEvent>): Promise<ReadEvent[]> {
  const all: ReadEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

function bytesOf(chunk: string | Uint8Array): Uint8Array {
  return typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk;
}
