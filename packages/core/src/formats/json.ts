import type { Dataset, Format, ReadOptions, SourceFile, Writing } from './format.ts';
import { headText } from './head-text.ts';
import { entriesOfPieces, readElements } from './json-records.ts';
import { looksLikeTasks } from './label-studio-task.ts';
import { writeList } from './json-list.ts';
import { draftOf, entryToJson } from './native-entry.ts';
import { readingOf } from './unreadable.ts';

/** One JSON list of objects, each as a line of `jsonl`. Read and written element by element. */
const json: Format = {
  name: 'json',
  title: 'JSON',
  summary: 'One list of JSON objects, with fields and votes; read element by element at any size.',
  extensions: ['.json'],
  recognises: (_path, head) => {
    const text = headText(head);
    return text.startsWith('[') && !looksLikeTasks(text);
  },
  read: (file: SourceFile, options: ReadOptions) =>
    readingOf(entriesOfPieces(file, readElements(file, options), options, (value, line) => draftOf(value, line, options))),
  write: (dataset: Dataset): Writing => writeList(dataset, entryToJson),
};

export default json;
