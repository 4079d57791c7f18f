import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { createOverlapIndex, diversityOf, jaccard, termsOf } from './text-overlap.ts';

it('by hand: words and pairs of words', () => {
  expect([...termsOf('Free money, FREE!')]).toEqual(['free', 'money', 'free money', 'money free']);
  // Shared: a, b, "a b"; all: a, b, c, d, "a b", "b c", "b d".
  expect(jaccard(termsOf('a b c'), termsOf('a b d'))).toBeCloseTo(3 / 7, 12);
  expect(jaccard(termsOf(''), termsOf('a'))).toBe(0);
});

it('the index finds the same greatest similarity as comparing with each', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 6 }).map((words) => words.join(' '));
  fc.assert(
    fc.property(fc.array(text, { maxLength: 8 }), text, (texts, wanted) => {
      const index = createOverlapIndex();
      for (const one of texts) index.add(termsOf(one));
      const each = texts.map((one) => jaccard(termsOf(one), termsOf(wanted)));
      expect(index.nearest(termsOf(wanted))).toBeCloseTo(Math.max(0, ...each), 12);
    }),
  );
});

it('diversity by hand', () => {
  const { distinct1, distinct2, meanSimilarity } = diversityOf(['a b', 'a b', 'c d']);
  expect(distinct1).toBeCloseTo(4 / 6, 12);
  expect(distinct2).toBeCloseTo(2 / 3, 12);
  expect(meanSimilarity).toBeCloseTo(1 / 3, 12);
  expect(diversityOf([])).toEqual({ texts: 0, distinct1: 0, distinct2: 0, meanSimilarity: 0 });
  expect(diversityOf(Array<string>(50).fill('same text'), 10).meanSimilarity).toBe(1);
});
