import type { Entry } from '@labelwright/core/formats/format';
import { CoreError } from '@labelwright/core/model/errors';
import type { Item } from '@labelwright/core/model/item';
import { type Problem, refuseFatal } from '@labelwright/core/model/problem';
import { openDataFile } from '../files/data-file.ts';
import type { GoldSpec, ItemsSpec } from '../project/project.ts';
import { itemOf, type ItemView } from './item-of.ts';

/** Items of a file, streamed; each pass reads it again, so memory does not grow with the file. */
export interface ItemSource {
  /** Problems are reported on every pass. @throws CoreError 'unreadable' where the file cannot be read to its end */
  readonly read: (report: (problem: Problem) => void) => AsyncIterable<Sourced>;
  readonly size: number;
  readonly modified: string;
  readonly bytesRead: () => number;
}

export interface Sourced {
  readonly item: Item;
  /** The field that carries gold, already hidden from `item`. */
  readonly gold?: unknown;
  readonly line?: number;
}

export async function openItems(spec: ItemsSpec, gold?: GoldSpec): Promise<ItemSource> {
  const file = await openDataFile(spec.file, { ...(spec.format !== undefined && { format: spec.format }) });
  const goldField = gold && 'field' in gold ? gold.field : undefined;
  const view: ItemView = { text: spec.text, hidden: new Set([...spec.hide, ...(goldField === undefined ? [] : [goldField])]) };
  const options = { ...(spec.id !== undefined && { idField: spec.id }), ...(spec.encoding !== undefined && { encoding: spec.encoding }) };
  async function* read(report: (problem: Problem) => void): AsyncGenerator<Sourced> {
    let first = true;
    for await (const event of file.format.read(file.source, options)) {
      if (event.kind === 'problem') {
        refuseFatal([event.problem]);
        report(event.problem);
        continue;
      }
      if (first) checkFields(event.entry, spec, goldField);
      first = false;
      const { entry } = event;
      const item = itemOf(entry, view);
      yield {
        item,
        ...(goldField !== undefined && { gold: entry.fields[goldField] }),
        ...(entry.line !== undefined && { line: entry.line }),
      };
    }
  }
  return { read, size: file.source.size, modified: file.source.modified, bytesRead: file.source.bytesRead };
}

/** A misspelt field would make every text empty: found at the first item. Later items may lack fields. */
function checkFields(entry: Entry, spec: ItemsSpec, goldField: string | undefined): void {
  const known = Object.keys(entry.fields);
  for (const field of [...spec.text, ...(goldField === undefined ? [] : [goldField])]) {
    if (!known.includes(field)) {
      throw new CoreError('no-field', `${spec.file}: the first item has no field '${field}'; it has ${known.join(', ') || 'none'}`);
    }
  }
}
