import { csvCell } from './csv-line.ts';
import { readHeader } from './delimited-records.ts';
import type { Dataset, ReadEvent, ReadOptions, SourceFile, Writing } from './format.ts';
import { Losses } from './losses.ts';
import type { DelimitedRecord } from './record-splitter.ts';
import { entriesOfTable } from './table-entries.ts';
import { writtenTable } from './table-writing.ts';
import { readingOf } from './unreadable.ts';

/** What CSV and TSV share: everything but the delimiter. */
export function readDelimited(file: SourceFile, options: ReadOptions): AsyncIterable<ReadEvent> {
  return readingOf(delimitedEvents(file, options));
}

async function* delimitedEvents(file: SourceFile, options: ReadOptions): AsyncGenerator<readonly ReadEvent[]> {
  const { header, records } = await readHeader(file, options);
  const rows: AsyncIterable<readonly DelimitedRecord[]> = records;
  yield* entriesOfTable(file, { header: header.cells, headerLine: header.line, rows, ragged: false }, options);
}

const chunkLength = 65_536;
/** Half of a surrogate pair: UTF-8 has no bytes for it. */
const loneSurrogate = /\p{Surrogate}/u;

export function writeDelimited(dataset: Dataset, format: string, delimiter: string): Writing {
  const losses = new Losses();
  const fit = (text: string): { text: string; loss: string } | undefined =>
    loneSurrogate.test(text)
      ? {
          text: text.replaceAll(/\p{Surrogate}/gu, '\ufffd'),
          loss: '#(text has|texts have) halves of surrogate pairs, which become U+FFFD',
        }
      : undefined;
  async function* chunks(): AsyncGenerator<string> {
    const { header, rows } = await writtenTable(dataset, { format, typed: false, gaps: false, fit }, losses);
    let chunk = `${header.map((title) => headerCell(title, delimiter)).join(delimiter)}\n`;
    for await (const row of rows) {
      for (let column = 0; column < row.length; column++) {
        const cell = row[column];
        chunk += (column > 0 ? delimiter : '') + (typeof cell === 'string' ? csvCell(cell, delimiter) : '');
      }
      chunk += '\n';
      if (chunk.length < chunkLength) continue;
      yield chunk;
      chunk = '';
    }
    yield chunk;
  }
  return { chunks: chunks(), losses: () => losses.list() };
}

/** Other delimiters in a title would mislead whoever finds the delimiter by the header. */
function headerCell(title: string, delimiter: string): string {
  const cell = csvCell(title, delimiter);
  return cell === title && /[,;\t|]/.test(title) ? `"${title}"` : cell;
}
