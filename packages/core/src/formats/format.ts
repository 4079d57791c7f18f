import type { About } from '../model/about.ts';
import type { Json } from '../model/json.ts';
import type { ItemId } from '../model/ids.ts';
import type { Problem } from '../model/problem.ts';
import type { Schema } from '../model/schema.ts';
import type { Vote } from '../model/vote.ts';

/** A file as bytes, from disk, an upload or memory. `bytes` may be called again for another pass. */
export interface SourceFile {
  /** Path as the user wrote it: for messages and for recognising, never for opening anything else. */
  readonly path: string;
  readonly bytes: () => AsyncIterable<Uint8Array>;
}

/** One item as it stands in a file: its id, its fields as given, and whatever votes the file carries for it. */
export interface Entry {
  readonly id: ItemId;
  readonly fields: Readonly<Record<string, Json>>;
  readonly votes: readonly Vote[];
  /** 1-based line (or row) where it starts. */
  readonly line?: number;
}

export type ReadEvent = { readonly kind: 'entry'; readonly entry: Entry } | { readonly kind: 'problem'; readonly problem: Problem };

export interface ReadOptions {
  /** Field or column that holds the id; default `id`; where there is none, the 1-based position becomes the id. */
  readonly idField?: string;
}

/** What is to be written. Entries stream; */
export interface Dataset {
  readonly schema: Schema;
  readonly entries: AsyncIterable<Entry>;
}

/** Something that the target format cannot hold, with how often it happened. */
export interface Loss {
  readonly what: string;
  readonly count: number;
}

/** Chunks to be written one after another; `losses` is complete once the chunks are consumed. */
export interface Writing {
  readonly chunks: AsyncIterable<Uint8Array | string>;
  readonly losses: () => readonly Loss[];
}

/** A file format, both ways. Reading streams and reports problems with their lines instead of throwing; one bad record never stops an import. */
export interface Format extends Pick<About<object>, 'name' | 'title' | 'summary'> {
  /** With the dot, lower case: ['.csv']. */
  readonly extensions: readonly string[];
  /** Whether the first bytes (up to 64 KiB) of a file of one of the extensions look like this format; several may share an extension. */
  readonly recognises: (path: string, head: Uint8Array) => boolean;
  readonly read: (file: SourceFile, options: ReadOptions) => AsyncIterable<ReadEvent>;
  readonly write?: (dataset: Dataset) => Writing;
}
