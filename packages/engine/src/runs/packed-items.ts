import type { ItemId } from '@labelwright/core/model/ids';
import type { Item, Part } from '@labelwright/core/model/item';
import type { Json } from '@labelwright/core/model/json';

/** Items on their way to a worker thread, as columns: names travel once, and a text that is both a field and a part travels once. */
export interface PackedItems {
  readonly ids: readonly ItemId[];
  /** Per field: one value per item, undefined where the item has no such field. */
  readonly fields: readonly { readonly name: string; readonly values: readonly (Json | undefined)[] }[];
  /** Per item, index into `layouts`. */
  readonly layout: readonly number[];
  /** Names of parts, in order, that are text and equal to the field of their name. */
  readonly layouts: readonly (readonly string[])[];
  /** Parts of the items that are not of that kind. */
  readonly parts: ReadonlyMap<number, Item['parts']>;
}

export function packItems(items: readonly Item[]): PackedItems {
  const fields = new Map<string, (Json | undefined)[]>();
  const layouts: string[][] = [];
  const known = new Map<string, number>();
  const parts = new Map<number, Item['parts']>();
  const layout = items.map((item, row) => {
    for (const name in item.fields) {
      let values = fields.get(name);
      if (!values) fields.set(name, (values = new Array<Json | undefined>(items.length).fill(undefined)));
      values[row] = item.fields[name];
    }
    const names = Object.keys(item.parts);
    if (!names.every((name) => isField(item, name))) {
      parts.set(row, item.parts);
      return -1;
    }
    const key = names.map((name) => `${name.length}:${name}`).join('');
    let index = known.get(key);
    if (index === undefined) known.set(key, (index = layouts.push(names) - 1));
    return index;
  });
  return { ids: items.map(({ id }) => id), fields: Array.from(fields, ([name, values]) => ({ name, values })), layout, layouts, parts };
}

function isField(item: Item, name: string): boolean {
  const part = item.parts[name];
  return part.modality === 'text' && part.content === item.fields[name];
}

export function unpackItems(packed: PackedItems): Item[] {
  return packed.ids.map((id, row) => {
    const fields: Record<string, Json> = Object.create(null) as Record<string, Json>;
    for (const { name, values } of packed.fields) {
      const value = values[row];
      if (value !== undefined) fields[name] = value;
    }
    return { id, parts: packed.parts.get(row) ?? textParts(packed.layouts[packed.layout[row]], fields), fields };
  });
}

function textParts(names: readonly string[], fields: Item['fields']): Record<string, Part> {
  const parts: Record<string, Part> = {};
  for (const name of names) parts[name] = { modality: 'text', content: fields[name] as string };
  return parts;
}
