import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findWords, foldWord } from './words.ts';

function wordsOf(text: string): string[] {
  const bounds: number[] = [];
  findWords(text, bounds);
  return Array.from({ length: bounds.length / 2 }, (_, at) => text.slice(bounds[2 * at], bounds[2 * at + 1]));
}

describe('findWords', () => {
  test.each([
    ["Don't pay £1,000 – e-mail me_now!", ['Don', 't', 'pay', '1', '000', 'e', 'mail', 'me', 'now']],
    ['Ünïcode naïve cafe\u0301 Straße', ['Ünïcode', 'naïve', 'cafe\u0301', 'Straße']],
    ['שָׁלוֹם עולם', ['שָׁלוֹם', 'עולם']],
    ['हिन्दी में लिखा', ['हिन्दी', 'में', 'लिखा']],
    ['मैं\u200dने', ['मैं\u200dने']],
    ['한국어 문장입니다', ['한국어', '문장입니다']],
    ['great 👍🏽👍 day❤️🎉', ['great', '👍', '👍', 'day', '❤', '🎉']],
    ['𝒳𝒴 𐐀𐐁', ['𝒳𝒴', '𐐀𐐁']],
    ['\u0301 ¿? … \ud800 \udc00', []],
    ['', []],
  ])('%s', (text, expected) => {
    expect(wordsOf(text)).toEqual(expected);
  });

  test('scripts without spaces are cut, at the border to others too', () => {
    expect(wordsOf('我喜欢TypeScript。')).toEqual(['我', '喜欢', 'TypeScript']);
    expect(wordsOf('日本語の文章です')).toEqual(['日本語', 'の', '文章', 'です']);
    expect(wordsOf('สวัสดีครับ').length).toBeGreaterThan(1);
  });

  test('any text: places ascend, do not overlap, hold no gap, and lone surrogates are nobody’s words', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.boolean(), (text, broken) => {
        const given = broken ? `\ud83d${text}\ude00\ud83d` : text;
        const bounds: number[] = [7];
        findWords(given, bounds);
        let before = 0;
        for (let at = 0; at < bounds.length; at += 2) {
          expect(bounds[at]).toBeGreaterThanOrEqual(before);
          expect(bounds[at + 1]).toBeGreaterThan(bounds[at]);
          before = bounds[at + 1];
        }
        expect(before).toBeLessThanOrEqual(given.length);
        for (const word of wordsOf(given)) expect(foldWord(word)).not.toMatch(/^$|\s/);
      }),
    );
  });
});

test('foldWord unifies case and compatibility forms, and leaves no space', () => {
  expect(foldWord('FREE')).toBe('free');
  expect(foldWord('Ｆｒｅｅ')).toBe('free');
  expect(foldWord('ﬁne')).toBe('fine');
  expect(foldWord('İ')).toBe(foldWord('i\u0307'));
  expect(foldWord('ﷺ')).not.toContain(' ');
});
