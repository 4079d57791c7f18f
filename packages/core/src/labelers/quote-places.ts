import { codePointsBefore } from '../matching/places.ts';
import { isWordBoundary } from '../matching/word-boundary.ts';
import type { TextRange } from '../model/item.ts';
import { shownText } from './llm-items.ts';

/** Text quoted out of an item by somebody who cannot count: what was quoted, what stands directly before it, and which of several alike it is. */
export interface Quote {
  readonly text: string;
  /** '' where it is not said. */
  readonly before: string;
  /** From 1. */
  readonly occurrence: number;
}

/** Where quotes stand in the exact stored text, in code points; or why it cannot be told. A quote is taken as written; where it is not there,
 *  blanks and typographic quotes and dashes are compared loosely, letters never. Of several places those at word boundaries count; among
 *  them what stands before must decide, or else the number. */
export function locateQuotes(text: string, quotes: readonly Quote[]): (TextRange | 'absent' | 'ambiguous')[] {
  const shown = shownText(text);
  const loose = loosened(shown);
  const found = quotes.map((quote) => locate(shown, loose, quote));
  const points = codePointsBefore(
    text,
    found.flatMap((place) => (typeof place === 'string' ? [] : [place.start, place.end])),
  );
  return found.map((place) => (typeof place === 'string' ? place : { start: points(place.start), end: points(place.end) }));
}

/** UTF-16 places. */
function locate(shown: string, loose: Loosened, { text, before, occurrence }: Quote): TextRange | 'absent' | 'ambiguous' {
  const wanted = shownText(text).trim();
  const looseWanted = loosened(wanted).text.trim();
  if (looseWanted === '') return 'absent';
  let places = placesOf(shown, wanted);
  if (places.length === 0) {
    places = placesOf(loose.text, looseWanted).map(({ start, end }) => ({ start: loose.from[start], end: loose.from[end - 1] + 1 }));
  }
  const whole = places.filter(({ start, end }) => isWordBoundary(shown, start) && isWordBoundary(shown, end));
  const candidates = whole.length > 0 ? whole : places;
  if (candidates.length <= 1) return candidates[0] ?? 'absent';
  const context = loosened(shownText(before)).text.trim();
  const near = candidates.filter(({ start }) =>
    loosened(shown.slice(Math.max(0, start - 200), start))
      .text.trimEnd()
      .endsWith(context),
  );
  if (context !== '' && near.length === 1) return near[0];
  const numbered = candidates[occurrence - 1];
  return numbered && near.includes(numbered) ? numbered : 'ambiguous';
}

function placesOf(text: string, wanted: string): TextRange[] {
  const places: TextRange[] = [];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) places.push({ start: at, end: at + wanted.length });
  return places;
}

interface Loosened {
  readonly text: string;
  /** Place in the original of each UTF-16 unit. */
  readonly from: readonly number[];
}

/** Runs of blanks become one, typographic signs plain ones. */
function loosened(text: string): Loosened {
  let loose = '';
  const from: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const sign = /\s/.test(text[at]) ? ' ' : (plain[text[at]] ?? text[at]);
    if (sign === ' ' && loose.endsWith(' ')) continue;
    loose += sign;
    from.push(at);
  }
  return { text: loose, from };
}

const plain: Readonly<Record<string, string>> = {
  '“': '"',
  '”': '"',
  '„': '"',
  '«': '"',
  '»': '"',
  '‘': "'",
  '’': "'",
  '‚': "'",
  '–': '-',
  '—': '-',
  '‑': '-',
};
