import type { Dataset, Format, ReadOptions, SourceFile, Writing } from './format.ts';
import { headText } from './head-text.ts';
import { entriesOfPieces, readLines } from './json-records.ts';
import { Losses } from './losses.ts';
import { draftOf, entryToJson } from './native-entry.ts';
import { readingOf } from './unreadable.ts';

/** JSON Lines: one object a line, `{ id, …fields, votes }`. The native form: it holds everything that an entry has. */
const jsonl: Format = {
  name: 'jsonl',
  title: 'JSON Lines',
  summary: 'One JSON object a line, with fields and votes: loses nothing, and streams at any size.',
  extensions: ['.jsonl', '.ndjson', '.json'],
  recognises: (_path, head) => headText(head).startsWith('{'),
  read: (file: SourceFile, options: ReadOptions) =>
    readingOf(entriesOfPieces(file, readLines(file, options), options, (value, line) => draftOf(value, line, options))),
  write,
};

const chunkLength = 65_536;

function write(dataset: Dataset): Writing {
  const losses = new Losses();
  async function* chunks(): AsyncGenerator<string> {
    let chunk = '';
    let any = false;
    for await (const entry of dataset.entries) {
      any = true;
      chunk += `${JSON.stringify(entryToJson(entry, losses))}\n`;
      if (chunk.length < chunkLength) continue;
      yield chunk;
      chunk = '';
    }
    // A file of no bytes would say that something went wrong.
    yield any ? chunk : '\n';
  }
  return { chunks: chunks(), losses: () => losses.list() };
}

export default jsonl;
