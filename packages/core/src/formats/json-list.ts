import type { Json } from '../model/json.ts';
import type { Dataset, Entry, Writing } from './format.ts';
import { Losses } from './losses.ts';

const chunkLength = 65_536;

/** A list with an element a line. */
export function writeList(dataset: Dataset, toJson: (entry: Entry, losses: Losses) => Json): Writing {
  const losses = new Losses();
  async function* chunks(): AsyncGenerator<string> {
    let chunk = '[';
    let separator = '\n';
    for await (const entry of dataset.entries) {
      chunk += `${separator}${JSON.stringify(toJson(entry, losses))}`;
      separator = ',\n';
      if (chunk.length < chunkLength) continue;
      yield chunk;
      chunk = '';
    }
    yield `${chunk}\n]\n`;
  }
  return { chunks: chunks(), losses: () => losses.list() };
}
