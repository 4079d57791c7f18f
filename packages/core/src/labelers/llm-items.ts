import { hashText } from '../math/random.ts';
import type { Item, Part } from '../model/item.ts';
import type { Asking } from './labeler.ts';
import type { LlmContent } from './llm-exchange.ts';

export interface ShownParts {
  /** Names of the parts to show; without it all. */
  readonly parts?: readonly string[] | undefined;
  readonly images: boolean;
  /** Characters of each part, the rest is cut. */
  readonly maxItemChars: number;
}

/** Texts of items made into data: each between tags whose code occurs in none of them, so that no item can close its own tag or open another's. */
export interface Marked {
  readonly code: string;
  /** Opaque ids of the items within one request, contained in no text either: an item cannot name another. */
  readonly ids: readonly string[];
}

/** The code is a hash of all that is shown, taken again until no text contains it: unforgeable by construction, and the same every time. */
export function markOf(items: readonly Item[], extra: readonly Item[] = []): Marked {
  const texts = [...items, ...extra].map((item) => JSON.stringify(item.parts).toLowerCase());
  let seed = texts.join('\n');
  let code: string;
  do {
    seed = `${hex(hashText(seed))}${hex(hashText(`again ${seed}`))}`;
    code = seed.slice(0, 10);
  } while (texts.some((text) => text.includes(code)));
  return { code, ids: distinctIds(items.length, code, texts) };
}

/** Ids that no text contains; longer ones where the short are used up. */
function distinctIds(count: number, code: string, texts: readonly string[]): string[] {
  const ids = new Set<string>();
  for (let turn = 0; ids.size < count; turn++) {
    const id = `${hex(hashText(`${code} ${turn}`))}${code}`.slice(0, 4 + Math.floor(turn / 500));
    if (!texts.some((text) => text.includes(id))) ids.add(id);
  }
  return [...ids];
}

function hex(hash: number): string {
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** An item as pieces of a user's message, between its tags. Pictures stand where their part stands. */
export function showItem(item: Item, tag: string, attributes: string, shown: ShownParts, images: Asking['images']): LlmContent[] {
  const parts = partsShown(item, shown);
  const content: LlmContent[] = [];
  let text = `<${tag}${attributes}>\n`;
  for (const [name, part] of parts) {
    const heading = parts.length > 1 || part.modality !== 'text' ? `${shownText(name)}:\n` : '';
    if (part.modality !== 'image') {
      text += `${heading}${cut(shownText(wordsOf(part)), shown.maxItemChars)}\n`;
      continue;
    }
    const image = images?.get(part.content);
    if (!image) {
      text += `${heading}(a picture that could not be loaded)\n`;
      continue;
    }
    content.push({ type: 'text', text: `${text}${heading}` }, { type: 'image', mediaType: image.mediaType, data: image.base64 });
    text = '';
  }
  content.push({ type: 'text', text: `${text}</${tag}>\n` });
  return content;
}

/** Parts that a language model can be shown, in the order of the item. */
export function partsShown(item: Item, { parts, images }: Pick<ShownParts, 'parts' | 'images'>): [string, Part][] {
  return Object.entries(item.parts).filter(
    ([name, { modality, content }]) =>
      (parts === undefined || parts.includes(name)) &&
      ((modality === 'text' && content.trim() !== '') || modality === 'table' || (modality === 'image' && images)),
  );
}

function wordsOf(part: Part): string {
  if (part.modality !== 'table') return part.content;
  return Object.entries(part.content)
    .map(([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('\n');
}

/** The text as it may be shown, of the same length, so that places in it are places in the item: characters that open our tags or the turns
 *  of known chat templates (local servers read those inside of messages too) become look-alikes; invisible carriers of text (tag characters,
 *  controls) and halves of surrogate pairs become visible blanks. */
export function shownText(text: string): string {
  return text
    .replace(opensTag, '‹')
    .replace(opensTurn, '［')
    .replace(/[\u{e0000}-\u{e007f}]/gu, '\ufffd\ufffd')
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(control, ' ');
}

const opensTag = /<(?=\/?(?:item|example)-|\||\/?s>|(?:start|end)_of_turn>|<\/?SYS>>)/gi;
const opensTurn = /\[(?=\/?INST\])/gi;
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

/** At most `most` UTF-16 units, no pair cut in two; says that it was cut. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const high = text.charCodeAt(most - 1);
  return `${text.slice(0, high >= 0xd800 && high <= 0xdbff ? most - 1 : most)}\n(the rest is cut)`;
}
