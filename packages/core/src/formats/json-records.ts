import { reasonOf } from '../model/errors.ts';
import type { Json } from '../model/json.ts';
import { isDeeper } from './check-json.ts';
import { decodeText } from './decode-text.ts';
import { type Draft, EntryGate } from './entry-gate.ts';
import type { ReadEvent, ReadOptions, SourceFile } from './format.ts';
import { ElementSplitter, JsonFault } from './json-elements.ts';
import { deepPiece, type JsonPiece, LineSplitter } from './json-lines.ts';
import { maxJsonDepth } from './limits.ts';
import { Unreadable } from './unreadable.ts';

/** The JSON values of a file, in batches: one a line. @throws Unreadable */
export async function* readLines(file: SourceFile, options: ReadOptions): AsyncGenerator<readonly JsonPiece[]> {
  const splitter = new LineSplitter();
  for await (const text of decodeText(file, options)) yield splitter.push(text);
  yield splitter.end();
}

/** The elements of the list that a file is, in batches. @throws Unreadable */
export async function* readElements(file: SourceFile, options: ReadOptions): AsyncGenerator<readonly JsonPiece[]> {
  const splitter = new ElementSplitter();
  const pieces: JsonPiece[] = [];
  const fault = (error: unknown): never => {
    if (!(error instanceof JsonFault)) throw error;
    throw new Unreadable({ file: file.path, line: error.line, message: error.message });
  };
  for await (const text of decodeText(file, options)) {
    let failure: unknown;
    try {
      splitter.push(text, pieces);
    } catch (error) {
      failure = error;
    }
    yield pieces.splice(0);
    if (failure !== undefined) fault(failure);
  }
  try {
    splitter.end();
  } catch (error) {
    fault(error);
  }
}

/** @returns what is wrong with it, as a text */
export function parsePiece(piece: JsonPiece): { readonly value: Json } | string {
  if ('problem' in piece) return piece.problem;
  if (isDeeper(piece.text, maxJsonDepth)) return deepPiece;
  try {
    return { value: JSON.parse(piece.text) as Json };
  } catch (error) {
    return `is not JSON: ${reasonOf(error)}`;
  }
}

/** Pieces of JSON as entries. `draftOf` makes a draft of a value, or says what is wrong with it;
 *  `prepare` runs before. */
export async function* entriesOfPieces(
  file: SourceFile,
  batches: AsyncIterable<readonly JsonPiece[]>,
  options: ReadOptions,
  draftOf: (value: Json, line: number) => Draft | string,
  prepare?: (value: Json) => Promise<void> | undefined,
): AsyncGenerator<readonly ReadEvent[]> {
  const gate = new EntryGate(file.path, options);
  for await (const pieces of batches) {
    for (const piece of pieces) {
      const parsed = parsePiece(piece);
      const preparing = typeof parsed === 'string' ? undefined : prepare?.(parsed.value);
      if (preparing) await preparing;
      const draft = typeof parsed === 'string' ? parsed : draftOf(parsed.value, piece.line);
      if (typeof draft === 'string') gate.lose({ line: piece.line, message: draft });
      else gate.take(draft);
    }
    yield gate.events();
  }
}
