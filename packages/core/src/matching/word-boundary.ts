import { codePointAt, type Text } from './alphabet.ts';

/** Between two characters a word may begin or end, unless both belong to words of scripts that put spaces between words, or the second changes the
 *  look of the first (accents, joiners, skin tones). Words are of letters, digits, marks and `_`. Scripts written without spaces (Chinese, Japanese,
 *  Thai …) have a boundary at every character: where a word begins there cannot be told without a dictionary of the language. */
export function isWordBoundary(text: Text, at: number): boolean {
  if (at <= 0 || at >= text.length) return true;
  const after = roleOf(codePointAt(text, at));
  if (after === extending) return false;
  return after === free || baseRole(text, at) === free;
}

const free = 1;
const joining = 2;
const extending = 3;

/** The role of the character that ends at a place; what extends it is passed over. */
function baseRole(text: Text, end: number): number {
  for (let at = end; at > 0; ) {
    const codePoint = codePointBefore(text, at);
    const role = roleOf(codePoint);
    if (role !== extending) return role;
    at -= codePoint > 0xffff ? 2 : 1;
  }
  return free;
}

/** The code point that ends at a place, which is not the start of the text. */
export function codePointBefore(text: Text, at: number): number {
  const pair = at > 1 ? codePointAt(text, at - 2) : 0;
  return pair > 0xffff ? pair : text.charCodeAt(at - 1);
}

const roles = new Uint8Array(0x10000);
const extenders = /^[\p{M}\p{Emoji_Modifier}\u200d]/u;
const wordCharacters = /^[\p{L}\p{N}_]/u;
const withoutSpaces = new RegExp(
  `^[${'Han Hiragana Katakana Bopomofo Yi Thai Lao Khmer Myanmar Tai_Tham New_Tai_Lue Tai_Le Tai_Viet Javanese Balinese'
    .split(' ')
    .map((script) => `\\p{scx=${script}}`)
    .join('')}]`,
  'u',
);

/** Found once per character of the basic plane and remembered: regular expressions are slow for it. */
function roleOf(codePoint: number): number {
  if (codePoint > 0xffff) return findRole(codePoint);
  if (roles[codePoint] === 0) roles[codePoint] = findRole(codePoint);
  return roles[codePoint];
}

function findRole(codePoint: number): number {
  const character = String.fromCodePoint(codePoint);
  if (extenders.test(character)) return extending;
  return wordCharacters.test(character) && !withoutSpaces.test(character) ? joining : free;
}
