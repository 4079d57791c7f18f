import { reasonOf } from '../model/errors.ts';
import { type ItemId, itemId } from '../model/ids.ts';
import type { Json } from '../model/json.ts';
import type { Problem } from '../model/problem.ts';
import type { Vote } from '../model/vote.ts';
import { checkJson } from './check-json.ts';
import type { Entry, ReadEvent, ReadOptions } from './format.ts';
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
  private position = 0;
  /** Whether ids are positions: the first record says, unless the user named the field. */
  private positional: boolean | undefined;

  constructor(file: string, options: ReadOptions) {
    this.file = file;
    this.idField = options.idField ?? 'id';
    if (options.idField !== undefined) this.positional = false;
  }

  /** A record that was lost before it came here takes its place all the same, so that ids by position do not depend on it. */
  lost(problem: Omit<Problem, 'file'>): ReadEvent {
    this.position++;
    return this.problem(problem);
  }

  /** The entry, and what is wrong with it: either may be absent, not both. */
  *events(draft: Draft): Generator<ReadEvent> {
    this.position++;
    const { line } = draft;
    const problems: Problem[] = [];
    const report = (problem: Problem): void => {
      problems.push({ file: this.file, line, ...problem });
    };
    const id = this.idOf(draft, report);
    const fields = id === undefined ? undefined : checkJson(draft.fields, report);
    if (id !== undefined && fields !== undefined) {
      if (this.seen.add(id)) yield { kind: 'entry', entry: { id, fields, votes: draft.votes?.(id, report) ?? [], line } satisfies Entry };
      else report({ key: this.idField, message: `item '${id}' is there already: this one is left out` });
    }
    for (const problem of problems) yield { kind: 'problem', problem };
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

  private problem(problem: Omit<Problem, 'file'>): ReadEvent {
    return { kind: 'problem', problem: { file: this.file, ...problem } };
  }
}
