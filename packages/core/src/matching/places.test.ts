import { describe, expect, it } from 'vitest';
import { itemId, labelId } from '../model/ids.ts';
import { type Item, textOf } from '../model/item.ts';
import { describeFound } from './describe-found.ts';
import { codePointsBefore, placesIn } from './places.ts';

const item = (parts: Record<string, string>): Item => ({
  id: itemId('1'),
  fields: {},
  parts: {
    photo: { modality: 'image', content: 'a.png' },
    ...Object.fromEntries(Object.entries(parts).map(([name, content]) => [name, { modality: 'text' as const, content }])),
  },
});

describe('places', () => {
  it('are code points of the stored text: emoji one, joined emoji as many as they have, CRLF two, a lone surrogate one', () => {
    const text = '😀 e\u0301\r\n👩\u200d👧 שלום \ud83d end';
    const before = codePointsBefore(text, [0, 2, 3, text.indexOf('ש'), text.indexOf('end'), text.length]);
    const wanted = (offset: number): number => Array.from(text.slice(0, offset)).length;
    for (const offset of [0, 2, 3, text.indexOf('ש'), text.indexOf('end'), text.length]) expect(before(offset)).toBe(wanted(offset));
    expect([before(2), before(text.indexOf('ש')), before(text.indexOf('end'))]).toEqual([1, 10, 17]);
  });

  it('lie in the part that they were found in', () => {
    const whole = item({ subject: '😀 win', text: 'now' });
    expect(textOf(whole)).toBe('😀 win\nnow');
    expect(
      placesIn(whole, undefined, [
        { start: 7, end: 10, label: labelId('spam') },
        { start: 3, end: 6 },
      ]),
    ).toEqual([
      { part: 'text', start: 0, end: 3, label: 'spam' },
      { part: 'subject', start: 2, end: 5 },
    ]);
    expect(placesIn(whole, 'text', [{ start: 0, end: 1 }])).toEqual([{ part: 'text', start: 0, end: 1 }]);
  });

  it('that reach over parts are one in each; the break between them is in none', () => {
    const whole = item({ a: 'ab', b: 'cd' });
    expect(
      placesIn(whole, undefined, [
        { start: 1, end: 4 },
        { start: 2, end: 3 },
      ]),
    ).toEqual([
      { part: 'a', start: 1, end: 2 },
      { part: 'b', start: 0, end: 1 },
    ]);
  });

  it('may be empty', () => {
    expect(
      placesIn(item({ a: '', b: 'x' }), undefined, [
        { start: 0, end: 0 },
        { start: 2, end: 2 },
      ]),
    ).toEqual([
      { part: 'a', start: 0, end: 0 },
      { part: 'b', start: 1, end: 1 },
    ]);
  });
});

describe('what was found, in words', () => {
  const all = (text: string, word: string) =>
    Array.from(text.matchAll(new RegExp(word, 'g')), ({ index, 0: { length } }) => ({ start: index, end: index + length }));

  it('counts and puts the most frequent first', () => {
    expect(describeFound('win a prize, win now', [...all('win a prize, win now', 'prize'), ...all('win a prize, win now', 'win')])).toBe(
      "matched 'win' (2 times), 'prize'",
    );
  });

  it('is one short line', () => {
    expect(describeFound('a\r\n\0b', [{ start: 0, end: 5 }])).toBe("matched 'a b'");
    expect(describeFound('😀'.repeat(99), [{ start: 0, end: 198 }])).toBe(`matched '${'😀'.repeat(60)}…'`);
    expect(describeFound('abcdefg', all('abcdefg', '.'))).toBe("matched 'a', 'b', 'c', 'd', 'e', 2 more");
  });
});
