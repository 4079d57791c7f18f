import type { ItemId } from '@labelwright/core/model/ids';
import type { Item, Part } from '@labelwright/core/model/item';
import type { Json } from '@labelwright/core/model/json';

/** What of an item's fields is shown to labelers and people. */
export interface ItemView {
  /** Fields that are read as text, in the order of showing; none: `text`, or else every text field. */
  readonly text: readonly string[];
  /** Fields that nobody sees. */
  readonly hidden: ReadonlySet<string>;
}

/** An item as labelers and people see it. */
export function itemOf(
  { id, fields: given }: { readonly id: ItemId; readonly fields: Readonly<Record<string, Json>> },
  view: ItemView,
): Item {
  const fields: Record<string, Json> = Object.create(null) as Record<string, Json>;
  for (const name of Object.keys(given)) if (!view.hidden.has(name)) fields[name] = given[name];
  const parts: Record<string, Part> = {};
  for (const name of view.text.length > 0 ? view.text : textFields(fields)) {
    const content = fields[name];
    if (content !== undefined && content !== null)
      parts[name] = { modality: 'text', content: typeof content === 'string' ? content : JSON.stringify(content) };
  }
  return { id, parts, fields };
}

/** Where nothing is said: the field `text`, or every field that holds text. */
function textFields(fields: Item['fields']): string[] {
  if (typeof fields.text === 'string') return ['text'];
  return Object.keys(fields).filter((name) => typeof fields[name] === 'string');
}
