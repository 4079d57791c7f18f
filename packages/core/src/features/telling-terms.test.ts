import { describe, expect, test } from 'vitest';
import { createRandom } from '../math/random.ts';
import { tellingTerms } from './telling-terms.ts';

/** P(first of two labels) per text. */
const sure = (first: readonly number[]) => Float64Array.from(first.flatMap((p) => [p, 1 - p]));

describe('by hand', () => {
  const texts = [...Array.from({ length: 20 }, () => 'free money for you'), ...Array.from({ length: 20 }, () => 'meeting notes for you')];
  const posterior = sure(texts.map((text) => (text.includes('free') ? 1 : 0)));

  test('what only one label says speaks for it, what both say for none; of what stands together one is kept', () => {
    const terms = tellingTerms(texts, posterior, 2, { minDocuments: 2 });
    expect(terms.map(({ term, label }) => `${term}: ${label}`)).toEqual(['free: 0', 'meeting: 1']);
    // 20 texts of it and 5 of the prior, half of which have the label.
    expect(terms[0]).toMatchObject({ documents: 20, precision: 22.5 / 25 });
    // ln((20 + 2.5) / (20 + 5 − 22.5)) − ln(2.5 / (25 − 2.5)), over √(1/22.5 + 1/2.5).
    expect(terms[0].score).toBeCloseTo((2 * Math.log(9)) / Math.sqrt(1 / 22.5 + 1 / 2.5), 10);
  });

  test('few texts are not believed', () => {
    expect(tellingTerms(['once', ...texts], sure([1, ...texts.map(() => 0.5)]), 2, { minDocuments: 1 })).toEqual([]);
  });
});

test('a phrase that says more than its words is found', () => {
  const texts = Array.from({ length: 300 }, (_, n) => ['click on it', 'click here', 'look here'][n % 3]);
  const terms = tellingTerms(texts, sure(texts.map((text) => (text === 'click here' ? 1 : 0))), 2);
  expect(terms.find(({ label }) => label === 0)).toMatchObject({ term: 'click here', documents: 100 });
});

test('noise yields next to nothing', () => {
  const random = createRandom(5);
  const words = Array.from({ length: 300 }, (_, n) => `w${n}`);
  const texts = Array.from({ length: 2000 }, () => Array.from({ length: 20 }, () => words[random.integer(words.length)]).join(' '));
  expect(tellingTerms(texts, sure(texts.map(() => (random.next() < 0.5 ? 1 : 0))), 2).length).toBeLessThan(3);
});

test('several labels may hold: each is held against its own absence', () => {
  const texts = Array.from({ length: 200 }, (_, n) =>
    n % 4 === 0 ? 'goal and vote' : n % 4 === 1 ? 'goal' : n % 4 === 2 ? 'vote' : 'rain',
  );
  const posterior = Float64Array.from(texts.flatMap((text) => [text.includes('goal') ? 1 : 0, text.includes('vote') ? 1 : 0]));
  const terms = tellingTerms(texts, posterior, 2, { ngrams: 1 });
  expect(terms.slice(0, 2).map(({ term, label }) => [term, label])).toEqual([
    ['goal', 0],
    ['vote', 1],
  ]);
});

test('nothing to look at', () => {
  expect(tellingTerms([], new Float64Array(0), 2)).toEqual([]);
  expect(tellingTerms(['a', 'b'], new Float64Array(0), 0)).toEqual([]);
  expect(tellingTerms(['', ''], sure([1, 0]), 2)).toEqual([]);
});
