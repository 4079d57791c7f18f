import type { ItemId } from './ids.ts';
import type { Json } from './json.ts';

/** A place in a part's content that can be pointed at. Text: code points `[start, end)` on the exact stored text. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** The content of media is a reference (content hash or path), never the bytes. */
export type Part =
  | { readonly modality: 'text'; readonly content: string }
  | { readonly modality: 'table'; readonly content: Readonly<Record<string, Json>> }
  | { readonly modality: 'image' | 'audio' | 'video'; readonly content: string };

/** One thing to label. `parts` is what labelers and people look at, by name, in the order of showing;
 *  `fields` is everything that came with the item (the sources of the parts included), which rules may ask about. */
export interface Item {
  readonly id: ItemId;
  readonly parts: Readonly<Record<string, Part>>;
  readonly fields: Readonly<Record<string, Json>>;
}

/** The text of one part, or of all text parts joined by a line break, in the order of the item. '' where there is none. */
export function textOf(item: Item, partName?: string): string {
  if (partName !== undefined) {
    const part = item.parts[partName];
    return part?.modality === 'text' ? part.content : '';
  }
  let joined: string | undefined;
  for (const name in item.parts) {
    const part = item.parts[name];
    if (part?.modality === 'text') joined = joined === undefined ? part.content : `${joined}\n${part.content}`;
  }
  return joined ?? '';
}
