import type { ItemId } from '@labelwright/core/model/ids';
import type { Item } from '@labelwright/core/model/item';
import type { Json } from '@labelwright/core/model/json';
import { itemOf, type ItemView } from '@labelwright/engine/items/item-of';
import type { Sourced } from '@labelwright/engine/items/item-source';
import type { Settings } from '@labelwright/contract/projects';
import type { Pool } from 'pg';

/** What labelers and annotators see of a project's items: never what is hidden, never the gold. */
export function viewOf({ textFields, hiddenFields, goldField }: Pick<Settings, 'textFields' | 'hiddenFields' | 'goldField'>): ItemView {
  return { text: textFields, hidden: new Set([...hiddenFields, ...(goldField === undefined ? [] : [goldField])]) };
}

interface Row {
  readonly ordinal: number;
  readonly id: string;
  readonly fields: Readonly<Record<string, Json>>;
}

const pageCharacters = 4_000_000;
const mostRows = 4000;

/** Items `from` up to, not including, `to`; a page ahead, so that whoever works on them need not wait. */
export async function* readItems(pool: Pool, project: number, view: ItemView, from: number, to: number): AsyncGenerator<Sourced> {
  let size = 200;
  const page = (first: number) =>
    pool
      .query<Row>('select ordinal, id, fields from items where project_id = $1 and ordinal >= $2 and ordinal < $3 order by ordinal', [
        project,
        first,
        Math.min(to, first + size),
      ])
      .then(({ rows }) => rows);
  let next: Promise<Row[]> | undefined = from < to ? page(from) : undefined;
  let first = from;
  try {
    while (next) {
      const rows: Row[] = await next;
      first = Math.min(to, first + size);
      size = sizeAfter(rows);
      next = first < to ? page(first) : undefined;
      for (const { id, fields } of rows) yield { item: itemOf({ id: id as ItemId, fields }, view) };
    }
  } finally {
    await next?.catch(() => undefined);
  }
}

/** As many rows as make about the same amount of text. */
function sizeAfter(rows: readonly Row[]): number {
  let characters = 1;
  for (const { fields } of rows) {
    for (const name in fields) {
      const value = fields[name];
      characters += typeof value === 'string' ? value.length : 10;
    }
  }
  return Math.max(10, Math.min(mostRows, Math.floor((pageCharacters * Math.max(1, rows.length)) / characters)));
}

/** Items by ordinal. */
export async function* itemsAt(pool: Pool, project: number, view: ItemView, ordinals: ReadonlySet<number>): AsyncGenerator<[number, Item]> {
  const wanted = Int32Array.from(ordinals).sort();
  for (let at = 0; at < wanted.length; at += 1000) {
    const { rows } = await pool.query<Row>(
      'select ordinal, id, fields from items where project_id = $1 and ordinal = any($2) order by ordinal',
      [project, [...wanted.subarray(at, at + 1000)]],
    );
    for (const { ordinal, id, fields } of rows) yield [ordinal, itemOf({ id: id as ItemId, fields }, view)];
  }
}
