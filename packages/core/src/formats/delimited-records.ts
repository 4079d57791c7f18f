import { CoreError } from '../model/errors.ts';
import { decodeText } from './decode-text.ts';
import type { ReadOptions, SourceFile } from './format.ts';
import { maxRecordLength } from './limits.ts';
import { type DelimitedRecord, type Dialect, RecordSplitter } from './record-splitter.ts';
import { Unreadable } from './unreadable.ts';

/** The records of a delimited file, in batches, blank lines left out. Line breaks are LF and CRLF, mixed as they come; in a file whose first line
 *  ends in CR alone, CR. @throws Unreadable */
export async function* readRecords(file: SourceFile, options: ReadOptions): AsyncGenerator<readonly DelimitedRecord[]> {
  checkDelimiter(options.delimiter);
  let splitter: RecordSplitter | undefined;
  let head = '';
  try {
    for await (const text of decodeText(file, options)) {
      if (splitter) {
        yield splitter.push(text);
      } else {
        head += text;
        const dialect = dialectOf(head, options.delimiter, false);
        if (!dialect) continue;
        splitter = new RecordSplitter(dialect);
        yield splitter.push(head);
        head = '';
      }
    }
  } catch (error) {
    if (splitter) yield splitter.settle();
    throw error;
  }
  splitter ??= new RecordSplitter(dialectOf(head, options.delimiter, true) ?? { delimiter: ',', lineBreak: '\n' });
  yield splitter.push(head);
  yield splitter.end();
}

/** The records from byte `from` on, which is the start of line `line` of a UTF-8 file. @throws Unreadable */
export async function* readRecordsFrom(
  file: SourceFile,
  dialect: Dialect,
  from: number,
  line: number,
): AsyncGenerator<readonly DelimitedRecord[]> {
  const splitter = new RecordSplitter(dialect, line);
  try {
    for await (const text of decodeText(file, {}, from)) yield splitter.push(text);
  } catch (error) {
    yield splitter.settle();
    throw error;
  }
  yield splitter.end();
}

/** `readRecords`, and the first record apart: the names of the columns. @throws Unreadable where there is none */
export async function readHeader(
  file: SourceFile,
  options: ReadOptions,
): Promise<{ header: DelimitedRecord & { cells: readonly string[] }; records: AsyncIterable<readonly DelimitedRecord[]> }> {
  const batches = readRecords(file, options);
  for (;;) {
    const { done, value } = await batches.next();
    if (done) throw new Unreadable({ file: file.path, message: 'is empty' });
    if (value.length === 0) continue;
    const [header, ...rest] = value;
    if ('problem' in header) throw new Unreadable({ file: file.path, line: header.line, message: `the header ${header.problem}` });
    return { header, records: startingWith(rest, batches) };
  }
}

export function checkDelimiter(delimiter: string | undefined): void {
  if (delimiter === undefined || (delimiter.length === 1 && !'"\r\n'.includes(delimiter))) return;
  throw new CoreError(
    'bad-options',
    `delimiter: must be one character other than a quote or a line break, got ${JSON.stringify(delimiter)}`,
  );
}

async function* startingWith<Value>(first: Value, rest: AsyncIterable<Value>): AsyncGenerator<Value> {
  yield first;
  yield* rest;
}

const delimiters = [',', ';', '\t', '|'];

/** From the header: what stands outside its quotes. Undefined while the header may go on. */
export function dialectOf(head: string, asked: string | undefined, whole: boolean): Dialect | undefined {
  const counts = new Map(delimiters.map((delimiter) => [delimiter, 0]));
  let quoted = false;
  let at = 0;
  for (; at < head.length; at++) {
    const char = head[at];
    if (char === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (char === '\n' || char === '\r') break;
    else if (counts.has(char)) counts.set(char, (counts.get(char) ?? 0) + 1);
  }
  const tooLong = at > maxRecordLength;
  // A CR at the very end may be half of a CRLF.
  if (!whole && !tooLong && (at >= head.length || (head[at] === '\r' && at + 1 === head.length))) return undefined;
  const lineBreak = head[at] === '\r' && head[at + 1] !== '\n' ? '\r' : '\n';
  const most = delimiters.reduce((best, delimiter) => ((counts.get(delimiter) ?? 0) > (counts.get(best) ?? 0) ? delimiter : best));
  return { delimiter: asked ?? most, lineBreak };
}
