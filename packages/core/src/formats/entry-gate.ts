import { reasonOf } from '../model/errors.ts';
import { type ItemId, itemId } from '../model/ids.ts';
import type { Json } from '../model/json.ts';
import type { Problem } from '../model/problem.ts';
import type { Vote } from '../model/vote.ts';
import { checkJson } from './check-json.ts';
import type { ReadEvent, ReadOptions } from './format.ts';
import { IdSet } from './id-set.ts';

/** A record of a file on its way to becoming an entry. */
export interface Draft {
  /** Absent or null where the record has none. */
  readonly id: Json | undefined;
  readonly fields: Readonly<Record<string, Json>>;
  readonly line: number;
  readonly votes?: (item: ItemId, report: (problem: Problem) => void) => readonly Vote[];
}

/** What every reader checks of every record: an id, once, and values that can be stored. A record that fails is a problem, and reading goes on. */
export class EntryGate {
  private readonly file: string;
  private readonly idField: string;
  private readonly positionPrefix: string;
  private readonly seen = new IdSet();
  private gathered: ReadEvent[] = [];
  private position = 0;
  private line = 0;
  /** Whether ids are positions: the first record says, unless the user named the field. */
  private positional: boolean | undefined;

  constructor(file: string, options: ReadOptions) {
    this.file = file;
    this.idField = options.idField ?? 'id';
    this.positionPrefix = options.positionPrefix ?? '';
    if (options.idField !== undefined) this.positional = false;
  }

  /** What came of the records since the last time, in their order. */
  events(): readonly ReadEvent[] {
    const events = this.gathered;
    this.gathered = [];
    return events;
  }

  /** A record that was lost before it came here takes its place all the same, so that ids by position do not depend on it. */
  lose(problem: Problem): void {
    this.position++;
    this.report(problem);
  }

  report(problem: Problem): void {
    this.gathered.push({ kind: 'problem', problem: { file: this.file, ...problem } });
  }

  /** Gathers the entry, or what is wrong with it, or both: the entry first. */
  take(draft: Draft): void {
    this.position++;
    this.line = draft.line;
    const place = this.gathered.length;
    const id = this.idOf(draft.id ?? undefined);
    if (id === undefined) return;
    const fields = checkJson(draft.fields, this.tell);
    if (fields === undefined) return;
    if (!this.seen.add(id)) {
      this.tell({ key: this.idField, message: `item '${id}' is there already: this one is left out` });
      return;
    }
    const votes = draft.votes?.(id, this.tell) ?? none;
    const event: ReadEvent = { kind: 'entry', entry: { id, fields, votes, line: draft.line } };
    if (this.gathered.length === place) this.gathered.push(event);
    else this.gathered.splice(place, 0, event);
  }

  private idOf(given: Json | undefined): ItemId | undefined {
    this.positional ??= given === undefined;
    if (this.positional !== (given === undefined)) {
      const message = this.positional ? 'has an id, but the first record has none: give every record an id, or none' : 'has no id';
      this.tell({ key: this.idField, message });
      return undefined;
    }
    if (given === undefined) return itemId(`${this.positionPrefix}${this.position}`);
    if (typeof given === 'number' && Number.isInteger(given) && !Number.isSafeInteger(given)) {
      this.tell({ key: this.idField, message: `id ${given} is more than a JSON number can hold exactly: write ids as text` });
      return undefined;
    }
    try {
      return itemId(given);
    } catch (error) {
      this.tell({ key: this.idField, message: reasonOf(error) });
      return undefined;
    }
  }

  /** About the record at hand. */
  private readonly tell = (problem: Problem): void => this.report({ line: this.line, ...problem });
}

const none: readonly Vote[] = Object.freeze([]);
