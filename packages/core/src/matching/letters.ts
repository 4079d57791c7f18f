import { caseVariants } from './case-folding.ts';
import type { CodePointSet } from './program.ts';

/** What a keyword leaves open. */
export interface Spelling {
  readonly caseSensitive: boolean;
  /** é counts as e, and so does e followed by a combining accent. Only accents: vowel signs of Hindi or Thai and Japanese voicing marks stay. */
  readonly ignoreAccents: boolean;
}

/** White space as Unicode has it; in keywords and texts a run of it is one space. */
export const whiteSpace: CodePointSet = Int32Array.from(
  [9, 13, 0x20, 0x20, 0x85, 0x85, 0xa0, 0xa0, 0x1680, 0x1680, 0x2000, 0x200a].concat([
    0x2028, 0x2029, 0x202f, 0x202f, 0x205f, 0x205f, 0x3000, 0x3000,
  ]),
);

/** The spellings of a keyword to look for: composed and decomposed letters (é, e + ´) are one thing, as Unicode demands. Empty where nothing is left. */
export function spellingsOf(keyword: string, { ignoreAccents }: Spelling): string[] {
  const spaced = keyword
    .replace(/\p{White_Space}+/gu, ' ')
    .replace(emojiLooks, '')
    .trim();
  const plain = ignoreAccents ? spaced.normalize('NFD').replace(accents, '') : spaced;
  return [...new Set([plain.normalize('NFC'), plain.normalize('NFD')])].filter((spelling) => spelling !== '');
}

/** The same for keywords that find the same; undefined where nothing of a keyword is left. */
export function keywordKey(keyword: string, spelling: Spelling): string | undefined {
  const [plain] = spellingsOf(keyword, spelling);
  if (plain === undefined || spelling.caseSensitive) return plain;
  return Array.from(plain, (letter) => String.fromCodePoint(caseVariants(letter.codePointAt(0) as number)[0])).join('');
}

/** The characters of a text that count as this one of a keyword. */
export function countingAs(codePoint: number, { caseSensitive, ignoreAccents }: Spelling): CodePointSet {
  const plain = caseSensitive ? [codePoint] : caseVariants(codePoint);
  const letters = new Set(plain);
  if (ignoreAccents) {
    const { forms, marks } = accented();
    for (const letter of plain) for (const form of forms.get(letter) ?? []) letters.add(form);
    for (const mark of marks) letters.delete(mark);
  }
  return setOf(letters);
}

/** What a text may hold in the midst of a keyword: the sign that chooses the look of an emoji, and accents where they do not count. */
export function ignored({ ignoreAccents }: Spelling): CodePointSet {
  const looks = [textLook, emojiLook];
  return setOf(new Set(ignoreAccents ? [...looks, ...accented().marks] : looks));
}

const textLook = 0xfe0e;
const emojiLook = 0xfe0f;
const emojiLooks = /[\ufe0e\ufe0f]/gu;

/** Marks of alphabets in which they are accents or points that writers leave out. Japanese voicing marks make other letters. */
const accents =
  /(?![\u3099\u309a])(?=\p{M})[\p{sc=Inherited}\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}\p{sc=Hebrew}\p{sc=Arabic}\p{sc=Syriac}]/gu;

interface Accented {
  /** Per letter, the precomposed characters that are it with accents. */
  readonly forms: ReadonlyMap<number, readonly number[]>;
  readonly marks: readonly number[];
}
let accentedOnce: Accented | undefined;

/** Of the basic plane, by decomposing all of it: some milliseconds, once, and only where somebody ignores accents. */
function accented(): Accented {
  if (accentedOnce) return accentedOnce;
  const forms = new Map<number, number[]>();
  const marks: number[] = [];
  for (let codePoint = 0xc0; codePoint <= 0xffff; codePoint++) {
    if (codePoint === 0xac00) codePoint = 0xf900; // Hangul syllables decompose to letters, surrogates and private use to nothing.
    const decomposed = String.fromCharCode(codePoint).normalize('NFD');
    const base = decomposed.replace(accents, '');
    if (base === '') marks.push(codePoint);
    else if (base.length === 1 && base.length < decomposed.length) {
      const letter = base.charCodeAt(0);
      forms.set(letter, [...(forms.get(letter) ?? []), codePoint]);
    }
  }
  accentedOnce = { forms, marks };
  return accentedOnce;
}

function setOf(codePoints: ReadonlySet<number>): CodePointSet {
  return Int32Array.from([...codePoints].sort((a, b) => a - b).flatMap((codePoint) => [codePoint, codePoint]));
}
