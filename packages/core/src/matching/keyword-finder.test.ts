import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FinderOptions, KeywordFinder } from './keyword-finder.ts';
import { isWordBoundary } from './word-boundary.ts';

const usual: FinderOptions = { caseSensitive: false, wholeWords: true, ignoreAccents: false };

function find(keywords: readonly string[], text: string, options: Partial<FinderOptions> = {}, cells?: number): string[] {
  const found: string[] = [];
  new KeywordFinder(keywords, { ...usual, ...options }, cells).visit(text, (keyword, start, end) => {
    found.push(`${keyword}@${start}-${end}`);
    return true;
  });
  return found.sort();
}
const seen = (keywords: readonly string[], text: string, options: Partial<FinderOptions> = {}): string[] => {
  const found: string[] = [];
  new KeywordFinder(keywords, { ...usual, ...options }).visit(text, (_, start, end) => found.push(text.slice(start, end)) > 0);
  return found;
};

describe('whole words', () => {
  it('do not lie inside of others', () => {
    expect(find(['free', 'freedom'], 'Free, freedom_free freedom')).toEqual(['0@0-4', '1@19-26']);
    expect(find(['free'], 'freedom', { wholeWords: false })).toEqual(['0@0-4']);
    expect(seen(['c++', '.net', '100% free'], 'C++11 .NET 100%  free')).toEqual(['C++', '.NET', '100%  free']);
  });

  it('end where letters of any alphabet end', () => {
    expect(seen(['кот', 'שלום', 'naïve'], 'Кот, котёнок, שלום! naïveté NAÏVE')).toEqual(['Кот', 'שלום', 'NAÏVE']);
  });

  it('are found anywhere in scripts without spaces', () => {
    expect(seen(['東京', 'カメラ', 'ไทย'], '私は東京都でカメラを買う ภาษาไทย tokyo東京')).toEqual(['東京', 'カメラ', 'ไทย', '東京']);
  });

  it('keep characters whole that a reader sees as one', () => {
    expect(seen(['cafe', '👍', '👩', 'か'], 'cafe\u0301 👍🏽 👩\u200d👧 か\u3099')).toEqual([]);
    expect(seen(['❤', 'ok'], 'I ❤\ufe0f you 👍🏽ok ❤\ufe0fok')).toEqual(['❤\ufe0f', 'ok', '❤\ufe0f', 'ok']);
  });
});

describe('what does not count', () => {
  it('is case, by simple folding', () => {
    expect(seen(['straße', 'ΣΊΣΥΦΟΣ', 'kelvin', '𐐀𐐁'], 'STRAẞE strasse σίσυφος \u212aelvin 𐐨𐐩')).toEqual([
      'STRAẞE',
      'σίσυφος',
      '\u212aelvin',
      '𐐨𐐩',
    ]);
    expect(seen(['ıspanak', 'istanbul'], 'ISPANAK İstanbul istanbul ıspanak')).toEqual(['istanbul', 'ıspanak']);
    expect(seen(['Apple'], 'apple Apple', { caseSensitive: true })).toEqual(['Apple']);
  });

  it('is how much white space stands in a phrase, and of what kind', () => {
    expect(seen([' free  money '], 'free money free\r\n\tmoney free\u00a0money freemoney')).toEqual([
      'free money',
      'free\r\n\tmoney',
      'free\u00a0money',
    ]);
    expect(seen(['a b c'], 'a b  b c, a  b  c')).toEqual(['a  b  c']);
  });

  it('is whether letters are composed', () => {
    expect(seen(['é', 'e\u0301te'], 'e\u0301 ÉTE E\u0301TE')).toEqual(['e\u0301', 'ÉTE', 'E\u0301TE']);
  });

  it('is accents where they are ignored', () => {
    const keywords = ['cafe', 'ÉCOLE', 'שלום', 'が'];
    expect(seen(keywords, 'CAFÉ cafe\u0301, ecole שָׁלוֹם か が', { ignoreAccents: true })).toEqual([
      'CAFÉ',
      'cafe\u0301',
      'ecole',
      'שָׁלוֹם',
      'が',
    ]);
    expect(seen(['cafe'], 'café cafés', {})).toEqual([]);
  });
});

describe('the search', () => {
  it('finds the words of Aho and Corasick in ushers', () => {
    expect(find(['he', 'she', 'his', 'hers'], 'ushers', { wholeWords: false })).toEqual(['0@2-4', '1@1-4', '3@2-6']);
  });

  it('stops when told', () => {
    let visits = 0;
    new KeywordFinder(['a'], usual).visit('a a a', () => ++visits < 2);
    expect(visits).toBe(2);
  });

  it('survives NUL, lone surrogates, the empty text and long runs', () => {
    expect(find(['a', '😀'], '')).toEqual([]);
    expect(find(['a\0b', '😀'], 'a\0b \ud83d \ude00 \ud83d😀')).toEqual(['0@0-3', '1@9-11']);
    const run = ' \ufe0f'.repeat(200_000);
    expect(find(['a b'], `a${run}b a${run}`)).toEqual([`0@0-${run.length + 2}`]);
    expect(find(['a'.repeat(200), 'a'], 'a'.repeat(100_000))).toEqual([]);
  });

  it('is the same with and without a table, and as a search by regular expressions at every place', () => {
    const letters = [
      'a',
      'b',
      'A',
      'é',
      'e\u0301',
      'k',
      '\u212a',
      's',
      'ſ',
      '東',
      '京',
      '❤',
      '\ufe0f',
      ' ',
      ' ',
      '\u00a0',
      '\n',
      '-',
      '😀',
      '\u0301',
      '\ud83d',
    ];
    const text = fc.array(fc.constantFrom(...letters), { maxLength: 25 }).map((list) => list.join(''));
    const keyword = fc
      .array(fc.constantFrom(...letters.slice(0, 16)), { minLength: 1, maxLength: 4 })
      .map((list) => list.join(''))
      .filter((word) => word.replace(/[\s\ufe0f]/g, '') !== '');
    fc.assert(
      fc.property(
        fc.array(keyword, { minLength: 1, maxLength: 5 }),
        text,
        fc.boolean(),
        fc.boolean(),
        (keywords, where, caseSensitive, wholeWords) => {
          const options = { caseSensitive, wholeWords };
          const wanted = everyPlace(keywords, where, options);
          expect(find(keywords, where, options)).toEqual(wanted);
          expect(find(keywords, where, options, 0)).toEqual(wanted);
        },
      ),
      { numRuns: 5000 },
    );
  });
});

function everyPlace(
  keywords: readonly string[],
  text: string,
  { caseSensitive, wholeWords }: Pick<FinderOptions, 'caseSensitive' | 'wholeWords'>,
): string[] {
  const found = new Set<string>();
  keywords.forEach((keyword, k) => {
    for (const form of ['NFC', 'NFD']) {
      const plain = keyword
        .replaceAll('\ufe0f', '')
        .replace(/\p{White_Space}+/gu, ' ')
        .trim()
        .normalize(form);
      const source = Array.from(plain, (letter) =>
        letter === ' ' ? '\\p{White_Space}[\\p{White_Space}\ufe0f]*' : `${letter}\ufe0f*`,
      ).join('');
      const at = new RegExp(source, caseSensitive ? 'uy' : 'uiy');
      for (let start = 0; start < text.length; start++) {
        at.lastIndex = start;
        const end = start + (at.exec(text)?.[0].length ?? -1);
        if (end < start || (text.charCodeAt(start) >= 0xdc00 && text.charCodeAt(start) <= 0xdfff)) continue;
        if (!wholeWords || (isWordBoundary(text, start) && isWordBoundary(text, end))) found.add(`${k}@${start}-${end}`);
      }
    }
  });
  return [...found].sort();
}
