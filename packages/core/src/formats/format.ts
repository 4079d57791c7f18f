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
  /** Field or column that holds the id; default `id`; where the first record has none, the 1-based position becomes the id. */
  readonly idField?: string;
  /** Put before ids that are positions: those of two files are then not the same. */
  readonly positionPrefix?: string;
  /** Of text files: a WHATWG label (`windows-1252`, `shift_jis`). Default: what the byte order mark says, else UTF-8, and nothing is guessed. */
  readonly encoding?: string;
  /** Of CSV: one character. Default: the one of `,` `;` tab `|` that the header has most. */
  readonly delimiter?: string;
  /** Of workbooks: the name of the sheet; default the first. */
  readonly sheet?: string;
  /** What is asked, where it is known: foreign names of labels and questions are then told apart by it. */
  readonly schema?: Schema;
}

/** What is to be written. Entries stream: they are read once, in order. */
export interface Dataset {
  readonly schema: Schema;
  readonly entries: AsyncIterable<Entry>;
  /** The fields that occur, in the order of the columns, where it is known. Without it, formats with a header take the fields of the
   *  first entries, and a field that turns up later is a loss. */
  readonly fields?: readonly string[];
}

/** Something that the target format cannot hold, with how often it happened: what reading the file back does not give back. */
export interface Loss {
  /** A sentence with the number in it: "votes: 120 votes of 3 labelers are not written: CSV holds fields only". */
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
