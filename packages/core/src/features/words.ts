/** Finds the words of a text in any language: runs of letters, digits and marks; runs of scripts written without spaces (Han, Kana, Thai,
 *  Khmer, Lao, Burmese …) are cut by the platform's dictionary (`Intl.Segmenter`); each emoji is a word.
 *  Appends UTF-16 `start, end` pairs to `bounds`, emptied first: one array can serve millions of texts. */
export function findWords(text: string, bounds: number[]): void {
  bounds.length = 0;
  for (let at = 0; at < text.length; ) {
    const kind = kindAt(text, at);
    let end = at + widthAt(text, at);
    if (kind === word || kind === unspaced) {
      while (end < text.length) {
        const next = kindAt(text, end);
        if (next !== kind && next !== mark) break;
        end += widthAt(text, end);
      }
      if (kind === word) bounds.push(at, end);
      else cut(text, at, end, bounds);
    } else if (kind === picture) bounds.push(at, end);
    at = end;
  }
}

/** How words are compared: case ignored, compatibility forms unified (full-width letters, ligatures). Never contains a space. */
export function foldWord(raw: string): string {
  const lower = raw.toLowerCase();
  return ascii.test(lower) ? lower : lower.normalize('NFKC').toLowerCase().replaceAll(' ', '_');
}

function cut(text: string, start: number, end: number, bounds: number[]): void {
  if (end - start === 1) {
    bounds.push(start, end);
    return;
  }
  segmenter ??= new Intl.Segmenter('en', { granularity: 'word' });
  for (const { index, segment } of segmenter.segment(text.slice(start, end))) bounds.push(start + index, start + index + segment.length);
}

let segmenter: Intl.Segmenter | undefined;

// oxlint-disable-next-line no-control-regex -- all of ASCII
const ascii = /^[\u0000-\u007f]*$/;

// Kinds of characters; 0 in the table: not asked yet.
const gap = 1;
const word = 2;
const unspaced = 3;
const picture = 4;
/** Belongs to whatever it follows, and to nothing after a gap. */
const mark = 5;

/** Kinds of the characters of the basic plane: asking a regular expression once per character instead of once per occurrence. */
const kinds = new Uint8Array(0x10000);

function kindAt(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  if (unit >= 0xd800 && unit <= 0xdbff) return widthAt(text, at) === 2 ? kindOf(text.slice(at, at + 2)) : gap;
  if (kinds[unit] === 0) kinds[unit] = kindOf(text[at]);
  return kinds[unit];
}

/** 2 for a surrogate pair. */
function widthAt(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  if (unit < 0xd800 || unit > 0xdbff) return 1;
  const low = text.charCodeAt(at + 1);
  return low >= 0xdc00 && low <= 0xdfff ? 2 : 1;
}

function kindOf(character: string): number {
  if (/[\p{M}\u200c\u200d]/u.test(character)) return mark;
  if (
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー]/u.test(
      character,
    )
  )
    return /[\p{L}\p{N}]/u.test(character) ? unspaced : gap;
  if (/[\p{L}\p{N}]/u.test(character)) return word;
  return /[\p{Extended_Pictographic}\p{Regional_Indicator}]/u.test(character) ? picture : gap;
}
