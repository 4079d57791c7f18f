import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createRandom } from '../math/random.ts';
import { jaccardOf, nearDuplicates } from './near-duplicates.ts';

const long = 'the quick brown fox jumps over the lazy dog and runs away into the deep dark wood where nobody will ever find it again';

it('ignores case, punctuation and spaces', () => {
  expect(nearDuplicates(['Call  now: FREE prize!', 'something else', 'call now free prize'])).toEqual([{ rows: [0, 2], similarity: 1 }]);
});

it('finds texts that differ in a word, and says how much they share', () => {
  const changed = long.replace('again', 'there');
  // 24 words, 22 sequences of three, 21 of them shared: 21 / 23.
  expect(nearDuplicates([long, 'short', changed])).toEqual([{ rows: [0, 2], similarity: 21 / 23 }]);
  expect(nearDuplicates([long, changed], { similarity: 0.95 })).toEqual([]);
});

it('groups what hangs together, weakest link first named', () => {
  const once = long.replace('again', 'there');
  const twice = once.replace('quick', 'slow');
  const [group] = nearDuplicates([twice, once, long]);
  expect(group.rows).toEqual([0, 1, 2]);
  expect(group.similarity).toBeGreaterThanOrEqual(0.8);
  expect(group.similarity).toBeLessThan(21 / 23);
});

it('leaves texts without words and without neighbours alone', () => {
  expect(nearDuplicates(['', '…', '', 'one', 'two'])).toEqual([]);
  expect(nearDuplicates([])).toEqual([]);
});

it('finds every pair that the exact similarity finds', () => {
  const random = createRandom(3);
  const words = Array.from({ length: 400 }, (_, at) => `w${at}`);
  const texts: string[] = [];
  for (let at = 0; at < 150; at++) {
    const text = Array.from({ length: 60 }, () => words[random.integer(400)]);
    texts.push(text.join(' '));
    text[random.integer(60)] = 'changed';
    texts.push(text.join(' '));
  }
  const groups = nearDuplicates(texts);
  // One of 58 sequences changes in up to three places: similarity at least 55 / 61.
  expect(groups.map(({ rows }) => rows)).toEqual(Array.from({ length: 150 }, (_, at) => [2 * at, 2 * at + 1]));
});

it('groups the same texts in any order', () => {
  const pool = ['a b c d e f', 'a b c d e f g', 'x y z', 'X, y z', 'p q r s', long];
  fc.assert(
    fc.property(fc.shuffledSubarray(pool, { minLength: 2 }), (texts) => {
      const named = (list: readonly string[]): string[] =>
        nearDuplicates(list, { similarity: 0.7 })
          .map(({ rows }) =>
            rows
              .map((row) => list[row])
              .sort()
              .join('|'),
          )
          .sort();
      expect(named(texts)).toEqual(named([...texts].sort()));
    }),
  );
});

it('measures lists', () => {
  expect(jaccardOf(Int32Array.of(1, 2, 3), Int32Array.of(2, 3, 4))).toBe(0.5);
  expect(jaccardOf(Int32Array.of(), Int32Array.of())).toBe(0);
});

it('refuses a similarity that means nothing', () => {
  expect(() => nearDuplicates([], { similarity: 0.2 })).toThrow('0.5..1');
});
