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
  private readonly seen = new IdSet();
  private readonly gathered: ReadEvent[] = [];
  private position = 0;
  /** Whether ids are positions: the first record says, unless the user named the field. */
  private positional: boolean | undefined;

  constructor(file: string, options: ReadOptions) {
    this.file = file;
    this.idField = options.idField ?? 'id';
    if (options.idField !== undefined) this.positional = false;
  }

  /** What came of the records since the last time, in their order. */
  events(): readonly ReadEvent[] {
    return this.gathered.splice(0);
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
    const { line } = draft;
    const problems: Problem[] = [];
    const report = (problem: Problem): void => {
      problems.push({ line, ...problem });
    };
    const id = this.idOf(draft, report);
    const fields = id === undefined ? undefined : checkJson(draft.fields, report);
    if (id !== undefined && fields !== undefined) {
      if (this.seen.add(id)) this.gathered.push({ kind: 'entry', entry: { id, fields, votes: draft.votes?.(id, report) ?? none, line } });
      else report({ key: this.idField, message: `item '${id}' is there already: this one is left out` });
    }
    for (const problem of problems) this.report(problem);
  }

  private idOf(draft: Draft, report: (problem: Problem) => void): ItemId | undefined {
    const given = draft.id ?? undefined;
    this.positional ??= given === undefined;
    if (this.positional !== (given === undefined)) {
      const message = this.positional ? 'has an id, but the first record has none: give every record an id, or none' : 'has no id';
      report({ key: this.idField, message });
      return undefined;
    }
    if (given === undefined) return itemId(this.position);
    if (typeof given === 'number' && Number.isInteger(given) && !Number.isSafeInteger(given)) {
      report({ key: this.idField, message: `id ${given} is more than a JSON number can hold exactly: write ids as text` });
      return undefined;
    }
    try {
      return itemId(given);
    } catch (error) {
      report({ key: this.idField, message: reasonOf(error) });
      return undefined;
    }
  }
}

const none: readonly Vote[] = Object.freeze([]);
