import { type Answer, failed } from '../model/answer.ts';
import type { Item } from '../model/item.ts';
import type { Sample } from './labeler.ts';

/** The text that a rule reads, or why it cannot look: no such part, or more text than it may search.
 *  @param part the part that the options name, else the question's; undefined: all text parts, joined by a line break */
export function readText(sample: Sample, part: string | undefined, longest: number): string | Answer {
  const text = sample.text(part);
  if (text.length > longest) return failed(`the text has ${text.length} UTF-16 units; these patterns may search ${longest}`);
  return text === '' && !hasText(sample.item, part) ? failed(withoutText(sample.item, part)) : text;
}

function hasText(item: Item, part: string | undefined): boolean {
  const names = part === undefined ? Object.keys(item.parts) : [part];
  return names.some((name) => item.parts[name]?.modality === 'text');
}

function withoutText(item: Item, part: string | undefined): string {
  const texts = Object.keys(item.parts).filter((name) => item.parts[name].modality === 'text');
  if (part === undefined) return 'the item has no text';
  return `the item has no text part '${part}'; it has ${texts.join(', ') || 'none'}`;
}
