import type { Json } from '../model/json.ts';
import type { Dataset, Entry } from './format.ts';
import { guardFormula, guardName } from './formula-guard.ts';
import type { Losses } from './losses.ts';

/** What cells can hold beside text. */
export interface CellKinds {
  /** The format's name, in losses: `CSV`. */
  readonly format: string;
  /** Numbers and booleans stay what they are. */
  readonly typed: boolean;
  /** A cell may be absent; elsewhere it becomes an empty text. */
  readonly gaps: boolean;
  /** What else a text must be to stay as it is; the sentence of the loss where it is not. */
  readonly fit?: (text: string) => { readonly text: string; readonly loss: string } | undefined;
}

export interface WrittenTable {
  readonly header: readonly string[];
  readonly rows: AsyncIterable<readonly (string | number | boolean | null)[]>;
}

const lookAhead = 1000;

/** Entries as a table of cells: the id, then a column per field. What cells cannot hold is counted as a loss, value by value. */
export async function writtenTable(dataset: Dataset, kinds: CellKinds, losses: Losses): Promise<WrittenTable> {
  const entries = dataset.entries[Symbol.asyncIterator]();
  const first: Entry[] = [];
  const ahead = dataset.fields === undefined ? lookAhead : 0;
  while (first.length < ahead) {
    const { done, value } = await entries.next();
    if (done) break;
    first.push(value);
  }
  const fields = dataset.fields ?? [...new Set(first.flatMap((entry) => Object.keys(entry.fields)))];
  const columns = columnsFor(fields);
  const cells = new CellWriter(kinds, losses);
  async function* rows(): AsyncGenerator<readonly (string | number | boolean | null)[]> {
    for (const entry of first) yield rowOf(entry, columns, cells, losses, kinds);
    for (;;) {
      const { done, value } = await entries.next();
      if (done) return;
      yield rowOf(value, columns, cells, losses, kinds);
    }
  }
  return { header: ['id', ...columns.map((column) => guardFormula(column.title))], rows: rows() };
}

interface Column {
  readonly field: string;
  readonly title: string;
}

/** The id takes the first column, and a name of nothing cannot be written: such fields get another title. */
function columnsFor(fields: readonly string[]): Column[] {
  const taken = new Set([...fields, 'id', '']);
  return fields.map((field) => {
    const title = field === 'id' || field === '' ? freeName(field || 'column', taken) : field;
    taken.add(title);
    return { field, title };
  });
}

export function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = `${name}_`;
  while (taken.has(free)) free += '_';
  return free;
}

function rowOf(
  entry: Entry,
  columns: readonly Column[],
  cells: CellWriter,
  losses: Losses,
  kinds: CellKinds,
): (string | number | boolean | null)[] {
  const row: (string | number | boolean | null)[] = [cells.name(entry.id)];
  losses.addVotes(`votes: #(vote|votes) of #l(labeler|labelers) not written: ${kinds.format} holds fields only`, entry.votes);
  let present = 0;
  for (const { field, title } of columns) {
    const has = Object.hasOwn(entry.fields, field);
    if (has) present++;
    const value = has ? entry.fields[field] : undefined;
    const cell = cells.of(field, value);
    const left = cell === null && kinds.gaps;
    if (has && !left && title !== field) losses.add(renamedLoss(field, title));
    row.push(cell);
  }
  if (present < Object.keys(entry.fields).length) {
    const known = new Set(columns.map((column) => column.field));
    for (const field of Object.keys(entry.fields)) {
      if (!known.has(field))
        losses.add(
          `field '${field}': #(value is|values are) not written: the field is not among the columns, which the first ${lookAhead} items set`,
        );
    }
  }
  return row;
}

export function renamedLoss(field: string, name: string): string {
  return `field '${field}': #(value is|values are) written as '${name}', because ${field === '' ? 'a column needs a name' : 'the name is taken'}`;
}

class CellWriter {
  private readonly kinds: CellKinds;
  private readonly losses: Losses;

  constructor(kinds: CellKinds, losses: Losses) {
    this.kinds = kinds;
    this.losses = losses;
  }

  name(id: string): string {
    return this.fitted('id', guardName(id));
  }

  of(field: string, value: Json | undefined): string | number | boolean | null {
    const { format, typed, gaps } = this.kinds;
    switch (typeof value) {
      case 'string':
        return this.fitted(field, guardFormula(value));
      case 'number':
      case 'boolean':
        if (typed) return value;
        this.losses.add(
          `field '${field}': ${typeof value === 'number' ? '#(number becomes|numbers become)' : '#(true/false becomes|true/false become)'} text: ${format} has no types`,
        );
        return String(value);
      case 'undefined':
        if (!gaps) this.losses.add(`field '${field}': #(item does|items do) not have it: the cell is an empty text`);
        return null;
      default:
        if (value === null) {
          this.losses.add(
            gaps ? `field '${field}': #(null is|nulls are) left out` : `field '${field}': #(null becomes|nulls become) an empty text`,
          );
          return null;
        }
        this.losses.add(`field '${field}': #(nested value becomes|nested values become) JSON text`);
        return this.fitted(field, guardFormula(JSON.stringify(value)));
    }
  }

  private fitted(field: string, text: string): string {
    const unfit = this.kinds.fit?.(text);
    if (!unfit) return text;
    this.losses.add(`field '${field}': ${unfit.loss}`);
    return unfit.text;
  }
}
